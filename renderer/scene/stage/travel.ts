import type { BrickAddress } from '../../../preload/contract/brick.ts';
import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { plus } from '../../state/rotation.ts';
import { map3 } from '../../state/volume-geometry.ts';
import type { PlaneCuts } from './plane-cuts.ts';
import { cutLevel, newIn, rangeOf } from './plane-cuts.ts';
import type { PlaneView } from './plane-view.ts';
import { lengthAlong, normalOf } from './plane-view.ts';
import { tailOf } from './sources.ts';

/** Where the view is going, and which bricks it will need there. */

/** The speed is a mean over about this long; a view that rests so long stands still. */
export const memoryMs = 300;

/** Follows the cross-hair and tells its speed. Times are milliseconds of any one clock. */
export class Travel {
  #at: { readonly positionNm: Vec3; readonly ms: number } | null = null;
  #nmPerS: Vec3 = [0, 0, 0];

  move(positionNm: Vec3, ms: number): void {
    const before = this.#at;
    this.#at = { positionNm, ms };
    if (!before) return;
    const seconds = Math.max(1, ms - before.ms) / 1000;
    // After a rest the first step says how far, not how fast.
    const weight = 1 - 2 ** (-Math.max(8, Math.min(ms - before.ms, memoryMs)) / (memoryMs / 2));
    this.#nmPerS = map3((a) => {
      const now = (positionNm[a] - before.positionNm[a]) / Math.max(seconds, 0.016);
      return this.#nmPerS[a] * (1 - weight) + now * weight;
    });
  }

  /** Nanometres a second along x, y, z; zero for a view that rests. */
  speed(ms: number): Vec3 {
    return this.#at && ms - this.#at.ms < memoryMs ? this.#nmPerS : [0, 0, 0];
  }

  /** Forgets the way that led here: the next move is a jump. */
  rest(): void {
    this.#at = null;
    this.#nmPerS = [0, 0, 0];
  }
}

export interface Ahead {
  /** Needed next: had in memory before it is seen. */
  readonly near: readonly BrickAddress[];
  /** Needed within seconds: had in the cache. */
  readonly far: readonly BrickAddress[];
}

export interface AheadInput {
  readonly volume: Volume;
  /** What the panes show of it now. */
  readonly cuts: readonly PlaneCuts[];
  /** In the space of the layer. */
  readonly speedNmPerS: Vec3;
  readonly mostNear: number;
  readonly mostFar: number;
}

const horizonS = 2;
const mostSteps = 64;

/** Bricks that are not in view but will be, soonest first. A view that rests may go either way through its planes. */
export function planAhead({ volume, cuts, speedNmPerS, mostNear, mostFar }: AheadInput): Ahead {
  const found = new Map<string, BrickAddress>();
  const inView = new Set(cuts.flatMap((pane) => pane.of(pane.target).map(({ tail }) => tail)));
  const most = mostNear + mostFar;
  for (const { view, target } of cuts) {
    const places = placesAhead(volume, target, view.centreNm, speedNmPerS);
    const way = places.length > 0 ? places : besides(volume, target, view);
    for (const address of bricksOnTheWay(volume, target, view, way)) {
      if (found.size >= most) break;
      const tail = tailOf(address);
      if (!inView.has(tail)) found.set(tail, address);
    }
  }
  const all = [...found.values()];
  return { near: all.slice(0, mostNear), far: all.slice(mostNear, most) };
}

/** Of a turned pane, which takes longer to cut, so many places are looked at. */
const mostTurned = 12;

/** What a pane cuts from place to place, and did not at the place before. */
function* bricksOnTheWay(
  volume: Volume,
  level: number,
  view: PlaneView,
  way: readonly Vec3[],
): Generator<BrickAddress, void> {
  let before = rangeOf(volume, level, view);
  for (const centreNm of before === 'turned' ? way.slice(0, mostTurned) : way) {
    const range = rangeOf(volume, level, { ...view, centreNm });
    if (range === 'turned') yield* cutLevel(volume, level, { ...view, centreNm }).map(({ address }) => address);
    else if (range) yield* newIn(level, range, before === 'turned' ? null : before);
    before = range;
  }
}

/** Where the middle of the pane will be, no more than a brick from one place to the next. */
function placesAhead(volume: Volume, level: number, centreNm: Vec3, speedNmPerS: Vec3): readonly Vec3[] {
  const found = volume.levels[level];
  if (!found) return [];
  const bricks = Math.max(
    ...map3((a) => (Math.abs(speedNmPerS[a]) * horizonS) / (found.brick[a] * found.voxelSizeNm[a])),
  );
  // What is faster than that is a jump: nothing says where it goes on.
  if (bricks < 0.05 || bricks > 20 * mostSteps) return [];
  const steps = Math.min(mostSteps, Math.max(2, Math.ceil(bricks)));
  // A way longer than the steps is not looked at whole: the near part counts.
  const seconds = horizonS * Math.min(1, steps / bricks);
  return Array.from({ length: steps }, (_, i) => plus(centreNm, speedNmPerS, (seconds * (i + 1)) / steps));
}

/** A view that rests may set out through so many voxels before its speed is known. */
const besideVoxels = 8;

/** Places on either side of the plane, nearest first, no more than a brick from one to the next. */
function besides(volume: Volume, level: number, view: PlaneView): readonly Vec3[] {
  const found = volume.levels[level];
  if (!found) return [];
  const normal = normalOf(view);
  const brickNm = lengthAlong(
    map3((a) => found.brick[a] * found.voxelSizeNm[a]),
    normal,
  );
  const reachNm = besideVoxels * lengthAlong(found.voxelSizeNm, normal);
  // Not beyond the reach: what lies in the same brick as the plane does now is not read for.
  const steps = Array.from({ length: Math.ceil(reachNm / brickNm - 1e-9) }, (_, i) =>
    Math.min((i + 1) * brickNm, reachNm),
  );
  return steps.flatMap((byNm) => [byNm, -byNm].map((by) => plus(view.centreNm, normal, by)));
}
