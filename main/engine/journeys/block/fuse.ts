import { tasks } from '../../../../native-workers/tasks.ts';
import type { blockProcedures } from '../../../../preload/contract/block.ts';
import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { bytesPerVoxel, dtypeSchema, type Vec3 } from '../../../../preload/contract/space.ts';
import { omeZarrWriter } from '../../formats/ome-writer.ts';
import { omeZarr } from '../../formats/ome-zarr.ts';
import { levelAt, mapAxes, voxelsIn } from '../../formats/pyramid.ts';
import type { JobEnding, JobRun } from '../../jobs/job.ts';
import { kernelCodec } from '../../jobs/kernel-codec.ts';
import { openFolderSource } from '../../sources/folder.ts';
import { blockPlacements, blockSetRow, blocksOf, blockStackRow } from '../../stacks/block-rows.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import { openFolderTarget } from '../../targets/folder.ts';
import { makeVolume } from '../../volumes/made-volume.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import type { BlockBox } from '../../volumes/read-box.ts';
import { blockBox } from '../../volumes/write-blocks.ts';
import type { LevelsWriting } from '../../volumes/write-levels.ts';
import { BlockReader } from './block-reader.ts';
import { type BlockFusePlan, type FuseBlock, planFuse } from './fuse-plan.ts';

export type FuseInput = ParsedOf<typeof blockProcedures.fuse>;
export type FuseOutput = OutputOf<typeof blockProcedures.fuse>;
type How = Pick<FuseInput, 'blend' | 'interpolation'>;

/** Of all channels of a box that is blended and encoded at once. */
const blockBytes = 16 * 2 ** 20;

/** Plans the volume, blends level 0 from the blocks, halves it level by level, describes it, stores it. */
export async function fuseBlocks(volumes: OpenVolumes, job: JobRun, input: FuseInput): Promise<JobEnding<FuseOutput>> {
  const plan = planOf(job, input);
  const reader = new BlockReader(volumes, job);
  try {
    return await makeVolume(openWriting(job, reader, plan, input), plan, null);
  } finally {
    await reader.close();
  }
}

function planOf(job: JobRun, { stack, name }: FuseInput): BlockFusePlan {
  const { read } = job.library;
  const { set: setId, version } = blockStackRow(read, stack);
  const set = blockSetRow(read, setId);
  const places = new Map(blockPlacements(read, stack).map(({ block, place }) => [block, place]));
  const blocks = blocksOf(read, setId).flatMap((block) => {
    const place = places.get(block.id);
    return place && block.verdict !== 'bad' ? [{ block, place }] : [];
  });
  if (blocks.length === 0) {
    throw new LamellaError('bad-source', `${set.name} has no block to fuse: none of them can be read.`, {
      hint: 'Put the files back, import and stitch again.',
      fields: { stack },
    });
  }
  const { voxelSizeNm, channels } = set;
  return planFuse({ name: name ?? `${set.name} v${version}`, voxelSizeNm, channels, blocks });
}

/** The folder of the volume carries the job's id: the same version fused twice fills two folders. */
function openWriting(job: JobRun, reader: BlockReader, plan: BlockFusePlan, how: How): LevelsWriting {
  const volume = idOfJob('volume', job.id);
  const target = openFolderTarget(openFolderSource(job.library.pathOf('volumes', volume), `the volume ${volume}`));
  const codec = kernelCodec(job.kernels, { lane: 'batch', signal: job.signal });
  const { chunkXyz } = levelAt(plan.volume, 0);
  const writer = omeZarrWriter(plan.volume, { sharded: false, chunkXyz, blockBytes }, codec);
  return {
    job,
    format: omeZarr,
    writer,
    target,
    identity: [volume],
    inFlight: job.kernels.threads,
    allFiles: true,
    method: 'mean',
    partBytes: blockBytes,
    mostBuffers: 2 ** 29,
    first: (box, _at, signal) => blendBox(job, reader, plan, how, box, signal),
    firstName: 'Blending blocks',
    firstFacts: (at) => factsOf(plan, how, blockBox(writer, at)),
  };
}

/** What of a block a box needs: its own voxels, one more to each side for what lies between. */
function partOf({ block, at }: FuseBlock, { min, size }: BlockBox): { readonly min: Vec3; readonly size: Vec3 } | null {
  const from = mapAxes((k) => Math.max(0, Math.floor(min[k] - at[k]) - 1));
  const to = mapAxes((k) => Math.min(block.sizeXyz[k], Math.ceil(min[k] + size[k] - at[k]) + 1));
  const sides = mapAxes((k) => to[k] - from[k]);
  return sides.every((side) => side > 0) ? { min: from, size: sides } : null;
}

/** What the bytes of a box depend on beside its place. */
function factsOf({ volume, originVoxel, blocks }: BlockFusePlan, how: How, box: BlockBox): unknown {
  const touching = blocks.filter((one) => partOf(one, box));
  return [
    tasks['blend-blocks'].version,
    volume.dtype,
    originVoxel,
    how.blend,
    how.interpolation,
    touching.map(({ block, at, ramp }) => [block.fingerprint, at, ramp]),
  ];
}

async function blendBox(
  job: JobRun,
  reader: BlockReader,
  plan: BlockFusePlan,
  { blend, interpolation }: How,
  box: BlockBox,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const dtype = dtypeSchema.parse(plan.volume.dtype);
  const touching = plan.blocks.flatMap((one) => {
    const part = partOf(one, box);
    return part ? [{ ...one, part }] : [];
  });
  if (touching.length === 0) return null;
  const channelBytes = voxelsIn(box.size) * bytesPerVoxel[dtype];
  const voxels = new Uint8Array(channelBytes * plan.volume.channels.length);
  for (const channel of plan.volume.channels.keys()) {
    const there = touching.filter(({ block }) => block.sources[channel]);
    if (there.length === 0) continue;
    const inputs = await Promise.all(
      there.map(({ block, part }) => {
        const source = block.sources[channel];
        return source ? reader.read(source, part, dtype, signal) : Promise.resolve(new Uint8Array());
      }),
    );
    const blocks = there.map(({ block, at, ramp, part }) => ({
      ...{ size: part.size, min: part.min, block: block.sizeXyz, ramp },
      at: mapAxes((k) => at[k] + part.min[k] - box.min[k]),
    }));
    const header = { dtype, size: box.size, blend, interpolation, blocks };
    const { outputs } = await job.kernels.run('blend-blocks', header, { inputs, signal });
    if (outputs[0]) voxels.set(outputs[0], channel * channelBytes);
  }
  return voxels;
}
