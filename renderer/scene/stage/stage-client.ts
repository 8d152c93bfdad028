import type { BrickAddress } from '../../../preload/contract/brick.ts';
import type { Annotation } from '../../../preload/contract/annotation.ts';
import { streamBricks } from '../../state/bricks.ts';
import { useEdits } from '../../state/edits.ts';
import { toast } from '../../state/toasts.ts';
import { setView, useView } from '../../state/view.ts';
import type { PaneId } from '../../state/volume-geometry.ts';
import { markColours } from '../../ui/colour-maps.ts';
import type { FromStage, Mark, PaneCanvases, ToStage } from './messages.ts';

/** The drawing worker as the window sees it: stores in, bricks in, pictures straight to the canvases. */
class StageClient {
  readonly #worker: Worker;
  #stream: AbortController | null = null;
  #lostOnce = false;

  constructor() {
    this.#worker = new Worker(new URL('./stage.worker.ts', import.meta.url), { type: 'module' });
    this.#worker.onmessage = (event: MessageEvent<FromStage>) => this.#receive(event.data);
    this.#worker.onerror = () =>
      toast({
        tone: 'bad',
        title: 'Drawing stopped.',
        detail: 'Your work is saved. Close Lamella and start it again; if it comes back, report it with the log.',
      });
    this.#follow();
  }

  post(message: ToStage, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  addPane(pane: PaneId, key: number, canvases: PaneCanvases): void {
    this.post({ t: 'pane', pane, key, canvases }, [canvases.image, canvases.overlay]);
  }

  /** Sends what the stores hold now, and then each change. */
  #follow(): void {
    const view = useView.getState();
    this.post({ t: 'volume', volume: view.volume });
    this.#sendCamera();
    this.#sendLook();
    this.#sendMarks();
    useView.subscribe((now, before) => {
      if (now.volume !== before.volume) this.#adoptVolume();
      if (now.positionNm !== before.positionNm || now.nmPerPx !== before.nmPerPx || now.orbit !== before.orbit)
        this.#sendCamera();
      if (
        now.window !== before.window ||
        now.gamma !== before.gamma ||
        now.inverted !== before.inverted ||
        now.projection !== before.projection
      )
        this.#sendLook();
      if (now.graphicsRun !== before.graphicsRun) this.post({ t: 'restart' });
      if (now.activePane !== before.activePane) this.post({ t: 'active', pane: now.activePane });
    });
    useEdits.subscribe((now, before) => {
      if (
        now.annotations !== before.annotations ||
        now.selected !== before.selected ||
        now.lineStartNm !== before.lineStartNm
      )
        this.#sendMarks();
    });
  }

  #adoptVolume(): void {
    this.#stream?.abort();
    this.post({ t: 'volume', volume: useView.getState().volume });
  }

  #sendCamera(): void {
    const { positionNm, nmPerPx, orbit } = useView.getState();
    this.post({ t: 'camera', camera: { positionNm, nmPerPx, orbit } });
  }

  #sendLook(): void {
    const { window, gamma, inverted, projection } = useView.getState();
    this.post({ t: 'look', look: { window, gamma, inverted, projection } });
  }

  #sendMarks(): void {
    const { annotations, selected, lineStartNm } = useEdits.getState();
    const marks = annotations.map((annotation, index) => markOf(annotation, index, annotation.id === selected));
    const draft: readonly Mark[] = lineStartNm
      ? [{ pointsNm: [lineStartNm], colour: '#ffffff', selected: true, draft: true }]
      : [];
    this.post({ t: 'marks', marks: [...marks, ...draft] });
  }

  #receive(message: FromStage): void {
    if (message.t === 'want') void this.#fetch(message.volume, message.generation, message.bricks);
    else if (message.t === 'stats') setView({ stats: message.stats });
    else if (message.t === 'value') this.#adoptValue(message.positionNm, message.value);
    else this.#onGraphics(message.state);
  }

  #adoptValue(positionNm: readonly number[], value: number | null): void {
    const { cursor } = useView.getState();
    if (cursor && cursor.positionNm.every((nm, a) => nm === positionNm[a])) setView({ cursor: { ...cursor, value } });
  }

  #onGraphics(state: 'lost' | 'back' | 'none'): void {
    if (state === 'none')
      toast({
        tone: 'bad',
        title: 'This computer offers no WebGL 2, so volumes cannot be drawn.',
        detail: 'Everything else works. A newer graphics driver, or starting without --disable-gpu, may help.',
      });
    if (state === 'back' && !this.#lostOnce)
      toast({
        tone: 'info',
        title: 'The graphics driver was restarted',
        detail: 'The picture is drawn again from memory; nothing is lost.',
      });
    if (state === 'back') this.#lostOnce = true;
  }

  /** One request at a time: a newer one cancels the older. */
  async #fetch(volume: string, generation: number, bricks: readonly BrickAddress[]): Promise<void> {
    this.#stream?.abort();
    const stream = new AbortController();
    this.#stream = stream;
    await streamBricks(volume, bricks, stream.signal, (batch) => {
      const own =
        batch.byteOffset === 0 && batch.byteLength === batch.buffer.byteLength
          ? (batch as Uint8Array<ArrayBuffer>)
          : batch.slice();
      this.post({ t: 'bricks', volume, batch: own }, [own.buffer]);
    });
    if (!stream.signal.aborted) this.post({ t: 'stream-over', generation });
  }
}

const markOf = (annotation: Annotation, index: number, selected: boolean): Mark => ({
  pointsNm: annotation.pointsNm,
  colour: markColours[index % markColours.length] ?? '#ffffff',
  selected,
  draft: false,
});

let client: StageClient | null = null;

/** The one drawing worker, started when the first pane is shown. */
export const stageClient = (): StageClient => (client ??= new StageClient());
