import { LamellaError } from '../../../../preload/contract/errors.ts';
import { type ChunkLabels, labelsOf } from '../../atlases/labels-of-chunk.ts';
import { type RegionTally, tallyVoxels } from '../../atlases/region-tally.ts';
import { voxelsIn } from '../../formats/pyramid.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import { type Block, type MeasuredSpace } from './space.ts';
import { boxOf, inRegions, nameOfBlock } from './voxels.ts';

/** A label, its voxels, and the sums of their x, y and z, in voxels of the level: whole numbers. */
type SegmentSums = readonly [label: string, voxels: number, x: number, y: number, z: number];

interface SegmentBlock {
  readonly tallies: readonly RegionTally[];
  readonly segments: readonly SegmentSums[];
}

export interface Segments {
  readonly blocks: readonly (readonly RegionTally[] | null)[];
  /** Of each segment, nanometres of the space: x, y and z, one after the other. */
  readonly centroids: Float64Array;
}

/** Of one result: each takes up some hundred bytes while they are put together. */
const mostSegments = 4_000_000;

/** Voxels of regions, those that a segment has, and where each segment's middle lies, over all blocks that it is in. */
export async function measureSegments(job: JobRun, space: MeasuredSpace, time: number): Promise<Segments> {
  const units = space.blocks().map((block): Unit<SegmentBlock | null> => ({
    key: unitKey('region-segments', 1, job.id, block.xyz),
    subject: nameOfBlock(block),
    run: (signal) => segmentsOf(job, space, block, time, signal),
  }));
  const stage = { name: 'Measuring segments', unit: 'blocks', units, onFailure: () => null };
  const blocks = await job.stage<SegmentBlock | null>(stage);
  const sums = new Map<string, [number, number, number, number]>();
  for (const block of blocks) for (const segment of block?.segments ?? []) addTo(sums, segment);
  if (sums.size > mostSegments) throw tooMany(space, sums.size);
  const { originNm, voxelSizeNm } = space.grid;
  const centroids = new Float64Array(3 * sums.size);
  let p = 0;
  for (const [voxels, ...xyz] of sums.values())
    for (const axis of [0, 1, 2] as const)
      centroids[p++] = originNm[axis] + (xyz[axis] / voxels + 0.5) * voxelSizeNm[axis];
  return { blocks: blocks.map((block) => block && block.tallies), centroids };
}

async function segmentsOf(
  job: JobRun,
  space: MeasuredSpace,
  block: Block,
  time: number,
  signal: AbortSignal,
): Promise<SegmentBlock> {
  const { kernels } = job;
  const { dtype } = space.volume.plan;
  const bytes = await boxOf(job, space, block, { channel: 0, time }, signal);
  const found = await labelsOf(bytes, dtype, voxelsIn(block.size), { kernels, lane: 'batch', signal });
  const placed = await space.placed(block, signal);
  const zero = found ? found.labels.indexOf('0') : -1;
  const isCovered = (i: number): boolean => found !== null && found.voxels[i] !== zero;
  const tallies = placed.values.length === 0 ? [] : inRegions(tallyVoxels(placed, null, isCovered));
  return { tallies, segments: found ? sumsOf(found, block) : [] };
}

function sumsOf({ labels, voxels }: ChunkLabels, { min, size }: Block): readonly SegmentSums[] {
  const sums = labels.map(() => [0, 0, 0, 0]);
  let i = 0;
  for (let z = 0; z < size[2]; z++)
    for (let y = 0; y < size[1]; y++)
      for (let x = 0; x < size[0]; x++) {
        const sum = sums[voxels[i++]!]!;
        sum[0]! += 1;
        sum[1]! += min[0] + x;
        sum[2]! += min[1] + y;
        sum[3]! += min[2] + z;
      }
  return labels.flatMap((label, at): SegmentSums[] => {
    const [count = 0, x = 0, y = 0, z = 0] = sums[at] ?? [];
    return label === '0' || count === 0 ? [] : [[label, count, x, y, z]];
  });
}

function addTo(sums: Map<string, [number, number, number, number]>, [label, voxels, x, y, z]: SegmentSums): void {
  const sum = sums.get(label);
  if (!sum) return void sums.set(label, [voxels, x, y, z]);
  sum[0] += voxels;
  sum[1] += x;
  sum[2] += y;
  sum[3] += z;
}

const tooMany = ({ volume, level }: MeasuredSpace, segments: number): LamellaError =>
  new LamellaError('over-budget', `${volume.plan.name} has ${segments} segments at level ${level}.`, {
    hint: `At most ${mostSegments} are counted at once: give a coarser --level.`,
    fields: { segments, budget: mostSegments, level },
  });
