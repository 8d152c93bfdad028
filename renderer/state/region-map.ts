import type { OutputOf } from '../../preload/contract/define.ts';
import type { atlasProcedures } from '../../preload/contract/atlas.ts';
import { unknownRegion, valueAt, type AtlasMap } from '../../preload/contract/atlas-map.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { map3 } from './volume-geometry.ts';

/** The annotation of an atlas as a grid of regions in the space of one volume. Pure. */
export interface RegionMap extends Pick<
  OutputOf<(typeof atlasProcedures)['map']>,
  'level' | 'voxelSizeNm' | 'originNm' | 'midline'
> {
  readonly runs: AtlasMap;
  /** Of the same voxels: 1 is left, 2 is right. Null where a plane tells the sides, or nothing does. */
  readonly sides: AtlasMap | null;
}

export type Side = 'left' | 'right';

/** What the map has at a point of its volume, nanometres: `at` of a region, none, or a label that the atlas lacks. */
export function regionAt(map: RegionMap, nm: Vec3): number | 'unknown' | null {
  const value = valueUnder(map.runs, map, nm);
  if (value === unknownRegion) return 'unknown';
  return value === 0 ? null : value - 1;
}

function valueUnder(grid: AtlasMap, { voxelSizeNm, originNm }: RegionMap, nm: Vec3): number {
  const [x, y, z] = map3((a) => Math.floor((nm[a] - originNm[a]) / voxelSizeNm[a]));
  return valueAt(grid, x, y, z);
}

const sideOfMark = [null, 'left', 'right'] as const;

export function sideAt(map: RegionMap, nm: Vec3): Side | null {
  const { midline, sides } = map;
  if (sides) return sideOfMark[valueUnder(sides, map, nm)] ?? null;
  if (!midline) return null;
  const other = midline.below === 'left' ? 'right' : 'left';
  return nm[midline.axis] < midline.atNm ? midline.below : other;
}

interface Run {
  readonly from: number;
  readonly end: number;
  readonly y: number;
  readonly z: number;
}

/** Each stretch of voxels along x of the regions from `at` to `end`, the end left out. */
function* runsWithin({ size, rowStarts, runs }: AtlasMap, at: number, end: number): Generator<Run> {
  for (let row = 0; row < size[1] * size[2]; row++) {
    let from = 0;
    for (let i = rowStarts[row] ?? 0; i < (rowStarts[row + 1] ?? 0); i++) {
      const value = runs[2 * i] ?? 0;
      const stop = runs[2 * i + 1] ?? 0;
      if (value > at && value <= end && value !== unknownRegion)
        yield { from, end: stop, y: row % size[1], z: Math.floor(row / size[1]) };
      from = stop;
    }
  }
}

/**
 * Where to go to see the regions from `at` to `end`: the middle of the box around them, of the side that is looked at
 * where there are two, or the voxel of theirs next to it. Nanometres of the volume; null where it has none of them.
 */
export function middleOf(
  map: RegionMap,
  { at, end }: { readonly at: number; readonly end: number },
  near: Vec3,
): Vec3 | null {
  const side = sideAt(map, near);
  const onSide = boxWithin(map, at, end, side) ?? boxWithin(map, at, end, null);
  if (!onSide) return null;
  const voxel = nearestWithin(map.runs, at, end, onSide);
  return centreOf(map, voxel);
}

/** Of a voxel, nanometres of the volume. */
export const centreOf = ({ originNm, voxelSizeNm }: RegionMap, voxel: Vec3): Vec3 =>
  map3((a) => originNm[a] + (voxel[a] + 0.5) * voxelSizeNm[a]);

/** The middle of the box, in voxels; of what lies on one side where that is given. */
function boxWithin(map: RegionMap, at: number, end: number, side: Side | null): Vec3 | null {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (const { from, end: stop, y, z } of runsWithin(map.runs, at, end)) {
    const [first, last] = [
      [from, y, z],
      [stop - 1, y, z],
    ] as const;
    for (const voxel of [first, last]) {
      if (side !== null && sideAt(map, centreOf(map, voxel)) !== side) continue;
      for (const a of [0, 1, 2] as const) {
        low[a] = Math.min(low[a] ?? 0, voxel[a]);
        high[a] = Math.max(high[a] ?? 0, voxel[a]);
      }
    }
  }
  return low[0] === Infinity ? null : map3((a) => Math.floor(((low[a] ?? 0) + (high[a] ?? 0)) / 2));
}

function nearestWithin(map: AtlasMap, at: number, end: number, to: Vec3): Vec3 {
  let [best, least]: [Vec3, number] = [to, Infinity];
  for (const { from, end: stop, y, z } of runsWithin(map, at, end)) {
    const x = Math.min(stop - 1, Math.max(from, to[0]));
    const distance = (x - to[0]) ** 2 + (y - to[1]) ** 2 + (z - to[2]) ** 2;
    if (distance < least) [best, least] = [[x, y, z], distance];
  }
  return best;
}
