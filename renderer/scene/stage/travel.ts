import type { BrickAddress } from '../../../preload/contract/brick.ts';
import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { gridOf, levelForPlane, map3, planeAxes } from '../../state/volume-geometry.ts';
import type { BrickRange, PlaneView } from './brick-plan.ts';
import { bricksInView, keyOf, listRange } from './brick-plan.ts';
import type { Camera } from './messages.ts';

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
  readonly camera: Camera;
  readonly planes: readonly PlaneView[];
  readonly speedNmPerS: Vec3;
  readonly mostNear: number;
  readonly mostFar: number;
}

const horizonS = 2;
const mostSteps = 64;

/** Bricks that are not in view but will be, soonest first. A view that rests may go either way through its planes. */
export function planAhead({ volume, camera, planes, speedNmPerS, mostNear, mostFar }: AheadInput): Ahead {
  const found = new Map<string, BrickAddress>();
  const inView = new Set<string>();
  const reach = planes.map((view) => ({ view, level: levelForPlane(volume, planeAxes[view.plane], camera.nmPerPx) }));
  for (const { view, level } of reach)
    for (const brick of rangeOf(volume, level, view, camera)) inView.add(keyOf(brick));
  const add = (bricks: readonly BrickAddress[]): void => {
    for (const brick of bricks) {
      const key = keyOf(brick);
      if (!inView.has(key) && !found.has(key)) found.set(key, brick);
    }
  };
  const most = mostNear + mostFar;
  for (const { view, level } of reach) {
    const places = placesAhead(volume, level, camera.positionNm, speedNmPerS);
    for (const positionNm of places) {
      if (found.size >= most) break;
      add(rangeOf(volume, level, view, { ...camera, positionNm }));
    }
    if (places.length === 0) add(besides(volume, level, view, camera));
  }
  const all = [...found.values()];
  return { near: all.slice(0, mostNear), far: all.slice(mostNear, most) };
}

const rangeOf = (volume: Volume, level: number, view: PlaneView, camera: Camera): readonly BrickAddress[] => {
  const range = bricksInView(volume, level, view, camera);
  return range ? listRange(level, range) : [];
};

/** Where the cross-hair will be, no more than a brick from one place to the next. */
function placesAhead(volume: Volume, level: number, positionNm: Vec3, speedNmPerS: Vec3): readonly Vec3[] {
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
  return Array.from({ length: steps }, (_, i) =>
    map3((a) => positionNm[a] + (speedNmPerS[a] * seconds * (i + 1)) / steps),
  );
}

/** A view that rests may set out through so many voxels before its speed is known. */
const besideVoxels = 8;

/** The next bricks on either side of the plane, nearest first: one of a block, several of single sections. */
function besides(volume: Volume, level: number, view: PlaneView, camera: Camera): readonly BrickAddress[] {
  const { normal } = planeAxes[view.plane];
  const found = volume.levels[level];
  const range = bricksInView(volume, level, view, camera);
  if (!found || !range) return [];
  const last = gridOf(found)[normal] - 1;
  const shifted = (by: number): BrickRange => ({
    from: map3((a) => range.from[a] + (a === normal ? by : 0)),
    to: map3((a) => range.to[a] + (a === normal ? by : 0)),
  });
  const reach = Math.ceil(besideVoxels / found.brick[normal]);
  const steps = Array.from({ length: reach }, (_, i) => [i + 1, -i - 1]).flat();
  return steps.flatMap((by) =>
    range.from[normal] + by < 0 || range.to[normal] + by > last ? [] : listRange(level, shifted(by)),
  );
}
