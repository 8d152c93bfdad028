import { LamellaError } from '../../../../preload/contract/errors.ts';
import { bytesPerVoxel, voxelSizeNmSchema } from '../../../../preload/contract/space.ts';
import { omeZarrWriter } from '../../formats/ome-writer.ts';
import { omeZarr } from '../../formats/ome-zarr.ts';
import { levelAt } from '../../formats/pyramid.ts';
import type { JobEnding, JobRun } from '../../jobs/job.ts';
import { kernelCodec } from '../../jobs/kernel-codec.ts';
import { openFolderSource } from '../../sources/folder.ts';
import type { ReadHandle } from '../../store/library-store.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import { datasetRow, isUsable, tilesOf } from '../../store/tiles.ts';
import { openFolderTarget } from '../../targets/folder.ts';
import { makeVolume, type MadeVolume } from '../../volumes/made-volume.ts';
import { blockBox } from '../../volumes/write-blocks.ts';
import type { LevelsWriting } from '../../volumes/write-levels.ts';
import { factsOf, renderBlock, tileBoxes } from './fuse-levels.ts';
import { type FusePlan, type FuseRequest, planFuse } from './fuse-plan.ts';
import { blocksTouching } from './fuse-regions.ts';
import { checkSources } from './sources.ts';
import { stackRow } from '../../stacks/stack-rows.ts';
import { channelsOf, channelTitles, stackTiles, sharedTransforms, type StackTile } from '../../stacks/tile-rows.ts';

export interface FuseInput {
  readonly stack: string;
  readonly name?: string | undefined;
}

export type FuseOutput = MadeVolume;

/** Fuse: plan the volume, blend level 0 from the tiles, halve it level by level, describe it, store it. */
export async function fuseStack(job: JobRun, input: FuseInput): Promise<JobEnding<FuseOutput>> {
  const plan = planOf(job, input);
  for (const message of plan.notes) job.warn({ subject: plan.volume.name, message });
  return makeVolume(openWriting(job, plan, input.stack), plan, input.stack);
}

function planOf(job: JobRun, { stack, name }: FuseInput): FusePlan {
  const { read } = job.library;
  const { dataset, version } = stackRow(read, stack);
  const { name: datasetName, voxel_size_nm: voxelSize } = datasetRow(read, dataset);
  const tiles = tilesToFuse(read, dataset, stack);
  if (tiles.length === 0) {
    throw new LamellaError('bad-source', `The stack ${stack} has no tile to fuse: all are rejected or bad.`, {
      hint: 'Accept tiles on the tile board, stitch, and fuse again.',
      fields: { stack },
    });
  }
  checkSources(tiles.map(({ tile }) => tile));
  return planFuse({
    name: name ?? `${datasetName} v${version}`,
    voxelSizeNm: voxelSizeNmSchema.parse(JSON.parse(voxelSize)),
    channels: channelTitles(read, dataset),
    tiles,
  });
}

function tilesToFuse(read: ReadHandle, dataset: string, stack: string): FuseRequest['tiles'] {
  const usable = tilesOf(read, dataset).filter(isUsable);
  const ids = usable.map(({ id }) => id);
  const shared = sharedTransforms(read, { stack });
  const channels = channelsOf(read, dataset).map((channel) => {
    const placed = stackTiles(read, { dataset, stack, channel }, ids, shared);
    return new Map(placed.map((tile) => [tile.id, tile]));
  });
  return usable.flatMap((tile) => {
    const [first, ...others] = channels.map((placed) => placed.get(tile.id) ?? null);
    if (!first) return [];
    checkPlace(first);
    return [{ tile, drawn: [first, ...others] as const }];
  });
}

/** A tile whose transforms could not all be read would be put where it is not. */
function checkPlace({ name, problems }: StackTile): void {
  if (problems.length === 0) return;
  throw new LamellaError('bad-source', `The tile ${name} cannot be placed: ${problems.join('; ')}.`, {
    hint: 'Mend the transforms of its tilespec and import the stack again, or reject the tile.',
    fields: { tile: name },
  });
}

/** Of a block that is blended and encoded at once: bounds the memory of a unit, and what its overhead costs. */
const blockVoxels = 2 ** 23;

/** The folder of the volume carries the job's id: the same stack fused twice fills two folders. */
function openWriting(job: JobRun, plan: FusePlan, stack: string): LevelsWriting {
  const volume = idOfJob('volume', job.id);
  const target = openFolderTarget(openFolderSource(job.library.pathOf('volumes', volume), `the volume ${volume}`));
  const codec = kernelCodec(job.kernels, { lane: 'batch', signal: job.signal });
  const blockBytes = blockVoxels * bytesPerVoxel[plan.volume.dtype];
  const { chunkXyz } = levelAt(plan.volume, 0);
  const writer = omeZarrWriter(plan.volume, { sharded: false, chunkXyz, blockBytes }, codec);
  return {
    job,
    format: omeZarr,
    writer,
    target,
    identity: [volume, stack],
    inFlight: job.kernels.threads,
    // The record of its chunks tells a lost one from an empty one.
    allFiles: true,
    method: 'mean',
    partBytes: blockBytes,
    mostBuffers: 2 ** 29,
    first: (box, _at, signal) => renderBlock(job, plan, box, signal),
    firstBlocks: blocksTouching(writer, tileBoxes(plan)),
    firstName: 'Blending tiles',
    firstFacts: (at) => factsOf(plan, blockBox(writer, at)),
  };
}
