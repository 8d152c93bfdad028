import { chunkExtent, chunksOf, levelAt, mapAxes, voxelsIn } from '../formats/pyramid.ts';
import type { OpenVolume, VolumeLevelPlan, VolumePlan } from '../formats/volume-format.ts';
import type { Kernels } from '../jobs/job.ts';
import { GreySample } from '../volumes/robust-range.ts';
import type { Chain } from '../volumes/warped/chain.ts';
import { WarpedVolume } from '../volumes/warped/warped-volume.ts';
import { levelOfGrid } from './grid-level.ts';

/**
 * Places all over a level, voxels of a level of its own: those of the level itself, or fewer, longer ones where asked
 * for (`resolutionNm`) or where there would be more than `mostVoxels`. Along thick sections none are put between.
 */
export function gridOver(level: VolumeLevelPlan, resolutionNm: number, mostVoxels: number): VolumeLevelPlan {
  let sides = mapAxes((i) => Math.max(level.voxelSizeNm[i], resolutionNm));
  const along = (nm: number, i: 0 | 1 | 2): number =>
    Math.max(1, Math.round((level.sizeXyz[i] * level.voxelSizeNm[i]) / nm));
  const sizeOf = () => mapAxes((i) => along(sides[i], i));
  // A side that is one voxel already does not shrink: several rounds come to what is allowed.
  while (voxelsIn(sizeOf()) > mostVoxels) {
    const finest = Math.min(...sides.filter((_, i) => sizeOf()[i]! > 1));
    sides = mapAxes((i) => Math.max(sides[i], finest * 1.1));
  }
  const sizeXyz = sizeOf();
  const voxelSizeNm = mapAxes((i) => (level.sizeXyz[i] * level.voxelSizeNm[i]) / sizeXyz[i]);
  return levelOfGrid({ sizeXyz, voxelSizeNm, originNm: level.originNm });
}

/** Leaves points where they are. */
export const noChain: Chain = { steps: [], fieldLevel: null, close: () => Promise.resolve() };

/** A volume at the places of a grid, through a chain from them to it: made when it is read, 0 beyond it. */
export const seenOnGrid = (source: OpenVolume, chain: Chain, grid: VolumeLevelPlan, kernels: Kernels): OpenVolume =>
  new WarpedVolume({ plan: { ...source.plan, levels: [grid] }, source, chain, kernels, lane: 'batch' });

/** 1 wherever the volume has a voxel. */
export function presenceOf({ plan }: OpenVolume): OpenVolume {
  const level = levelAt(plan, 0);
  const channels = plan.channels.slice(0, 1);
  const presence: VolumePlan = { ...plan, kind: 'segmentation', dtype: 'uint8', channels, times: 1, levels: [level] };
  return {
    plan: presence,
    notes: {},
    locate: () => Promise.resolve(undefined),
    readChunk: ({ xyz }) => Promise.resolve(new Uint8Array(voxelsIn(chunkExtent(level, xyz).size)).fill(1)),
  };
}

const mostSampled = 2 ** 17;

/** Some levels of a volume, from all over it, sorted. */
export async function sortedSample(
  source: OpenVolume,
  { channel, time }: { readonly channel: number; readonly time: number },
  kernels: Kernels,
  signal: AbortSignal,
): Promise<Float64Array> {
  const grid = gridOver(levelAt(source.plan, 0), 0, mostSampled);
  const seen = seenOnGrid(source, noChain, grid, kernels);
  const sample = new GreySample(voxelsIn(grid.sizeXyz));
  for (const xyz of chunksOf(grid)) {
    const voxels = await seen.readChunk({ level: 0, xyz, channel, time }, signal);
    if (voxels) sample.take(voxels, source.plan.dtype);
  }
  return sample.sorted();
}
