import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { JobRun } from '../../jobs/job.ts';
import { mapAxes } from '../../formats/pyramid.ts';
import type { StoredBlock } from '../../stacks/block-rows.ts';
import type { BlockReader } from './block-reader.ts';
import type { PairMatch } from './combine.ts';
import { type MatchParameters, matchPairs } from './match.ts';
import { type BlockPair, findPairs } from './pairs.ts';

/** Mirrored and turned stages within the plane, as `axes` of an import says them. */
const others = ['-x,y,z', 'x,-y,z', '-x,-y,z', 'y,x,z', '-y,x,z', 'y,-x,z', '-y,-x,z'] as const;

/** Pairs along x, and along y, that each is tried on, one slab of each; half of either must fit. */
const mostTried = 2;
/** Along an axis, fewer matches than this part of all overlaps and the axes are doubted. */
const leastMatched = 0.34;

/** Whether overlaps along some axis hardly match. */
export function doubtsAxes(pairs: readonly BlockPair[], matches: readonly PairMatch[]): boolean {
  return [0, 1].some((axis) => {
    const along = pairs.flatMap((pair, i) => (axisOf(pair) === axis ? [matches[i]?.reason === ''] : []));
    return along.length > 0 && along.filter((isMatched) => isMatched).length < leastMatched * along.length;
  });
}

/** Along which neighbours lie. */
function axisOf({ expected }: BlockPair): number {
  const sides = expected.map(Math.abs);
  return sides.indexOf(Math.max(...sides));
}

/**
 * Where overlaps do not match: whether they would with the stage mirrored or turned. Lays a few pairs over each other as
 * each other stage has them and says which fits; null where none does.
 */
export async function fittingAxes(
  job: JobRun,
  reader: BlockReader,
  blocks: readonly StoredBlock[],
  parameters: MatchParameters,
): Promise<string | null> {
  for (const axes of others) {
    const all = findPairs(blocks.map((block) => ({ ...block, stage: turned(block, axes) })));
    const groups = [0, 1].map((axis) => spread(all.filter((pair) => axisOf(pair) === axis)));
    const pairs = groups.flat();
    if (pairs.length === 0) continue;
    const depth = Math.max(...blocks.map(({ sizeXyz }) => sizeXyz[2]));
    const matches = await matchPairs(job, reader, pairs, { ...parameters, slabVox: depth }, `Trying the axes ${axes}`);
    const fits = new Set(pairs.filter((_, i) => matches[i]?.reason === ''));
    if (groups.every((group) => group.filter((pair) => fits.has(pair)).length * 2 >= group.length)) return axes;
  }
  return null;
}

/** Few, from the beginning, the middle and the end. */
function spread(pairs: readonly BlockPair[]): readonly BlockPair[] {
  const step = Math.max(1, Math.floor(pairs.length / mostTried));
  return pairs.filter((_, i) => i % step === 0).slice(0, mostTried);
}

const turned = ({ stage }: StoredBlock, axes: string): Vec3 => {
  const parts = axes.split(',');
  return mapAxes((k) => {
    const axis = parts[k] ?? 'x';
    const value = stage['xyz'.indexOf(axis.at(-1) ?? 'x') as 0 | 1 | 2];
    return axis.startsWith('-') ? -value : value;
  });
};
