import type { Region } from '../../../preload/contract/atlas.ts';
import type { RegionRow } from '../../../preload/contract/region.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { centreOf, sideAt, type RegionMap, type Side } from '../region-map.ts';
import { measureWords, valueOf, type Measure } from '../region-numbers.ts';
import type { OpenResult, Sides } from '../region-results.ts';
import { isLeaf, type Regions } from '../region-tree.ts';
import { map3 } from '../volume-geometry.ts';
import type { Face } from './faces.ts';
import type { KeyPicture } from './outlines.ts';
import type { Branch, Plane } from './plane.ts';

/** Regions of a map of results, and their numbers. Pure. */

/** How deep a map goes into the tree: regions at that depth with all inside of them. */
export interface Cut {
  readonly branch: Branch;
  readonly depth: number;
  /** By `at` of a region: that of the region which it is shown as; -1 beyond the branch. */
  readonly shown: Int32Array;
}

export function cutTree(tree: Regions, branch: Branch, depth: number): Cut {
  const shown = new Int32Array(tree.length).fill(-1);
  for (const { at, depth: own, parent } of tree.slice(branch.at, branch.end))
    shown[at] = own <= depth || at === branch.at ? at : (shown[parent ?? at] ?? -1);
  return { branch, depth, shown };
}

/** The regions that can be met, those that have voxels or have some inside of them, in the order of the tree. */
export const regionsOf = (tree: Regions, { shown }: Cut): Regions => {
  const met = new Set(tree.filter(({ voxels }) => voxels > 0).map(({ at }) => shown[at]));
  return tree.filter(({ at }) => met.has(at));
};

/** The depths that a map of a branch can have: of the regions right inside of it, to the deepest with voxels. */
export function depthsOf(tree: Regions, branch: Branch): { readonly least: number; readonly most: number } {
  const root = tree[branch.at]?.depth ?? 0;
  const most = tree
    .slice(branch.at, branch.end)
    .reduce((deep, { depth, voxels }) => (voxels > 0 ? Math.max(deep, depth) : deep), root);
  return { least: Math.min(root + 1, most), most };
}

/** More regions than these are too small for an eye. */
const mostAtFirst = 300;

/** The deepest whose regions can be told apart. */
export function firstDepth(tree: Regions, branch: Branch): number {
  const { least, most } = depthsOf(tree, branch);
  let depth = least;
  while (depth < most && regionsOf(tree, cutTree(tree, branch, depth + 1)).length <= mostAtFirst) depth += 1;
  return depth;
}

/** Whether a region stands for all inside of it; otherwise for its own label, beside those. */
export const isWhole = (region: Region, { depth }: Cut): boolean => region.depth >= depth || isLeaf(region);

const sidesInOrder = [null, 'left', 'right'] as const;

/** One number for a region and the side that it is shown of; null: both together. */
export const keyOf = (at: number, side: Side | null): number => 1 + 3 * at + sidesInOrder.indexOf(side);

export const ofKey = (key: number): { readonly at: number; readonly side: Side | null } => ({
  at: Math.floor((key - 1) / 3),
  side: sidesInOrder[(key - 1) % 3] ?? null,
});

/** The key of each pixel; 0 where there is no region, or one of a side that is not shown. */
export function keysOf(plane: Plane, face: Face, map: RegionMap, { shown }: Cut, sides: Sides): KeyPicture {
  const { width, height, values } = plane;
  const keys = Uint32Array.from(values, (value, pixel) => {
    const at = value === 0 ? -1 : (shown[value - 1] ?? -1);
    if (at < 0) return 0;
    if (sides === 'both') return keyOf(at, null);
    const side = sideAt(map, centreOf(map, voxelOf(plane, face, pixel)));
    return side !== null && (sides === 'compare' || sides === side) ? keyOf(at, side) : 0;
  });
  return { width, height, keys };
}

/** What a pixel shows. */
function voxelOf({ width, height, depths }: Plane, { right, down, into }: Face, pixel: number): Vec3 {
  const [u, v] = [pixel % width, Math.floor(pixel / width)];
  return map3((axis) => {
    if (axis === into.axis) return depths[pixel] ?? 0;
    if (axis === right.axis) return right.back ? width - 1 - u : u;
    return down.back ? height - 1 - v : v;
  });
}

/** The number of a region of a map; null where nothing was measured. */
export type NumberOf = (at: number, side: Side | null) => number | null;

export function numbersOf(rows: OpenResult['rows'], tree: Regions, cut: Cut, measure: Measure): NumberOf {
  const byAt = (side: 'both' | Side): ReadonlyMap<number, RegionRow> => new Map(rows[side].map((row) => [row.at, row]));
  const found = { both: byAt('both'), left: byAt('left'), right: byAt('right') };
  return (at, side) => {
    const region = tree[at];
    return region ? valueOf(found[side ?? 'both'].get(at), measure, isWhole(region, cut)) : null;
  };
}

/** What is coloured by itself. */
export const sidesIn = (sides: Sides): readonly (Side | null)[] =>
  sides === 'both' ? [null] : sides === 'compare' ? ['left', 'right'] : [sides];

/** From the first colour to the last. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** One scale for all pictures: of how much there is from nothing on, of grey levels from the least on. Null without numbers. */
export function rangeOf(regions: Regions, numberOf: NumberOf, measure: Measure, sides: Sides): Range | null {
  const numbers = regions.flatMap(({ at }) => sidesIn(sides).flatMap((side) => numberOf(at, side) ?? []));
  if (numbers.length === 0) return null;
  const [least, to] = numbers.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)] as const, [
    Infinity,
    -Infinity,
  ] as readonly [number, number]);
  const { adds, unit } = measureWords[measure];
  return { from: adds || unit !== '' ? Math.min(0, least) : least, to };
}

/** Where a number lies between the ends of a range, 0 to 1; 0 where they are one. */
export const shareOf = ({ from, to }: Range, value: number): number => (to > from ? (value - from) / (to - from) : 0);
