import type { Annotation } from '../../../preload/contract/annotation.ts';
import type { PaneSpec } from '../../../preload/contract/view-state.ts';
import { adoptBrickNews } from '../../state/bricks.ts';
import { followDrawingLine } from '../../state/drawing-line.ts';
import { marksInWorld, useEdits } from '../../state/edits.ts';
import { layersConcerned, layersDrawn } from '../../state/drawn-layers.ts';
import { onRetry } from '../../state/offline.ts';
import { timesAhead, usePlayback } from '../../state/playback.ts';
import { useSession } from '../../state/session.ts';
import { useLandmarks } from '../../state/landmarks.ts';
import { shapeAsks } from '../../state/shape-asks.ts';
import type { OnShot, Shot, ShotRequest } from '../../state/shots.ts';
import { cancelled, noGraphics, registerShoot } from '../../state/shots.ts';
import { useTileBorders } from '../../state/tile-borders.ts';
import { toast } from '../../state/toasts.ts';
import type { Cursor, ViewState } from '../../state/view.ts';
import { cameraOf, setView, useView } from '../../state/view.ts';
import { isReplacing, onReplaced } from '../../state/view-history.ts';
import { markColours } from '../../ui/colour-maps.ts';
import { takeNewCanvases } from './canvas-run.ts';
import { landmarkMarks } from './landmark-marks.ts';
import type { Cameras, FromStage, Mark, PaneCanvases, Picked, StageScene, ToStage } from './messages.ts';

type Document = Pick<
  ViewState,
  'layers' | 'selectedLayer' | 'volumes' | 'shapes' | 'time' | 'clip' | 'slicesIn3d' | 'crossHair' | 'checkerPx'
>;

/** What is drawn of a view. Layers that are not shown are left out: they cost nothing, however many there are. */
function sceneOf(view: Document, ahead: readonly number[]): StageScene {
  const { selectedLayer, time, clip, slicesIn3d, crossHair, checkerPx } = view;
  const layers = layersDrawn(view.layers);
  const refersTo = (field: 'volume' | 'shape', id: string): boolean =>
    layers.some((layer) => (layer as { readonly [K in typeof field]?: string })[field] === id);
  return {
    layers,
    selectedLayer,
    volumes: view.volumes.filter(({ id }) => refersTo('volume', id)),
    shapes: view.shapes.filter(({ id }) => refersTo('shape', id)),
    time,
    timesAhead: ahead,
    clip,
    slicesIn3d,
    crossHair,
    checkerPx,
  };
}

const sceneFields = [
  'selectedLayer',
  'volumes',
  'shapes',
  'time',
  'clip',
  'slicesIn3d',
  'crossHair',
  'checkerPx',
] as const;

/** Whether a change of the view concerns what is drawn: layers that are not shown may change as they like. */
function isOtherScene(now: ViewState, before: ViewState): boolean {
  if (sceneFields.some((field) => now[field] !== before[field])) return true;
  if (now.layers === before.layers) return false;
  const [shown, were] = [now, before].map(({ layers }) => layersConcerned(layers));
  return shown?.length !== were?.length || (shown?.some((layer, i) => layer !== were?.[i]) ?? false);
}

const isOtherCamera = (now: ViewState, before: ViewState): boolean =>
  (['positionNm', 'nmPerPx', 'rotation', 'orbit', 'groups', 'panes'] as const).some(
    (field) => now[field] !== before[field],
  );

interface WaitingShot {
  readonly resolve: (shot: Shot) => void;
  readonly reject: (reason: Error) => void;
  readonly onShot: OnShot | undefined;
}

/** The drawing worker as the window sees it: stores in, pictures straight to the canvases; bricks it gets by itself. */
class StageClient {
  readonly #worker: Worker;
  readonly #picks = new Map<number, (picked: Picked | null) => void>();
  readonly #shots = new Map<number, WaitingShot>();
  readonly #askForShapes = shapeAsks((answer, transfer) => this.post({ t: 'shape', answer }, transfer));
  #nextId = 1;
  #lostOnce = false;
  /** What the worker does not know yet. */
  #stale = { scene: false, cameras: false, marks: false };

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
    registerShoot((request, signal, onShot) => this.#shoot(request, signal, onShot));
  }

  post(message: ToStage, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  addPane(pane: PaneSpec, key: number, canvases: PaneCanvases): void {
    this.post({ t: 'pane', pane, key, canvases }, [canvases.image, canvases.overlay]);
    this.#sendCameras();
  }

  /** What lies under a point of a 3-D pane, CSS pixels. */
  pick(pane: string, px: number, py: number): Promise<Picked | null> {
    const id = this.#nextId++;
    this.post({ t: 'pick', id, pane, px, py });
    return new Promise((resolve) => this.#picks.set(id, resolve));
  }

  /** Sends what the stores hold now, and then each change. */
  #follow(): void {
    followDrawingLine({
      onPort: (port) => this.post({ t: 'engine', port }, port ? [port] : []),
      onLibrary: (library) => this.post({ t: 'library', library }),
    });
    this.#sendCaps();
    this.#sendScene();
    this.#sendCameras();
    this.#sendMarks();
    this.post({ t: 'active', pane: useView.getState().activePane });
    useView.subscribe((now, before) => {
      this.#stale.scene ||= isOtherScene(now, before);
      this.#stale.cameras ||= isOtherCamera(now, before);
      this.#stale.marks ||= now.layers !== before.layers;
      if (!isReplacing()) this.#sendStale();
      if (now.graphicsRun !== before.graphicsRun) this.post({ t: 'restart' });
      if (now.activePane !== before.activePane) this.post({ t: 'active', pane: now.activePane });
    });
    onReplaced(() => this.#sendStale());
    usePlayback.subscribe(() => this.#sendScene());
    useSession.subscribe((now, before) => {
      if (now.drawing !== before.drawing) this.#sendCaps();
    });
    onRetry(() => this.post({ t: 'retry' }));
    useTileBorders.subscribe(({ tiles }) =>
      this.post({ t: 'tiles', outlines: tiles.map(({ cornersNm }) => cornersNm) }),
    );
    useLandmarks.subscribe(() => this.#sendMarks());
    useEdits.subscribe((now, before) => {
      const fields = ['annotations', 'selected', 'lineStartNm'] as const;
      if (fields.some((field) => now[field] !== before[field])) this.#sendMarks();
    });
  }

  /** A scene comes with its cameras: nothing is asked for where it will not be looked at. */
  #sendStale(): void {
    const { scene, cameras, marks } = this.#stale;
    this.#stale = { scene: false, cameras: false, marks: false };
    if (scene) this.#sendScene(cameras);
    else if (cameras) this.#sendCameras();
    if (marks) this.#sendMarks();
  }

  #sendScene(withCameras = false): void {
    const scene = sceneOf(useView.getState(), timesAhead());
    this.post({ t: 'scene', scene, cameras: withCameras ? camerasNow() : null });
  }

  #sendCaps(): void {
    const { memoryMb, graphicsMb } = useSession.getState().drawing;
    this.post({ t: 'caps', caps: { memory: memoryMb * 1e6, graphics: graphicsMb * 1e6 } });
  }

  #sendCameras(): void {
    this.post({ t: 'cameras', cameras: camerasNow() });
  }

  #sendMarks(): void {
    const { annotations, selected, lineStartNm } = useEdits.getState();
    const marks = annotations.map((annotation, index) => markOf(annotation, index, annotation.id === selected));
    const draft: readonly Mark[] = lineStartNm
      ? [{ pointsNm: [lineStartNm], colour: '#ffffff', selected: true, draft: true }]
      : [];
    this.post({ t: 'marks', marks: [...marks, ...draft, ...landmarkMarks()] });
  }

  #receive(message: FromStage): void {
    switch (message.t) {
      case 'news':
        return adoptBrickNews(message.news);
      case 'shape-ask':
        return this.#askForShapes(message.ask);
      case 'stats':
        return setView({ stats: message.stats });
      case 'values':
        return this.#adoptReadings(message);
      case 'picked':
        this.#picks.get(message.id)?.(message.picked);
        this.#picks.delete(message.id);
        return;
      case 'shot':
        return this.#endShot(message.id)?.resolve(message.shot);
      case 'shot-goes':
        return this.#shots.get(message.id)?.onShot?.(message.done, message.lacks);
      case 'shot-failed':
        return this.#endShot(message.id)?.reject(noGraphics(message.message));
      case 'graphics':
        return this.#onGraphics(message.state);
    }
  }

  #adoptReadings({ positionNm, readings }: Extract<FromStage, { t: 'values' }>): void {
    const { cursor } = useView.getState();
    if (cursor?.positionNm.every((nm, a) => nm === positionNm[a])) setView({ cursor: { ...cursor, readings } });
  }

  #shoot({ document, ...shot }: ShotRequest, signal: AbortSignal, onShot: OnShot | undefined): Promise<Shot> {
    const id = this.#nextId++;
    const { volumes, shapes } = useView.getState();
    const scene = document && sceneOf({ ...document, volumes, shapes }, []);
    this.post({ t: 'shoot', id, shot: { ...shot, scene } });
    signal.addEventListener(
      'abort',
      () => {
        this.post({ t: 'shoot-cancel', id });
        this.#endShot(id)?.reject(cancelled());
      },
      { once: true },
    );
    return new Promise((resolve, reject) => this.#shots.set(id, { resolve, reject, onShot }));
  }

  #endShot(id: number): WaitingShot | undefined {
    const waiting = this.#shots.get(id);
    this.#shots.delete(id);
    return waiting;
  }

  #onGraphics(state: 'lost' | 'back' | 'none'): void {
    if (state === 'lost') takeNewCanvases();
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
}

function camerasNow(): Cameras {
  const view = useView.getState();
  return Object.fromEntries(view.panes.map(({ id }) => [id, cameraOf(view, id)]));
}

const markOf = (annotation: Annotation, index: number, selected: boolean): Mark => ({
  pointsNm: marksInWorld(annotation.pointsNm),
  colour: markColours[index % markColours.length] ?? '#ffffff',
  selected,
  draft: false,
});

let client: StageClient | null = null;

/** The one drawing worker, started when the first pane is shown. */
export const stageClient = (): StageClient => (client ??= new StageClient());

/** What lies under a point of a 3-D pane, CSS pixels from its upper left. */
export const pick = (pane: string, px: number, py: number): Promise<Picked | null> => stageClient().pick(pane, px, py);

/** Shows what lies at a point of a pane, and forgets it with null: at once what the window knows, then what bricks hold. */
export function showCursor(at: Omit<Cursor, 'readings'> | null): void {
  const { cursor } = useView.getState();
  if (at || cursor) setView({ cursor: at && { ...at, readings: cursor?.readings ?? [] } });
  stageClient().post({ t: 'pointer', positionNm: at?.positionNm ?? null, pane: at?.pane ?? null });
}
