import type { Vec3 } from '../../../preload/contract/space.ts';
import type { DrawStats } from '../../state/view.ts';
import type { ViewNow } from './brick-flow.ts';
import { Figures } from './figures.ts';
import type { Cameras, FromStage, Mark, ShotRequest, StageScene, ToStage } from './messages.ts';
import type { ImageScene, PanePainter } from './pane-painter.ts';
import { Lasting, Pace } from './paces.ts';
import { PaneSet } from './pane-set.ts';
import type { OverlayScene } from './overlay.ts';
import { readingsAt } from './readings.ts';
import { Resources } from './resources.ts';
import { VolumeShelf } from './scene-layers.ts';
import type { SeenScene } from './shapes/shape-room.ts';
import { ShotDesk, type ShotTools } from './shot-desk.ts';
import type { ShownScene } from './stage-scene.ts';
import { emptyScene, plansAt, plansOf, showScene, tellingLayer } from './stage-scene.ts';
import { memoryMs } from './travel.ts';

/** Textures are filled for this long in a frame, so that drawing stays smooth. */
const uploadMs = 8;
/** A view is still this long after its last change. */
const settleMs = 140;
/** A view that was whole for so long reads what lies beside it. */
const reachOutMs = 300;
/** While it moves, bricks are asked for this often. */
const wantEveryMs = 60;

/** Draws all panes from one GPU context, in a worker. Nothing runs while nothing changes. */
export class Stage {
  readonly #post: (message: FromStage) => void;
  readonly #panes = new PaneSet();
  readonly #shots: ShotDesk;
  readonly #resources: Resources;
  readonly #shelf = new VolumeShelf();
  #shown: ShownScene = emptyScene;
  #marks: readonly Mark[] = [];
  #tiles: OverlayScene['tiles'] = [];
  #pointerNm: Vec3 | null = null;
  #active = '';
  #movedAt = -Infinity;
  #frame = 0;
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #wants = new Pace(wantEveryMs, () => this.#want());
  readonly #whole = new Lasting(reachOutMs, () => this.#wants.now());
  readonly #figures: Figures;

  constructor(post: (message: FromStage) => void) {
    this.#post = post;
    this.#shots = new ShotDesk(post, () => this.#schedule());
    const tell = (stats: DrawStats): void => post({ t: 'stats', stats });
    this.#figures = new Figures(() => this.#readFigures(), tell);
    this.#resources = new Resources(post, {
      onBricks: () => this.#schedule(),
      onChange: () => this.#drawAnew(),
      onLost: (state) => this.#onLost(state),
      onBack: () => {
        this.#drawAnew();
        post({ t: 'graphics', state: 'back' });
      },
    });
  }

  receive(message: ToStage): void {
    switch (message.t) {
      case 'scene':
        return this.#adoptScene(message.scene, message.cameras);
      case 'cameras':
        return this.#adoptCameras(message.cameras);
      case 'caps':
        return this.#resources.adoptCaps(message.caps);
      case 'retry':
        this.#resources.shapes.retry();
        this.#resources.line.retry();
        return this.#resources.flow.retry();
      case 'pane':
        return this.#panes.add(message);
      case 'size':
        return this.#panes.size(message) ? this.#wants.soon() : undefined;
      case 'gone':
        return this.#panes.drop(message.pane, message.key);
      case 'restart':
        return this.#resources.graphics?.lose();
      case 'tiles':
        this.#tiles = message.outlines;
        return this.#redraw('overlay');
      case 'marks':
        this.#marks = message.marks;
        return this.#redraw('overlay');
      case 'active':
        this.#active = message.pane;
        return;
      case 'pointer':
        return this.#adoptPointer(message.positionNm);
      case 'pick':
        return this.#pick(message);
      case 'engine':
        return this.#resources.line.adopt(message.port);
      case 'library':
        return this.#resources.line.openLibrary(message.library);
      case 'shoot':
        return this.#shoot(message.id, message.shot);
      case 'shoot-cancel':
        this.#shots.cancel(message.id);
        return this.#adoptLayers();
      case 'shape':
        this.#resources.shapes.take(message.answer);
        return this.#schedule();
    }
  }

  #onLost(state: 'lost' | 'none'): void {
    if (state === 'lost') this.#shots.loseGraphics();
    else this.#shots.fail();
    this.#post({ t: 'graphics', state });
  }

  #drawAnew(): void {
    this.#redraw('image');
    this.#wants.soon();
  }

  #adoptScene(scene: StageScene, cameras: Cameras | null): void {
    const before = this.#shown;
    const { shown, changed } = showScene(scene, this.#shelf, before.layers);
    this.#shown = shown;
    if (cameras) this.#look(cameras);
    this.#resources.forget(changed);
    if (shown.layers !== before.layers) {
      this.#wants.forgetLast();
      this.#whole.restart();
    }
    this.#adoptLayers();
    if (!before.layers.some(({ layer }) => shown.layers.some((one) => one.layer.id === layer.id)))
      this.#figures.restart();
    this.#movedAt = performance.now();
    for (const pane of this.#panes) pane.sharp = false;
    this.#panes.redraw('overlay');
    this.#redraw('image');
  }

  /** What is drawn: on the screen, and of a picture that is being made. */
  #adoptLayers(): void {
    const { shown } = this.#shots;
    const layers = [...this.#shown.layers, ...(shown?.layers ?? [])];
    this.#resources.adoptLayers(layers, [this.#shown.scene, ...(shown ? [shown.scene] : [])]);
    this.#wants.soon();
    this.#schedule();
  }

  #look(cameras: Cameras): void {
    if (this.#panes.look(cameras, this.#shown.scene.slicesIn3d).turned) this.#movedAt = performance.now();
    const position = Object.values(cameras)[0]?.positionNm;
    if (position) this.#resources.flow.moved(position, performance.now());
  }

  #adoptCameras(cameras: Cameras): void {
    this.#look(cameras);
    this.#countArrivals();
    this.#wants.soon();
    // Once it rests it may set out to either side.
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(() => this.#wants.now(), memoryMs + 20);
    this.#schedule();
  }

  #adoptPointer(positionNm: Vec3 | null): void {
    this.#pointerNm = positionNm;
    if (positionNm) {
      const readings = readingsAt(this.#shown.layers, this.#resources.flow.store, positionNm);
      this.#post({ t: 'values', positionNm, readings });
    }
    if (this.#marks.some((mark) => mark.draft)) this.#redraw('overlay');
  }

  #pick({ id, pane: name, px, py }: Extract<ToStage, { t: 'pick' }>): void {
    const pane = this.#panes.get(name);
    const { graphics } = this.#resources;
    const scene = this.#resources.imageOf(this.#shown);
    const orbit = scene && pane?.orbitScene(scene);
    const picked = graphics && pane && orbit ? pane.orbitPainter(graphics).pick(graphics, orbit, px, py) : null;
    this.#post({ t: 'picked', id, picked });
  }

  #redraw(what: 'image' | 'overlay'): void {
    this.#panes.redraw(what);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#paint());
  }

  #paint(): void {
    this.#frame = 0;
    this.#wants.catchUp();
    const image = this.#resources.imageOf(this.#shown, performance.now() - this.#movedAt < settleMs);
    if (!image) for (const pane of this.#panes) pane.paintNothing();
    const uploaded = this.#resources.upload(performance.now() + uploadMs);
    if (uploaded.came) this.#panes.redrawUnsharp();
    let more = this.#resources.shapes.work(performance.now() + uploadMs) || uploaded.more;
    const due = this.#panes.due(image?.moving ?? false, performance.now());
    if (image) for (const pane of due.panes) more = this.#paintPane(pane, image) || more;
    more = this.#paintShot() || more || due.waits;
    this.#figures.tellSoon();
    if (more) this.#schedule();
    else this.#resources.spreadSoon();
    this.#whole.note(this.#resources.outstanding === 0 && this.#panes.state !== 'drawing');
  }

  #paintPane(pane: PanePainter, image: ImageScene): boolean {
    if (pane.hidden) return false;
    const { scene, boundsNm } = image;
    if (pane.overlayDirty)
      pane.paintOverlay({ scene, boundsNm, marks: this.#marks, tiles: this.#tiles, pointerNm: this.#pointerNm });
    const { graphics } = this.#resources;
    if (!graphics) return false;
    const slice = pane.wantsSlice;
    const more = slice || pane.isOrbit ? pane.paintImage(graphics, image) : pane.busy;
    if (slice && !pane.imageDirty) this.#figures.countPicture(pane.blank);
    return more;
  }

  /** Asks for what the view lacks, and uploads what it lacks and memory has. */
  #want(): void {
    this.#resources.flow.want(this.#viewNow(), performance.now());
    this.#wantShapes();
    this.#countArrivals();
    this.#resources.warm();
    this.#resources.refill();
    this.#schedule();
  }

  #wantShapes(): void {
    const { shapes } = this.#resources;
    if (shapes.isEmpty) return;
    const { shown, pane } = this.#shots;
    const seen = ({ scene, boundsNm }: ShownScene, panes: Iterable<PanePainter>): SeenScene => ({
      scene,
      views: boundsNm ? [...panes].flatMap((one) => one.shapeView(boundsNm) ?? []) : [],
    });
    shapes.want([...(shown && pane ? [seen(shown, [pane])] : []), seen(this.#shown, this.#panes)]);
  }

  #viewNow(): ViewNow {
    const { layers, scene } = this.#shown;
    const plans = plansOf(layers, (place) => this.#panes.cutsOf(place));
    const later = scene.timesAhead.map((time) => plansAt(plans, time));
    const { graphics } = this.#resources;
    const image = this.#resources.imageOf(this.#shown);
    const orbits = graphics && image ? this.#panes.orbitWants(graphics, image) : [];
    const tools = this.#shotTools();
    const shot = tools ? this.#shots.wants(tools) : [];
    return { shot, plans, orbits, later, reachesOut: this.#whole.has };
  }

  #shoot(id: number, request: ShotRequest): void {
    const shown = request.scene ? showScene(request.scene, this.#shelf, this.#shown.layers).shown : this.#shown;
    this.#shots.add(id, request, shown);
    this.#adoptLayers();
  }

  #shotTools(): ShotTools | null {
    const { graphics, flow, uploads } = this.#resources;
    if (!graphics) return null;
    return {
      graphics,
      flow,
      uploads,
      marks: this.#marks,
      tiles: this.#tiles,
      imageOf: (shown) => this.#resources.imageOf(shown),
    };
  }

  /** Goes on with a picture for a figure or a movie; true while there is more to do at once. */
  #paintShot(): boolean {
    const before = this.#shots.shown;
    const tools = this.#shotTools();
    if (!before || !tools) return false;
    const { more, want } = this.#shots.step(tools);
    if (this.#shots.shown !== before) this.#adoptLayers();
    else if (want) this.#wants.now();
    return more;
  }

  #countArrivals(): void {
    const layer = tellingLayer(this.#shown);
    const [plan = null] = layer ? plansOf([layer], (place) => this.#panes.cutsOf(place)) : [];
    this.#resources.flow.countArrivals(plan);
  }

  #readFigures(): Omit<DrawStats, 'frames' | 'blankFrames'> | null {
    const layer = tellingLayer(this.#shown);
    const cuts = layer && this.#panes.slicePane(this.#active)?.cutsOf(layer.place);
    const { outstanding: inFlight, memoryBytes, graphicsBytes, flow } = this.#resources;
    const state = this.#resources.uploads.left > 0 ? 'drawing' : this.#panes.state;
    return { inFlight, state, memoryBytes, graphicsBytes, level: cuts?.target ?? 0, ...flow.arrivals };
  }
}
