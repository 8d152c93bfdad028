import type { BrickAddress } from '../../../preload/contract/brick.ts';
import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { cross } from '../../state/rotation.ts';
import type { Axis } from '../../state/volume-geometry.ts';
import { gridOf, map3 } from '../../state/volume-geometry.ts';
import type { PlaneView } from './plane-view.ts';
import { levelForView } from './plane-view.ts';
import { tailOf } from './sources.ts';

type Level = Volume['levels'][number];

/** The part of a pane in which it cuts a brick. */
export interface Cut {
  readonly address: BrickAddress;
  readonly tail: string;
  /** Convex; x, y, x, y…: pixels from the middle of the pane. Reaches a little beyond the brick. */
  readonly polygon: readonly number[];
}

/** Voxels of a level along one axis, linear in the pixels from the middle of the pane. */
export interface Ramp {
  readonly at: number;
  readonly perX: number;
  readonly perY: number;
}

export type Ramps = readonly [Ramp, Ramp, Ramp];

/** Pixels that polygons reach beyond their bricks: rasterizers put corners on a grid, and the shader keeps to the voxels. */
const overlapPx = 1 / 8;
/** Pixels beyond the pane that are still cut, so that nothing is missing at its edge, and outlines know what is beyond. */
const marginPx = 1.25;
/** A plane that strays less than this many voxels over the pane lies along the axes. */
const flatVoxels = 1e-6;

const isFlat = ({ perX, perY }: Ramp, { width, height }: PlaneView): boolean =>
  Math.abs(perX) * (width + 2) + Math.abs(perY) * (height + 2) < flatVoxels;

/**
 * Where the pixels of a pane lie among a level's voxels; null where a plane along the axes passes it by. Such a plane goes
 * through the middle of the voxels that it is in. Levels may be shifted by half a voxel: at the very face of the volume a
 * level still shows its first section.
 */
export function rampsOf(level: Level, view: PlaneView): Ramps | null {
  const ramps = map3Of((a) => ({
    at: (view.centreNm[a] - level.originNm[a]) / level.voxelSizeNm[a],
    perX: view.right[a] / level.voxelSizeNm[a],
    perY: view.down[a] / level.voxelSizeNm[a],
  }));
  const axis = ([0, 1, 2] as const).find((a) => isFlat(ramps[a], view));
  if (axis === undefined) return ramps;
  const { at } = ramps[axis];
  const size = level.size[axis];
  if (at <= -1 || at >= size + 1) return null;
  const voxel = Math.max(0, Math.min(size - 1, Math.floor(at + 1e-6)));
  return map3Of((a) => (a === axis ? { at: voxel + 0.5, perX: 0, perY: 0 } : ramps[a]));
}

const map3Of = <T>(f: (axis: Axis) => T): readonly [T, T, T] => [f(0), f(1), f(2)];

export const along = ({ at, perX, perY }: Ramp, x: number, y: number): number => at + perX * x + perY * y;

/** What lies on the positive side of a line: `ramp` at least 0. Sutherland and Hodgman 1974. */
function clipped(polygon: readonly number[], ramp: Ramp): readonly number[] {
  const out: number[] = [];
  const count = polygon.length / 2;
  let [x0, y0] = [polygon[2 * count - 2] ?? 0, polygon[2 * count - 1] ?? 0];
  let d0 = along(ramp, x0, y0);
  for (let i = 0; i < count; i++) {
    const [x1, y1] = [polygon[2 * i] ?? 0, polygon[2 * i + 1] ?? 0];
    const d1 = along(ramp, x1, y1);
    if (d0 < 0 !== d1 < 0) {
      const share = d0 / (d0 - d1);
      out.push(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share);
    }
    if (d1 >= 0) out.push(x1, y1);
    [x0, y0, d0] = [x1, y1, d1];
  }
  return out.length >= 6 ? out : [];
}

/** What lies between two voxels along an axis. */
function between(polygon: readonly number[], { at, perX, perY }: Ramp, from: number, to: number): readonly number[] {
  const above = clipped(polygon, { at: at - from, perX, perY });
  return above.length === 0 ? above : clipped(above, { at: to - at, perX: -perX, perY: -perY });
}

/** The bricks that a polygon reaches along an axis: first and last. */
function reachOf(polygon: readonly number[], ramp: Ramp, brick: number, grid: number): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < polygon.length; i += 2) {
    const voxel = along(ramp, polygon[i] ?? 0, polygon[i + 1] ?? 0);
    if (voxel < low) low = voxel;
    if (voxel > high) high = voxel;
  }
  const first = Math.floor(low / brick);
  return [Math.max(0, first), Math.min(grid - 1, Math.max(first, Math.ceil(high / brick) - 1))];
}

export const areaOf = (polygon: readonly number[]): number => {
  let twice = 0;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2)
    twice += (polygon[j] ?? 0) * (polygon[i + 1] ?? 0) - (polygon[i] ?? 0) * (polygon[j + 1] ?? 0);
  return Math.abs(twice) / 2;
};

/** Slivers that no pixel can see. */
const leastAreaPx = 1e-6;

/** A little more than the pane, in pixels from its middle. */
function paneOf(view: PlaneView): readonly number[] {
  const [w, h] = [view.width / 2 + marginPx, view.height / 2 + marginPx];
  return [-w, -h, w, -h, w, h, -w, h];
}

/**
 * Every brick of a level that a pane, or a convex part of it, cuts, and where. O(bricks cut). What lies further right and
 * below comes first: bricks reach over each other by a hair, and a pixel in the middle of which one ends and the other
 * begins is of the one that begins.
 */
export function cutLevel(volume: Volume, index: number, view: PlaneView, within = paneOf(view)): readonly Cut[] {
  const level = volume.levels[index];
  const ramps = level && rampsOf(level, view);
  if (!level || !ramps) return [];
  const grid = gridOf(level);
  const [u, v, n] = sweepOrder(ramps);
  const overlaps = map3((a) => overlapPx * Math.hypot(ramps[a].perX, ramps[a].perY));
  const cuts: Cut[] = [];
  const sweep = (polygon: readonly number[], axis: Axis, visit: (i: number, part: readonly number[]) => void): void => {
    const ramp = ramps[axis];
    const [first, last] = reachOf(polygon, ramp, level.brick[axis], grid[axis]);
    const isRising = ramp.perX + ramp.perY > 0;
    for (let n = first; n <= last; n++) {
      const i = isRising ? first + last - n : n;
      const from = i * level.brick[axis];
      const to = Math.min(from + level.brick[axis], level.size[axis]);
      const part = between(polygon, ramp, from - overlaps[axis], to + overlaps[axis]);
      if (part.length > 0) visit(i, part);
    }
  };
  sweep(within, u, (i, column) =>
    sweep(column, v, (j, cell) =>
      sweep(cell, n, (k, polygon) => {
        if (areaOf(polygon) < leastAreaPx) return;
        const at = map3((a) => (a === u ? i : a === v ? j : k));
        const address: BrickAddress = [index, ...at];
        cuts.push({ address, tail: tailOf(address), polygon });
      }),
    ),
  );
  return cuts;
}

/** Inclusive range of bricks along each axis. */
export interface BrickRange {
  readonly from: Vec3;
  readonly to: Vec3;
}

/**
 * The bricks of a level that a pane along the axes cuts; 'turned' where it lies at an angle, null where it passes by. The
 * same bricks as `cutLevel`'s, without where they are cut.
 */
export function rangeOf(volume: Volume, index: number, view: PlaneView): BrickRange | 'turned' | null {
  const level = volume.levels[index];
  const ramps = level && rampsOf(level, view);
  if (!level || !ramps) return null;
  const [w, h] = [view.width / 2 + marginPx, view.height / 2 + marginPx];
  const moved = (voxelsPerPx: number, px: number): boolean => Math.abs(voxelsPerPx) * px >= flatVoxels;
  // Along the axes, the way to the right crosses the voxels of one axis alone, and so does the way down.
  const across = ramps.filter(({ perX }) => moved(perX, w));
  const down = ramps.filter(({ perY }) => moved(perY, h));
  if (across.length > 1 || down.length > 1 || across[0] === down[0]) return 'turned';
  const grid = gridOf(level);
  const reach = map3Of((a) => reachOf(paneOf(view), ramps[a], level.brick[a], grid[a]));
  if (reach.some(([first, last]) => first > last)) return null;
  return { from: map3((a) => reach[a][0]), to: map3((a) => reach[a][1]) };
}

/** The bricks of a range that are not in another one. */
export function newIn(level: number, { from, to }: BrickRange, before: BrickRange | null): readonly BrickAddress[] {
  const found: BrickAddress[] = [];
  const isIn = (a: Axis, i: number): boolean => before !== null && i >= before.from[a] && i <= before.to[a];
  for (let z = from[2]; z <= to[2]; z++)
    for (let y = from[1]; y <= to[1]; y++) {
      const known = isIn(2, z) && isIn(1, y);
      for (let x = from[0]; x <= to[0]; x++) if (!known || !isIn(0, x)) found.push([level, x, y, z]);
    }
  return found;
}

/** The axes, the one most along the normal last: through it a plane is thinnest. */
function sweepOrder(ramps: Ramps): readonly [Axis, Axis, Axis] {
  const normal = cross(
    map3((a) => ramps[a].perX),
    map3((a) => ramps[a].perY),
  );
  const axes = ([0, 1, 2] as const).toSorted((a, b) => Math.abs(normal[a]) - Math.abs(normal[b]));
  return axes as unknown as readonly [Axis, Axis, Axis];
}

/** What a pane cuts of a volume, level by level, computed once for a camera. */
export class PlaneCuts {
  readonly volume: Volume;
  /** In the space of the layer. */
  readonly view: PlaneView;
  /** The level that the scale asks for. */
  readonly target: number;
  readonly #levels = new Map<number, readonly Cut[]>();

  /** `ratio`: pixels of the screen to a CSS pixel. */
  constructor(volume: Volume, view: PlaneView, ratio = 1) {
    this.volume = volume;
    this.view = view;
    this.target = levelForView(volume, view, ratio);
  }

  of(level: number): readonly Cut[] {
    const known = this.#levels.get(level);
    if (known) return known;
    const cuts = cutLevel(this.volume, level, this.view);
    this.#levels.set(level, cuts);
    return cuts;
  }

  /** What a convex part of the pane cuts of a level. */
  within(level: number, polygon: readonly number[]): readonly Cut[] {
    return cutLevel(this.volume, level, this.view, polygon);
  }
}
