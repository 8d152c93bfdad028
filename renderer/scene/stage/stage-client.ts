import type { Annotation } from '../../../preload/contract/annotation.ts';
import { askForBricks } from '../../state/bricks.ts';
import { storedWindow, toGrey } from '../../state/display.ts';
import { onRetry } from '../../state/offline.ts';
import { useSession } from '../../state/session.ts';
import { useEdits } from '../../state/edits.ts';
import { toast } from '../../state/toasts.ts';
import { setView, useView } from '../../state/view.ts';
import type { PaneId } from '../../state/volume-geometry.ts';
import { markColours } from '../../ui/colour-maps.ts';
import type { FromStage, Mark, PaneCanvases, ToStage } from './messages.ts';
import type { Request } from './want-list.ts';

/** The drawing worker as the window sees it: stores in, bricks in, pictures straight to the canvases. */
class StageClient {
  readonly #worker: Worker;
  readonly #requests = new Map<number, AbortController>();
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
    this.#sendCaps();
    this.#sendShown();
    this.#sendCamera();
    this.#sendLook();
    this.#sendMarks();
    useView.subscribe((now, before) => {
      if (now.volume !== before.volume || now.channel !== before.channel || now.time !== before.time) this.#sendShown();
      if (now.positionNm !== before.positionNm || now.nmPerPx !== before.nmPerPx || now.orbit !== before.orbit)
        this.#sendCamera();
      if (
        now.window !== before.window ||
        now.gamma !== before.gamma ||
        now.inverted !== before.inverted ||
        now.projection !== before.projection ||
        now.volume !== before.volume
      )
        this.#sendLook();
      if (now.graphicsRun !== before.graphicsRun) this.post({ t: 'restart' });
      if (now.activePane !== before.activePane) this.post({ t: 'active', pane: now.activePane });
    });
    useSession.subscribe((now, before) => {
      if (now.drawing !== before.drawing) this.#sendCaps();
    });
    onRetry(() => this.post({ t: 'retry' }));
    useEdits.subscribe((now, before) => {
      if (
        now.annotations !== before.annotations ||
        now.selected !== before.selected ||
        now.lineStartNm !== before.lineStartNm
      )
        this.#sendMarks();
    });
  }

  #sendShown(): void {
    const { volume, channel, time } = useView.getState();
    this.post({ t: 'shown', shown: volume && { volume, channel, time } });
  }

  #sendCaps(): void {
    const { memoryMb, graphicsMb } = useSession.getState().drawing;
    this.post({ t: 'caps', caps: { memory: memoryMb * 1e6, graphics: graphicsMb * 1e6 } });
  }

  #sendCamera(): void {
    const { positionNm, nmPerPx, orbit } = useView.getState();
    this.post({ t: 'camera', camera: { positionNm, nmPerPx, orbit } });
  }

  #sendLook(): void {
    const { volume, window, gamma, inverted, projection } = useView.getState();
    const stored = volume ? storedWindow(volume.display, window) : window;
    this.post({ t: 'look', look: { window: stored, gamma, inverted, projection } });
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
    if (message.t === 'ask') void this.#fetch(message.shown, message.request);
    else if (message.t === 'abort') this.#abort(message.lanes);
    else if (message.t === 'stats') setView({ stats: message.stats });
    else if (message.t === 'value') this.#adoptValue(message.positionNm, message.value);
    else this.#onGraphics(message.state);
  }

  #adoptValue(positionNm: readonly number[], stored: number | null): void {
    const { cursor, volume } = useView.getState();
    if (!cursor || !volume || !cursor.positionNm.every((nm, a) => nm === positionNm[a])) return;
    setView({ cursor: { ...cursor, stored, value: stored === null ? null : toGrey(volume.display, stored) } });
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

  #abort(lanes: readonly number[]): void {
    for (const lane of lanes) {
      this.#requests.get(lane)?.abort();
      this.#requests.delete(lane);
    }
  }

  async #fetch(shown: Extract<FromStage, { t: 'ask' }>['shown'], { lane, bricks, ahead }: Request): Promise<void> {
    const request = new AbortController();
    this.#requests.set(lane, request);
    const { signal } = request;
    const outcome = await askForBricks({ ...shown, bricks, ahead, signal }, (batch) => {
      const own =
        batch.byteOffset === 0 && batch.byteLength === batch.buffer.byteLength
          ? (batch as Uint8Array<ArrayBuffer>)
          : batch.slice();
      this.post({ t: 'bricks', lane, batch: own }, [own.buffer]);
    });
    this.#requests.delete(lane);
    if (!signal.aborted) this.post({ t: 'over', lane, outcome });
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
