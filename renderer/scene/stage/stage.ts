import type { Vec3 } from '../../../preload/contract/space.ts';
import type { PaneId } from '../../state/volume-geometry.ts';
import { levelForPlane, planeAxes } from '../../state/volume-geometry.ts';
import type { DrawStats } from '../../state/view.ts';
import { BrickFlow } from './brick-flow.ts';
import { Figures } from './figures.ts';
import { Graphics, projectionLevelOf } from './graphics.ts';
import type { Camera, Caps, FromStage, Look, Mark, Shown, ToStage } from './messages.ts';
import { usualCaps } from './messages.ts';
import { PanePainter, planesOf } from './pane-painter.ts';
import { memoryMs } from './travel.ts';

/** Textures are filled for this long in a frame, so that drawing stays smooth. */
const uploadMs = 8;
/** A view is still this long after its last change. */
const settleMs = 140;
/** While it moves, bricks are asked for this often. */
const wantEveryMs = 60;

/** Draws all panes from one GPU context, in a worker. Nothing runs while nothing changes. */
export class Stage {
  readonly #post: (message: FromStage) => void;
  readonly #panes = new Map<PaneId, PanePainter>();
  readonly #flow: BrickFlow;
  #graphics: Graphics | null = null;
  #shown: Shown | null = null;
  #caps = usualCaps;
  #camera: Camera | null = null;
  #look: Look = { window: [0, 255], gamma: 1, inverted: false, projection: 'max' };
  #marks: readonly Mark[] = [];
  #pointerNm: Vec3 | null = null;
  #active: PaneId = 'xy';
  #movedAt = -Infinity;
  #frame = 0;
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  #wantTimer: ReturnType<typeof setTimeout> | undefined;
  #wantedAt = -Infinity;
  #toUpload: string[] = [];
  readonly #figures: Figures;

  constructor(post: (message: FromStage) => void) {
    this.#post = post;
    this.#flow = new BrickFlow(post, usualCaps.memory);
    this.#figures = new Figures(
      () => this.#readFigures(),
      (stats) => post({ t: 'stats', stats }),
    );
    this.#makeGraphics();
  }

  receive(message: ToStage): void {
    switch (message.t) {
      case 'shown':
        return this.#adoptShown(message.shown);
      case 'caps':
        return this.#adoptCaps(message.caps);
      case 'retry':
        return this.#flow.retry();
      case 'pane':
        this.#panes.set(message.pane, new PanePainter(message.pane, message.key, message.canvases));
        return;
      case 'size':
        return this.#sizePane(message);
      case 'gone':
        if (this.#panes.get(message.pane)?.key === message.key) this.#panes.delete(message.pane);
        return;
      case 'camera':
        return this.#adoptCamera(message.camera);
      case 'look':
        return this.#adoptLook(message.look);
      case 'restart':
        return this.#graphics?.lose();
      case 'marks':
        return this.#adoptMarks(message.marks);
      case 'active':
        this.#active = message.pane;
        return;
      case 'pointer':
        return this.#adoptPointer(message.positionNm);
      case 'bricks':
        return this.#adoptBricks(message.batch);
      case 'over':
        this.#flow.ended(message.lane, message.outcome);
        return this.#schedule();
    }
  }

  #makeGraphics(): void {
    try {
      this.#graphics = new Graphics(() => this.#onLost());
      this.#adoptInGraphics();
    } catch {
      this.#graphics = null;
      this.#post({ t: 'graphics', state: 'none' });
    }
  }

  /** The textures are gone; the bricks are still in memory, so a new context shows the same picture. */
  #onLost(): void {
    this.#post({ t: 'graphics', state: 'lost' });
    this.#graphics = null;
    setTimeout(() => {
      this.#makeGraphics();
      if (!this.#graphics) return;
      this.#toUpload = [...this.#flow.seenHere];
      this.#redraw('image');
      this.#wantSoon();
      this.#post({ t: 'graphics', state: 'back' });
    }, 300);
  }

  #adoptInGraphics(): void {
    this.#graphics?.adopt(this.#shown?.volume ?? null, this.#flow.part, this.#caps.graphics);
  }

  #adoptShown(shown: Shown | null): void {
    const before = this.#shown;
    this.#shown = shown;
    this.#flow.adopt(shown);
    this.#toUpload = [];
    this.#figures.restart();
    if (shown && before?.volume === shown.volume) this.#graphics?.adoptPart(shown.volume, this.#flow.part);
    else {
      this.#adoptInGraphics();
      this.#redraw('image');
      this.#redraw('overlay');
    }
    // Of another channel or time, the picture before stays until the first bricks are here.
    for (const pane of this.#panes.values()) pane.sharp = false;
    this.#wantSoon();
  }

  #adoptCaps(caps: Caps): void {
    this.#caps = caps;
    this.#flow.setCap(caps.memory);
    this.#adoptInGraphics();
    this.#toUpload = [...this.#flow.seenHere];
    this.#redraw('image');
    this.#wantSoon();
  }

  #sizePane({ pane: id, key, width, height, ratio }: Extract<ToStage, { t: 'size' }>): void {
    const pane = this.#panes.get(id);
    if (pane?.key !== key) return;
    pane.resize(width, height, ratio);
    this.#wantSoon();
    this.#schedule();
  }

  #adoptCamera(camera: Camera): void {
    const turned = this.#camera && JSON.stringify(camera.orbit) !== JSON.stringify(this.#camera.orbit);
    const moved =
      !this.#camera ||
      this.#camera.nmPerPx !== camera.nmPerPx ||
      this.#camera.positionNm.some((nm, a) => nm !== camera.positionNm[a]);
    this.#camera = camera;
    if (turned || (moved && this.#look.projection === 'planes')) this.#movedAt = performance.now();
    for (const pane of this.#panes.values()) {
      const stale = pane.id === '3d' ? turned || this.#look.projection === 'planes' : moved;
      if (stale) pane.imageDirty = true;
      pane.overlayDirty = true;
    }
    if (moved) {
      this.#flow.moved(camera.positionNm, performance.now());
      this.#flow.countArrivals(planesOf(this.#panes), camera);
      this.#wantSoon();
      // Once it rests it may set out to either side.
      clearTimeout(this.#restTimer);
      this.#restTimer = setTimeout(() => this.#want(), memoryMs + 20);
    }
    this.#schedule();
  }

  #adoptLook(look: Look): void {
    this.#look = look;
    this.#movedAt = performance.now();
    this.#redraw('image');
  }

  #adoptMarks(marks: readonly Mark[]): void {
    this.#marks = marks;
    this.#redraw('overlay');
  }

  #adoptPointer(positionNm: Vec3 | null): void {
    this.#pointerNm = positionNm;
    if (positionNm) this.#post({ t: 'value', positionNm, value: this.#flow.valueAt(positionNm) });
    if (this.#marks.some((mark) => mark.draft)) this.#redraw('overlay');
  }

  #adoptBricks(batch: Uint8Array): void {
    this.#toUpload.push(...this.#flow.take(batch));
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

  #paint(): void {
    this.#frame = 0;
    const { shown, camera } = { shown: this.#shown, camera: this.#camera };
    if (!shown || !camera) return this.#panes.forEach((pane) => pane.paintNothing());
    const { volume } = shown;
    let more = this.#upload(shown);
    const moving = performance.now() - this.#movedAt < settleMs;
    const { store, part } = this.#flow;
    for (const pane of this.#panes.values()) {
      if (pane.hidden) continue;
      if (pane.overlayDirty) pane.paintOverlay({ volume, camera, marks: this.#marks, pointerNm: this.#pointerNm });
      const slice = pane.imageDirty && pane.id !== '3d';
      if (this.#graphics && (pane.imageDirty || pane.id === '3d'))
        more = pane.paintImage(this.#graphics, { volume, camera, look: this.#look, store, part, moving }) || more;
      if (slice) this.#figures.countPicture(pane.blank);
    }
    this.#figures.tellSoon();
    if (more) this.#schedule();
  }

  /** Fills textures within the frame's budget; true while there is more. */
  #upload({ volume }: Shown): boolean {
    const graphics = this.#graphics;
    if (!graphics?.atlas) return false;
    const until = performance.now() + uploadMs;
    let any = false;
    while (this.#toUpload.length > 0 && performance.now() < until) {
      const key = this.#toUpload.shift() ?? '';
      const brick = this.#flow.store.get(key);
      if (!brick || graphics.atlas.has(key)) continue;
      if (graphics.atlas.put(graphics.renderer, key, brick, (held) => this.#flow.isSeen(held))) any = true;
    }
    if (any) for (const pane of this.#panes.values()) if (pane.id !== '3d' && !pane.sharp) pane.imageDirty = true;
    if (this.#panes.has('3d')) this.#fillDense(graphics, volume, until);
    return this.#toUpload.length > 0;
  }

  #fillDense(graphics: Graphics, volume: Shown['volume'], until: number): void {
    const pane = this.#panes.get('3d');
    for (const dense of [graphics.preview, graphics.dense]) {
      if (!dense || dense.complete) continue;
      if (
        dense.fill(graphics.renderer, volume, this.#flow.store, until + 4) &&
        (dense === graphics.shown || dense.complete) &&
        pane
      )
        pane.imageDirty = true;
    }
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
    const { shown, camera } = { shown: this.#shown, camera: this.#camera };
    if (!shown || !camera) return;
    this.#wantedAt = performance.now();
    const orbit = this.#panes.get('3d');
    const projection =
      orbit && !orbit.hidden
        ? { level: projectionLevelOf(shown.volume), lacks: (key: string) => this.#graphics?.lacks(key) ?? false }
        : null;
    const planes = planesOf(this.#panes);
    this.#flow.want({ camera, planes, projection }, performance.now());
    this.#flow.countArrivals(planes, camera);
    const { atlas } = this.#graphics ?? {};
    const ready = this.#flow.seenHere.filter((key) => atlas?.has(key) === false && this.#flow.store.get(key)?.voxels);
    this.#toUpload = [...ready, ...this.#toUpload.filter((key) => !this.#flow.isSeen(key))];
    this.#schedule();
  }

  #readFigures(): Omit<DrawStats, 'frames' | 'blankFrames'> | null {
    const { shown, camera } = { shown: this.#shown, camera: this.#camera };
    if (!shown || !camera) return null;
    const plane = this.#active === '3d' ? 'xy' : this.#active;
    return {
      inFlight: this.#flow.outstanding,
      memoryBytes: this.#flow.store.bytes,
      graphicsBytes: this.#graphics?.atlas?.residentBytes ?? 0,
      level: levelForPlane(shown.volume, planeAxes[plane], camera.nmPerPx),
      ...this.#flow.arrivals,
    };
  }
}
