import type { RegionNumbers, RegionResult, RegionRow } from '../../../preload/contract/region.ts';
import { type RegionTally, withTally } from './region-tally.ts';
import type { RegionTree } from './region-tree.ts';
import type { Hemisphere } from './sides.ts';

export interface TableAsked {
  /** null: both together. */
  readonly hemisphere: Hemisphere | null;
  /** Also regions in which nothing lies. */
  readonly empty: boolean;
  /** Regions from `at` to `end`, the end left out. */
  readonly from: number;
  readonly end: number;
}

const sideNumber = { left: 1, right: 2 } as const;

/** The rows of a result in the order of the tree; sums over what is inside of a region are made here. O(regions). */
export function regionTable(
  tree: RegionTree,
  result: Pick<RegionResult, 'unit' | 'of' | 'voxelSizeNm'>,
  tallies: readonly RegionTally[],
  { hemisphere, empty, from, end }: TableAsked,
): readonly RegionRow[] {
  const own = new Map<number, RegionTally>();
  for (const tally of tallies)
    if (hemisphere === null || tally.side === sideNumber[hemisphere]) add(own, tally.value - 1, tally);
  const all = new Map(own);
  // Each region comes before those inside of it.
  for (let at = tree.regions.length - 1; at >= 0; at--) {
    const parent = tree.regions[at]?.parent ?? null;
    const inside = all.get(at);
    if (parent !== null && inside) add(all, parent, inside);
  }
  const numbers = numbersFor(result);
  return tree.regions.slice(from, end).flatMap((region) => {
    const inside = all.get(region.at);
    if (!inside && !empty) return [];
    const { at, id, acronym, name, colour, parent, end: after, depth, inTable } = region;
    const about = { at, id, acronym, name, colour, parent, end: after, depth, inTable, hemisphere };
    return [{ ...about, own: numbers(own.get(at)), all: numbers(inside) }];
  });
}

function add(to: Map<number, RegionTally>, at: number, tally: RegionTally): void {
  const before = to.get(at);
  to.set(at, before ? withTally(before, tally) : tally);
}

const nm3PerMm3 = 1e18;

function numbersFor({
  unit,
  of,
  voxelSizeNm: [x, y, z],
}: Pick<RegionResult, 'unit' | 'of' | 'voxelSizeNm'>): (tally: RegionTally | undefined) => RegionNumbers {
  const voxelMm3 = (x * y * z) / nm3PerMm3;
  return (tally) => {
    const volumeMm3 = (tally?.voxels ?? 0) * voxelMm3;
    const count = unit === 'voxels' ? null : (tally?.found ?? 0);
    return {
      ...{ voxels: tally?.voxels ?? 0, volumeMm3, count },
      densityPerMm3: count === null || volumeMm3 === 0 ? null : count / volumeMm3,
      covered: 'segments' in of ? (tally?.covered ?? 0) : null,
      grey: greyOf(tally),
    };
  };
}

function greyOf(tally: RegionTally | undefined): RegionNumbers['grey'] {
  if (!tally || tally.samples === 0) return null;
  const { samples, mean, spread, least, most } = tally;
  return { mean, sum: mean * samples, sd: Math.sqrt(spread / samples), min: least, max: most, samples };
}
