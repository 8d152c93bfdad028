import type { Vec3 } from '../../../preload/contract/space.ts';
import type { DrawStats } from '../../state/view.ts';
import type { Box3 } from '../../state/volume-geometry.ts';
import type { ViewNow } from './brick-flow.ts';
import { BrickFlow } from './brick-flow.ts';
import type { SourceBricks } from './brick-plan.ts';
import { Figures } from './figures.ts';
import { Graphics } from './graphics.ts';
import { LabelTables } from './label-tables.ts';
import type { Cameras, Caps, FromStage, Mark, StageScene, ToStage } from './messages.ts';
import { usualCaps } from './messages.ts';
import type { ImageScene } from './pane-painter.ts';
import type { OverlayScene } from './overlay.ts';
import { PanePainter } from './pane-painter.ts';
import type { PlaneCuts } from './plane-cuts.ts';
import { levelForView } from './plane-view.ts';
import { readingsAt } from './readings.ts';
import { VolumeShelf } from './scene-layers.ts';
import type { ShownScene } from './stage-scene.ts';
import { emptyScene, plansAt, plansOf, showScene, tellingLayer } from './stage-scene.ts';
import { capsBeside, ShapeRoom } from './shapes/shape-room.ts';
import type { Place } from './sources.ts';
import { memoryMs } from './travel.ts';
import { Uploads } from './uploads.ts';

/** Textures are filled for this long in a frame, so that drawing stays smooth. */
const uploadMs = 8;
/** A view is still this long after its last change. */
const settleMs = 140;
/** While it moves, bricks are asked for this often. */
const wantEveryMs = 60;

/** Draws all panes from one GPU context, in a worker. Nothing runs while nothing changes. */
export class Stage {
  readonly #post: (message: FromStage) => void;
  readonly #panes = new Map<string, PanePainter>();
  readonly #flow: BrickFlow;
  readonly #uploads: Uploads;
  readonly #tables = new LabelTables();
  readonly #shapes: ShapeRoom;
  readonly #shelf = new VolumeShelf();
  #graphics: Graphics | null = null;
  #shown: ShownScene = emptyScene;
  #caps = usualCaps;
  #cameras: Cameras = {};
  #marks: readonly Mark[] = [];
  #tiles: OverlayScene['tiles'] = [];
  #pointerNm: Vec3 | null = null;
  #active = '';
  #movedAt = -Infinity;
  #frame = 0;
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  #wantTimer: ReturnType<typeof setTimeout> | undefined;
  #wantedAt = -Infinity;
  readonly #figures: Figures;

  constructor(post: (message: FromStage) => void) {
    this.#post = post;
    this.#flow = new BrickFlow(post, usualCaps.memory);
    this.#uploads = new Uploads(this.#flow);
    this.#shapes = new ShapeRoom(
      (ask) => post({ t: 'shape-ask', ask }),
      () => this.#onShapes(),
      usualCaps,
    );
    this.#figures = new Figures(
      () => this.#readFigures(),
      (stats) => post({ t: 'stats', stats }),
    );
    this.#makeGraphics();
  }

  receive(message: ToStage): void {
    switch (message.t) {
      case 'scene':
        return this.#adoptScene(message.scene);
      case 'cameras':
        return this.#adoptCameras(message.cameras);
      case 'caps':
        return this.#adoptCaps(message.caps);
      case 'retry':
        this.#shapes.retry();
        return this.#flow.retry();
      case 'pane':
        return this.#addPane(message);
      case 'size':
        return this.#sizePane(message);
      case 'gone':
        return this.#dropPane(message.pane, message.key);
      case 'restart':
        return this.#graphics?.lose();
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
      case 'bricks':
        return this.#adoptBricks(message.lane, message.batch);
      case 'over':
        this.#flow.ended(message.lane, message.outcome);
        return this.#schedule();
      case 'shoot':
      case 'shoot-cancel':
        return;
      case 'shape':
        this.#shapes.take(message.answer);
        return this.#schedule();
    }
  }

  #makeGraphics(): void {
    try {
      this.#graphics = new Graphics(this.#caps.graphics, () => this.#onLost());
      this.#showInAtlas();
    } catch {
      this.#graphics = null;
      this.#post({ t: 'graphics', state: 'none' });
    }
  }

  /** The textures are gone; the bricks are still in memory, so a new context shows the same picture. */
  #onLost(): void {
    this.#post({ t: 'graphics', state: 'lost' });
    this.#graphics = null;
    this.#shapes.loseGraphics();
    setTimeout(() => {
      this.#makeGraphics();
      if (!this.#graphics) return;
      this.#tables.uploadAgain();
      this.#uploads.refill(this.#graphics.atlas);
      this.#redraw('image');
      this.#wantSoon();
      this.#post({ t: 'graphics', state: 'back' });
    }, 300);
  }

  /** Shares the textures among the volumes shown. */
  #showInAtlas(): void {
    const volumes = new Set(this.#shown.layers.map(({ place }) => place.volume));
    if (this.#graphics?.atlas.show([...volumes])) this.#uploads.refill(this.#graphics.atlas);
  }

  #adoptScene(scene: StageScene): void {
    const before = this.#shown;
    const { shown, changed } = showScene(scene, this.#shelf, before.layers);
    this.#shown = shown;
    if (changed.length > 0) {
      this.#flow.forget(changed);
      this.#graphics?.atlas.forget((page) => changed.some((id) => page.startsWith(`${id}/`)));
    }
    this.#tables.adopt(shown.layers);
    this.#adoptShapes(scene);
    this.#uploads.adopt(shown.layers, this.#tables);
    this.#showInAtlas();
    if (!before.layers.some(({ layer }) => shown.layers.some((one) => one.layer.id === layer.id)))
      this.#figures.restart();
    this.#movedAt = performance.now();
    for (const pane of this.#panes.values()) pane.sharp = false;
    this.#redraw('image');
    this.#redraw('overlay');
    this.#wantSoon();
  }

  /** Shapes take their part of the memory once there are any. */
  #adoptShapes(scene: StageScene): void {
    const before = this.#shapes.isEmpty;
    this.#shapes.adopt(scene);
    if (before !== this.#shapes.isEmpty) this.#adoptCaps(this.#caps);
  }

  /** Shapes came, or are ready to draw. */
  #onShapes(): void {
    this.#redraw('image');
    this.#wantSoon();
  }

  #adoptCaps(caps: Caps): void {
    this.#caps = caps;
    const { bricks, shapes } = capsBeside(caps, this.#shapes.isEmpty);
    this.#shapes.setCaps(shapes);
    this.#flow.setCap(bricks.memory);
    this.#graphics?.setCap(bricks.graphics);
    this.#showInAtlas();
    if (this.#graphics) this.#uploads.refill(this.#graphics.atlas);
    this.#redraw('image');
    this.#wantSoon();
  }

  #addPane({ pane, key, canvases }: Extract<ToStage, { t: 'pane' }>): void {
    this.#panes.get(pane.id)?.dispose();
    const painter = new PanePainter(pane, key, canvases);
    const camera = this.#cameras[pane.id];
    if (camera) painter.look(camera);
    this.#panes.set(pane.id, painter);
  }

  #dropPane(id: string, key: number): void {
    const pane = this.#panes.get(id);
    if (pane?.key !== key) return;
    pane.dispose();
    this.#panes.delete(id);
  }

  #sizePane({ pane: id, key, width, height, ratio }: Extract<ToStage, { t: 'size' }>): void {
    const pane = this.#panes.get(id);
    if (pane?.key !== key) return;
    pane.resize(width, height, ratio);
    this.#wantSoon();
    this.#schedule();
  }

  #adoptCameras(cameras: Cameras): void {
    const before = this.#cameras;
    this.#cameras = cameras;
    for (const [id, pane] of this.#panes) {
      const camera = cameras[id];
      if (!camera || JSON.stringify(camera) === JSON.stringify(before[id])) continue;
      const turned = JSON.stringify(camera.orbit) !== JSON.stringify(before[id]?.orbit);
      if (pane.isOrbit && (turned || this.#shown.scene.slicesIn3d)) this.#movedAt = performance.now();
      pane.look(camera);
      pane.imageDirty ||= !pane.isOrbit || turned || this.#shown.scene.slicesIn3d;
      pane.overlayDirty = true;
    }
    const position = Object.values(cameras)[0]?.positionNm;
    if (position) this.#flow.moved(position, performance.now());
    this.#countArrivals();
    this.#wantSoon();
    // Once it rests it may set out to either side.
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(() => this.#want(), memoryMs + 20);
    this.#schedule();
  }

  #adoptPointer(positionNm: Vec3 | null): void {
    this.#pointerNm = positionNm;
    if (positionNm) {
      const readings = readingsAt(this.#shown.layers, this.#flow.store, positionNm);
      this.#post({ t: 'values', positionNm, readings });
    }
    if (this.#marks.some((mark) => mark.draft)) this.#redraw('overlay');
  }

  #pick({ id, pane: name, px, py }: Extract<ToStage, { t: 'pick' }>): void {
    const pane = this.#panes.get(name);
    const scene = this.#imageScene(false);
    const orbit = scene && pane?.orbitScene(scene);
    const picked =
      this.#graphics && pane && orbit ? pane.orbitPainter(this.#graphics).pick(this.#graphics, orbit, px, py) : null;
    this.#post({ t: 'picked', id, picked });
  }

  #adoptBricks(lane: number, batch: Uint8Array): void {
    this.#uploads.add(this.#flow.take(lane, batch));
    this.#schedule();
  }

  #redraw(what: 'image' | 'overlay'): void {
    for (const pane of this.#panes.values()) {
      if (what === 'image') pane.imageDirty = true;
      else pane.overlayDirty = true;
    }
    this.#schedule();
  }

  #schedule(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#paint());
  }

  /** What panes are drawn from; null where nothing is shown. */
  #imageScene(moving: boolean): ImageScene | null {
    const { scene, layers, boundsNm } = this.#shown;
    return (
      boundsNm && {
        scene,
        layers,
        boundsNm,
        store: this.#flow.store,
        tables: this.#tables,
        shapes: this.#shapes,
        moving,
      }
    );
  }

  #paint(): void {
    this.#frame = 0;
    const image = this.#imageScene(performance.now() - this.#movedAt < settleMs);
    if (!image) return this.#panes.forEach((pane) => pane.paintNothing());
    let more = this.#upload();
    more = this.#shapes.work(performance.now() + uploadMs) || more;
    for (const pane of this.#panes.values()) more = this.#paintPane(pane, image, image.boundsNm) || more;
    this.#figures.tellSoon();
    if (more) this.#schedule();
  }

  #paintPane(pane: PanePainter, image: ImageScene, boundsNm: Box3): boolean {
    if (pane.hidden) return false;
    const { scene } = image;
    if (pane.overlayDirty)
      pane.paintOverlay({ scene, boundsNm, marks: this.#marks, tiles: this.#tiles, pointerNm: this.#pointerNm });
    if (!this.#graphics) return false;
    const slice = pane.imageDirty && !pane.isOrbit;
    const more = slice || pane.isOrbit ? pane.paintImage(this.#graphics, image) : false;
    if (slice) this.#figures.countPicture(pane.blank);
    return more;
  }

  /** Fills textures within the frame's budget; true while there is more. */
  #upload(): boolean {
    if (!this.#graphics) return false;
    if (this.#uploads.step(this.#graphics, performance.now() + uploadMs))
      for (const pane of this.#panes.values()) pane.imageDirty ||= !pane.isOrbit && !pane.sharp;
    return this.#uploads.left > 0;
  }

  #wantSoon(): void {
    if (this.#wantTimer !== undefined) return;
    const wait = Math.max(16, this.#wantedAt + wantEveryMs - performance.now());
    this.#wantTimer = setTimeout(() => {
      this.#wantTimer = undefined;
      this.#want();
    }, wait);
  }

  /** Asks for what the view lacks, and uploads what it lacks and memory has. */
  #want(): void {
    this.#wantedAt = performance.now();
    this.#flow.want(this.#viewNow(), performance.now());
    this.#wantShapes();
    this.#countArrivals();
    if (this.#graphics) this.#uploads.refill(this.#graphics.atlas);
    this.#schedule();
  }

  #wantShapes(): void {
    const { boundsNm } = this.#shown;
    if (!boundsNm || this.#shapes.isEmpty) return;
    this.#shapes.want([...this.#panes.values()].flatMap((pane) => pane.shapeView(boundsNm) ?? []));
  }

  #viewNow(): ViewNow {
    const plans = plansOf(this.#shown.layers, (place) => this.#cutsOf(place));
    const later = this.#shown.scene.timesAhead.map((time) => plansAt(plans, time));
    return { shot: [], plans, orbits: this.#orbitWants(), later };
  }

  #cutsOf(place: Place): readonly PlaneCuts[] {
    return [...this.#panes.values()].map((pane) => pane.cutsOf(place)).filter((cuts) => cuts !== null);
  }

  #orbitWants(): readonly SourceBricks[] {
    const image = this.#imageScene(false);
    const graphics = this.#graphics;
    if (!image || !graphics) return [];
    return [...this.#panes.values()].flatMap((pane) => {
      const orbit = pane.orbitScene(image);
      return orbit ? pane.orbitPainter(graphics).wants(graphics, orbit) : [];
    });
  }

  #countArrivals(): void {
    const layer = tellingLayer(this.#shown);
    const [plan = null] = layer ? plansOf([layer], (place) => this.#cutsOf(place)) : [];
    this.#flow.countArrivals(plan);
  }

  #readFigures(): Omit<DrawStats, 'frames' | 'blankFrames'> | null {
    const layer = tellingLayer(this.#shown);
    const active = this.#panes.get(this.#active);
    const pane = active && !active.isOrbit ? active : [...this.#panes.values()].find((one) => !one.isOrbit);
    const cuts = layer && pane?.cutsOf(layer.place);
    return {
      inFlight: this.#flow.outstanding + this.#shapes.outstanding,
      memoryBytes: this.#flow.store.bytes + this.#shapes.bytes,
      graphicsBytes: (this.#graphics?.atlas.residentBytes ?? 0) + this.#shapes.graphicsBytes,
      level: cuts ? levelForView(cuts.volume, cuts.view) : 0,
      ...this.#flow.arrivals,
    };
  }
}
