import type { BrickAddress } from '../../../preload/contract/brick.ts';
import { unpackBricks } from '../../../preload/contract/brick.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { PlaneView } from './brick-plan.ts';
import { brickBytes, bricksInView, keyOf, listRange, partOf, planBricks } from './brick-plan.ts';
import { BrickStore, valueAt } from './brick-store.ts';
import type { Camera, FromStage, Shown } from './messages.ts';
import { planAhead, Travel } from './travel.ts';
import type { Orders, Outcome, Want } from './want-list.ts';
import { WantList } from './want-list.ts';
import { levelForPlane, map3, planeAxes } from '../../state/volume-geometry.ts';

const mostWanted = 4096;
/** Had in memory before it is seen: so much of what comes next, however many bricks that is, within bounds. */
const nearBytes = 48 * 2 ** 20;
const leastNear = 192;
const mostAhead = 960;
/** Of the memory for bricks, what may be wanted at one time: the rest is room for what was seen before. */
const wantedShare = 0.85;

export interface ViewNow {
  readonly camera: Camera;
  readonly planes: readonly PlaneView[];
  /** The level of the projection, and which of its bricks it still lacks; null where none is shown. */
  readonly projection: { readonly level: number; readonly lacks: (key: string) => boolean } | null;
}

/** Bricks on their way: what the view needs is asked for, what comes is kept, and the rest is let go. */
export class BrickFlow {
  readonly #post: (message: FromStage) => void;
  readonly #wants = new WantList();
  readonly #travel = new Travel();
  readonly store: BrickStore;
  #capBytes: number;
  #shown: Shown | null = null;
  #part = '';
  /** Wanted now or soon: not put out of memory. */
  #kept: ReadonlySet<string> = new Set();
  /** Wanted now: not put out of the textures. */
  #seen: ReadonlySet<string> = new Set();
  #inView: ReadonlySet<string> = new Set();
  /** Bricks of the right level that came into view, and those of them that were here already. */
  readonly arrivals = { entered: 0, ready: 0 };

  constructor(post: (message: FromStage) => void, capBytes: number) {
    this.#post = post;
    this.#capBytes = capBytes;
    this.store = new BrickStore(capBytes);
  }

  get part(): string {
    return this.#part;
  }

  get outstanding(): number {
    return this.#wants.outstanding;
  }

  setCap(capBytes: number): void {
    this.#capBytes = capBytes;
    this.store.setCap(capBytes);
  }

  adopt(shown: Shown | null): void {
    if (shown?.volume !== this.#shown?.volume) this.store.clear();
    this.#abort(this.#wants.clear());
    this.#shown = shown;
    this.#part = shown ? partOf(shown.channel, shown.time) : '';
    this.#kept = this.#seen = this.#inView = new Set();
    this.#travel.rest();
  }

  moved(positionNm: Vec3, ms: number): void {
    this.#travel.move(positionNm, ms);
  }

  /** Asks for what the view needs, now and soon; cancels what it does not. */
  want({ camera, planes, projection }: ViewNow, ms: number): void {
    const volume = this.#shown?.volume;
    if (!volume) return;
    const part = this.#part;
    const budget = this.#capBytes * wantedShare;
    const now = planBricks({
      volume,
      camera,
      planes,
      projectionLevel: projection?.level ?? null,
      ...(projection && { lacks: (brick: BrickAddress) => projection.lacks(keyOf(brick, part)) }),
      most: mostWanted,
    });
    const speedNmPerS = this.#travel.speed(ms);
    const mostNear = Math.max(leastNear, Math.min(mostAhead, Math.floor(nearBytes / brickBytes(volume, 0))));
    const mostFar = mostAhead - mostNear;
    const { near, far } = planAhead({ volume, camera, planes, speedNmPerS, mostNear, mostFar });
    const wants: Want[] = [];
    const kept = new Set<string>();
    let bytes = 0;
    const add = (tier: 0 | 1) => (address: BrickAddress) => {
      bytes += brickBytes(volume, address[0]);
      if (bytes > budget) return;
      const key = keyOf(address, part);
      if (kept.has(key)) return;
      kept.add(key);
      wants.push({ key, address, tier });
    };
    now.forEach(add(0));
    this.#seen = new Set(kept);
    near.forEach(add(1));
    for (const address of far) wants.push({ key: keyOf(address, part), address, tier: 2 });
    this.#kept = kept;
    this.#obey(this.#wants.update(wants, (key) => this.store.has(key)));
  }

  /** Counts which bricks of the right level come into view, and whether they were waited for. */
  countArrivals(planes: readonly PlaneView[], camera: Camera): void {
    const volume = this.#shown?.volume;
    if (!volume) return;
    const inView = new Set<string>();
    for (const view of planes) {
      const level = levelForPlane(volume, planeAxes[view.plane], camera.nmPerPx);
      const range = bricksInView(volume, level, view, camera);
      for (const brick of range ? listRange(level, range) : []) inView.add(keyOf(brick, this.#part));
    }
    for (const key of inView) {
      if (this.#inView.has(key)) continue;
      this.arrivals.entered += 1;
      if (this.store.has(key)) this.arrivals.ready += 1;
    }
    this.#inView = inView;
  }

  isSeen(key: string): boolean {
    return this.#seen.has(key);
  }

  /** What is in view and in memory, most wanted first. */
  get seenHere(): readonly string[] {
    return [...this.#seen].filter((key) => this.store.has(key));
  }

  /** Keeps what has come; gives the keys of what is worth uploading. */
  take(batch: Uint8Array): readonly string[] {
    const shown = this.#shown;
    if (!shown) return [];
    const came: string[] = [];
    for (const brick of unpackBricks(batch)) {
      const key = keyOf(brick.address, this.#part);
      if (this.store.add(key, brick, shown.volume.display.dtype, (held) => this.#kept.has(held))) came.push(key);
      this.#wants.arrived(key);
    }
    return came;
  }

  ended(lane: number, outcome: Outcome): void {
    this.#obey(this.#wants.ended(lane, outcome));
  }

  retry(): void {
    this.#obey(this.#wants.retry());
  }

  /** The stored value of the finest voxel at a position that is in memory. */
  valueAt(positionNm: Vec3): number | null {
    const volume = this.#shown?.volume;
    if (!volume) return null;
    for (const [index, level] of volume.levels.entries()) {
      const voxel = map3((a) => Math.floor((positionNm[a] - level.originNm[a]) / level.voxelSizeNm[a] + 1e-6));
      const value = valueAt(this.store, index, level.brick, voxel, this.#part);
      if (value !== null) return value;
    }
    return null;
  }

  #obey({ abort, start }: Orders): void {
    this.#abort(abort);
    const shown = this.#shown;
    if (!shown) return;
    const { channel, time } = shown;
    for (const request of start) this.#post({ t: 'ask', shown: { volume: shown.volume.id, channel, time }, request });
  }

  #abort(lanes: readonly number[]): void {
    if (lanes.length > 0) this.#post({ t: 'abort', lanes });
  }
}
