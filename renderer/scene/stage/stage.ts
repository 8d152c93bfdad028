import { unpackBricks } from '../../../preload/contract/brick.ts';
import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { PaneId } from '../../state/volume-geometry.ts';
import { levelForPlane, map3, originNm, planeAxes } from '../../state/volume-geometry.ts';
import type { PlaneView } from './brick-plan.ts';
import { keyOf, planBricks } from './brick-plan.ts';
import { BrickStore, valueAt } from './brick-store.ts';
import { Graphics, projectionLevelOf } from './graphics.ts';
import type { Camera, FromStage, Look, Mark, ToStage } from './messages.ts';
import { PanePainter } from './pane-painter.ts';

const storeCapBytes = 384e6;
/** Textures are filled for this long in a frame, so that drawing stays smooth. */
const uploadMs = 8;
/** A view is still this long after its last change. */
const settleMs = 140;
/** While it moves, bricks are asked for this often. */
const wantEveryMs = 120;
const mostWanted = 4096;

/** Draws all panes from one GPU context, in a worker. Nothing runs while nothing changes. */
export class Stage {
  readonly #post: (message: FromStage) => void;
  readonly #panes = new Map<PaneId, PanePainter>();
  readonly #store = new BrickStore(storeCapBytes);
  #graphics: Graphics | null = null;
  #volume: Volume | null = null;
  #camera: Camera | null = null;
  #look: Look = { window: [0, 255], gamma: 1, inverted: false, projection: 'max' };
  #marks: readonly Mark[] = [];
  #pointerNm: Vec3 | null = null;
  #active: PaneId = 'xy';
  #movedAt = -Infinity;
  #frame = 0;
  #wantTimer: ReturnType<typeof setTimeout> | undefined;
  #wantedAt = -Infinity;
  #generation = 0;
  /** Asked for, most wanted first; bricks on it are not put out of the textures. */
  #wanted: ReadonlySet<string> = new Set();
  #outstanding = new Set<string>();
  #toUpload: string[] = [];
  #told = '';

  constructor(post: (message: FromStage) => void) {
    this.#post = post;
    this.#makeGraphics();
  }

  receive(message: ToStage): void {
    switch (message.t) {
      case 'volume':
        return this.#adoptVolume(message.volume);
      case 'pane':
        return this.#addPane(new PanePainter(message.pane, message.key, message.canvases));
      case 'size':
        return this.#sizePane(message);
      case 'gone':
        return this.#dropPane(message.pane, message.key);
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
        return this.#adoptBricks(message.volume, message.batch);
      case 'stream-over':
        return this.#endStream(message.generation);
    }
  }

  #makeGraphics(): void {
    try {
      this.#graphics = new Graphics(() => this.#onLost());
      this.#graphics.adopt(this.#volume);
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
      this.#toUpload = [...this.#wanted].filter((key) => this.#store.has(key));
      this.#redraw('image');
      this.#wantSoon();
      this.#post({ t: 'graphics', state: 'back' });
    }, 300);
  }

  #adoptVolume(volume: Volume | null): void {
    this.#volume = volume;
    this.#store.clear();
    this.#outstanding.clear();
    this.#wanted = new Set();
    this.#toUpload = [];
    this.#graphics?.adopt(volume);
    this.#redraw('image');
    this.#redraw('overlay');
    this.#wantSoon();
  }

  #addPane(pane: PanePainter): void {
    this.#panes.set(pane.id, pane);
  }

  #sizePane({ pane: id, key, width, height, ratio }: Extract<ToStage, { t: 'size' }>): void {
    const pane = this.#panes.get(id);
    if (pane?.key !== key) return;
    pane.resize(width, height, ratio);
    this.#wantSoon();
    this.#schedule();
  }

  #dropPane(id: PaneId, key: number): void {
    if (this.#panes.get(id)?.key === key) this.#panes.delete(id);
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
    if (moved) this.#wantSoon();
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
    if (positionNm) this.#post({ t: 'value', positionNm, value: this.#valueAt(positionNm) });
    if (this.#marks.some((mark) => mark.draft)) this.#redraw('overlay');
  }

  /** The value of the finest voxel at a position that is in memory. */
  #valueAt(positionNm: Vec3): number | null {
    const volume = this.#volume;
    if (!volume) return null;
    const origin = originNm(volume);
    for (const [index, level] of volume.levels.entries()) {
      const voxel = map3((a) => Math.floor((positionNm[a] - origin[a]) / level.voxelSizeNm[a] + 1e-6));
      const value = valueAt(this.#store, index, level.brick, voxel);
      if (value !== null) return value;
    }
    return null;
  }

  #adoptBricks(volumeId: string, batch: Uint8Array): void {
    const volume = this.#volume;
    if (volume?.id !== volumeId) return;
    for (const brick of unpackBricks(batch)) {
      const key = this.#store.add(brick, volume.dtype, (held) => this.#wanted.has(held));
      this.#outstanding.delete(key);
      this.#toUpload.push(key);
    }
    this.#schedule();
  }

  #endStream(generation: number): void {
    if (generation !== this.#generation) return;
    this.#outstanding.clear();
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
    const { volume, camera } = { volume: this.#volume, camera: this.#camera };
    if (!volume || !camera) return this.#panes.forEach((pane) => pane.paintNothing());
    const uploading = this.#upload(volume);
    const moving = performance.now() - this.#movedAt < settleMs;
    let more = uploading;
    for (const pane of this.#panes.values()) {
      if (pane.hidden) continue;
      if (pane.overlayDirty) pane.paintOverlay({ volume, camera, marks: this.#marks, pointerNm: this.#pointerNm });
      const image = { volume, camera, look: this.#look, store: this.#store, moving };
      if (this.#graphics && (pane.imageDirty || pane.id === '3d'))
        more = pane.paintImage(this.#graphics, image) || more;
    }
    this.#tellStats(volume, camera);
    if (more) this.#schedule();
  }

  /** Fills textures within the frame's budget; true while there is more. */
  #upload(volume: Volume): boolean {
    const graphics = this.#graphics;
    if (!graphics?.atlas) return false;
    const until = performance.now() + uploadMs;
    let any = false;
    while (this.#toUpload.length > 0 && performance.now() < until) {
      const key = this.#toUpload.shift() ?? '';
      const brick = this.#store.get(key);
      if (brick && graphics.atlas.put(graphics.renderer, key, brick, (held) => this.#wanted.has(held))) any = true;
    }
    if (any) for (const pane of this.#panes.values()) if (pane.id !== '3d' && !pane.sharp) pane.imageDirty = true;
    if (this.#panes.has('3d')) this.#fillDense(graphics, volume, until);
    return this.#toUpload.length > 0;
  }

  #fillDense(graphics: Graphics, volume: Volume, until: number): void {
    const pane = this.#panes.get('3d');
    for (const dense of [graphics.preview, graphics.dense]) {
      if (!dense || dense.complete) continue;
      if (
        dense.fill(graphics.renderer, volume, this.#store, until + 4) &&
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

  /** Asks for what the view lacks; a running request that covers it goes on. */
  #want(): void {
    const { volume, camera } = { volume: this.#volume, camera: this.#camera };
    if (!volume || !camera) return;
    this.#wantedAt = performance.now();
    const shown = [...this.#panes.values()].filter((pane) => !pane.hidden);
    const planes = shown.flatMap((pane): PlaneView[] =>
      pane.id === '3d' ? [] : [{ plane: pane.id, size: { width: pane.width, height: pane.height } }],
    );
    const projectionLevel = shown.some((pane) => pane.id === '3d') ? projectionLevelOf(volume) : null;
    const plan = planBricks({ volume, camera, planes, projectionLevel, most: mostWanted });
    this.#wanted = new Set(plan.map(keyOf));
    const missing = plan.filter((brick) => !this.#store.has(keyOf(brick)));
    for (const key of this.#wanted)
      if (this.#store.has(key) && this.#graphics?.atlas?.has(key) === false && this.#store.get(key)?.voxels)
        this.#toUpload.push(key);
    if (this.#toUpload.length > 0) this.#schedule();
    if (missing.every((brick) => this.#outstanding.has(keyOf(brick)))) return;
    this.#outstanding = new Set(missing.map(keyOf));
    this.#post({ t: 'want', volume: volume.id, generation: ++this.#generation, bricks: missing });
    this.#schedule();
  }

  #tellStats(volume: Volume, camera: Camera): void {
    const plane = this.#active === '3d' ? 'xy' : this.#active;
    const stats = {
      inFlight: this.#outstanding.size,
      residentBytes: this.#store.bytes + (this.#graphics?.atlas?.residentBytes ?? 0),
      level: levelForPlane(volume, planeAxes[plane], camera.nmPerPx),
    };
    const text = JSON.stringify(stats);
    if (text === this.#told) return;
    this.#told = text;
    this.#post({ t: 'stats', stats });
  }
}
