import { unknownRegion } from '../../../../preload/contract/atlas-map.ts';
import { bytesPerVoxel, type VoxelType } from '../../../../preload/contract/space.ts';
import { typedVoxels } from '../../../../preload/contract/typed-voxels.ts';
import { type RegionTally, tallyVoxels } from '../../atlases/region-tally.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import { chunksAtOnce, readBox } from '../../volumes/read-box.ts';
import type { Block, MeasuredSpace } from './space.ts';

/** null: the block could not be read. */
export type BlockTallies = readonly RegionTally[] | null;

export interface GreyAt {
  readonly channel: number;
  readonly time: number;
}

/** Voxels by region and side, and of an image their grey levels: one unit a block. */
export async function measureVoxels(
  job: JobRun,
  space: MeasuredSpace,
  grey: GreyAt | null,
): Promise<readonly BlockTallies[]> {
  const units = space.blocks().map((block): Unit<BlockTallies> => ({
    key: unitKey('region-voxels', 1, job.id, block.xyz),
    subject: nameOfBlock(block),
    run: async (signal) => {
      const placed = await space.placed(block, signal);
      if (placed.values.length === 0) return [];
      const levels = grey && numbersOf(await boxOf(job, space, block, grey, signal), space.volume.plan.dtype);
      return inRegions(tallyVoxels(placed, levels));
    },
  }));
  const name = grey ? 'Measuring grey levels' : 'Measuring regions';
  return job.stage({ name, unit: 'blocks', units, onFailure: () => null });
}

export const nameOfBlock = ({ min, size }: Block): string =>
  `voxels ${min.join(', ')} to ${min.map((from, i) => from + (size[i] ?? 0)).join(', ')}`;

/** Without background, and labels that the atlas lacks. */
export const inRegions = (tallies: readonly RegionTally[]): readonly RegionTally[] =>
  tallies.filter(({ value }) => value > 0 && value < unknownRegion);

const decodedBytes = 128 * 2 ** 20;

/** All of a block; what is not stored is 0. */
export async function boxOf(
  { kernels }: JobRun,
  { volume, level }: MeasuredSpace,
  { min, size }: Block,
  { channel, time }: GreyAt,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const inFlight = chunksAtOnce(volume, level, decodedBytes, kernels.threads + 2);
  const files = { kernels, lane: 'batch' } as const;
  const read = await readBox(volume, { level, min, size, channel, time }, { inFlight, signal, files });
  return read ?? new Uint8Array(size[0] * size[1] * size[2] * bytesPerVoxel[volume.plan.dtype]);
}

function numbersOf(bytes: Uint8Array, dtype: VoxelType): ArrayLike<number> {
  const voxels = typedVoxels(bytes, dtype);
  const isLarge = voxels instanceof BigUint64Array || voxels instanceof BigInt64Array;
  return isLarge ? Float64Array.from(voxels, Number) : voxels;
}
