import type { Layer } from '../../preload/contract/view-state.ts';
import { problemOf } from './layer-problems.ts';
import { tryAgain, useOffline } from './offline.ts';
import { retryShapes, useShapeTrouble } from './shape-asks.ts';
import type { ShotLack, ShotRequest } from './shots.ts';
import { cancelled, shoot } from './shots.ts';
import { useView } from './view.ts';

/** What an export waits for longer than a moment: a line for each layer. */
export interface ExportWait {
  readonly layer: string;
  readonly name: string;
  readonly why: string;
}

/** Something that stays away for so long is waited for, and told. */
const longMs = 4_000;

/** An export of many pictures: each waits until it is whole, unless the user goes on without what does not come. */
export class ExportRun {
  readonly signal: AbortSignal;
  readonly #stop = new AbortController();
  readonly #layers: readonly Layer[];
  readonly #onWaits: (waits: readonly ExportWait[]) => void;
  readonly #without = new Map<string, { away: number; memory: number }>();
  #whole = true;
  #again: AbortController | null = null;
  #lacked = '';
  #since = 0;

  /** `layers`: those that are exported, for their names. */
  constructor(layers: readonly Layer[], onWaits: (waits: readonly ExportWait[]) => void) {
    this.signal = this.#stop.signal;
    this.#layers = layers;
    this.#onWaits = onWaits;
  }

  cancel(): void {
    this.#stop.abort();
  }

  /** From now on what can't be had is left out. */
  goOnWithout(): void {
    this.#whole = false;
    this.#again?.abort();
  }

  /** A picture's pixels; `onDone`: the part of it that is drawn, 0 to 1. Throws 'cancelled'. */
  async shoot(
    request: Omit<ShotRequest, 'whole'>,
    onDone: (done: number) => void = () => undefined,
  ): Promise<Uint8Array<ArrayBuffer>> {
    for (;;) {
      if (this.signal.aborted) throw cancelled();
      const again = (this.#again = new AbortController());
      const stop = (): void => again.abort();
      this.signal.addEventListener('abort', stop);
      const onShot = (done: number, lacks: readonly ShotLack[]): void => {
        onDone(done);
        this.#hear(lacks, performance.now());
      };
      try {
        const { rgba, lacks } = await shoot({ ...request, whole: this.#whole }, again.signal, onShot);
        this.#hear([], performance.now());
        for (const lack of lacks) this.#leaveOut(lack);
        return rgba;
      } catch (error) {
        if (this.signal.aborted || !again.signal.aborted) throw error;
      } finally {
        this.signal.removeEventListener('abort', stop);
      }
    }
  }

  /** What the pictures lack, a sentence for each layer. */
  get lacks(): readonly string[] {
    return [...this.#without].flatMap(([id, { away, memory }]) => {
      const name = `“${this.#nameOf(id)}”`;
      return [
        ...(away > 0 ? [`${name} is not whole: parts of it could not be had.`] : []),
        ...(memory > 0 ? [`${name} is coarser than it could be: memory holds no more.`] : []),
      ];
    });
  }

  #leaveOut({ layer, away, memory }: ShotLack): void {
    const before = this.#without.get(layer) ?? { away: 0, memory: 0 };
    this.#without.set(layer, { away: before.away + away, memory: before.memory + memory });
  }

  /** What comes by and by is no news; what can't be had, or does not come, is. */
  #hear(lacks: readonly ShotLack[], nowMs: number): void {
    const lacked = JSON.stringify(lacks);
    if (lacked !== this.#lacked) [this.#lacked, this.#since] = [lacked, nowMs];
    const late = nowMs - this.#since > longMs;
    const told = lacks.filter(({ away, coming }) => away > 0 || (late && coming > 0));
    this.#onWaits(told.map((lack) => ({ layer: lack.layer, name: this.#nameOf(lack.layer), why: this.#whyOf(lack) })));
  }

  #nameOf(id: string): string {
    return this.#layers.find((layer) => layer.id === id)?.name ?? id;
  }

  #whyOf({ layer: id, away, coming }: ShotLack): string {
    const layer = this.#layers.find((one) => one.id === id);
    const sources = { ...useOffline.getState(), troubles: useShapeTrouble.getState() };
    const problem = layer && problemOf(layer, useView.getState(), sources);
    if (problem) return problem.text;
    const [parts, verb] = away + coming === 1 ? ['1 part', 'has'] : [`${away + coming} parts`, 'have'];
    return away > 0 ? `${parts} can’t be had` : `${parts} ${verb} not come yet`;
  }
}

/** Asks the sources of layers again for what they did not give. */
export function askAgain(waits: readonly ExportWait[]): void {
  tryAgain();
  for (const { layer: id } of waits) {
    const layer = useView.getState().layers.find((one) => one.id === id);
    if (layer && 'shape' in layer) retryShapes(layer.shape);
  }
}
