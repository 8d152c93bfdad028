import { basename } from 'node:path';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { voxelSizeNmSchema } from '../../../../preload/contract/space.ts';
import type { ByteStore } from '../../formats/byte-store.ts';
import { writeOmeZarrMetadata } from '../../formats/ome-zarr.ts';
import type { JobEnding, JobRun } from '../../jobs/job.ts';
import { kernelCodec } from '../../jobs/kernel-codec.ts';
import { openFolderSource } from '../../sources/folder.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import { datasetRow, isUsable, tilesOf } from '../../store/tiles.ts';
import { openFolderTarget, temporaryPrefix } from '../../targets/folder.ts';
import { specsOf } from './export.ts';
import { histogramOf, type VolumeHistogram } from './fuse-histogram.ts';
import { downsampleStage, type Fusing, renderStage, tileBoxes } from './fuse-levels.ts';
import { type FusePlan, planFuse } from './fuse-plan.ts';
import { inCoarser, regionsTouching, type VoxelBox, type WrittenRegion } from './fuse-regions.ts';
import { checkSources } from './sources.ts';
import { placementsOf, stackRow } from './stack-rows.ts';

export interface FuseInput {
  readonly stack: string;
  readonly name?: string | undefined;
}

export interface FuseOutput {
  readonly volume: string;
  readonly bytes: number;
  readonly levels: number;
}

/** Fuse: plan the volume, blend level 0 from the tiles, halve it level by level, describe it, store it. */
export async function fuseStack(job: JobRun, input: FuseInput): Promise<JobEnding<FuseOutput>> {
  const plan = planOf(job, input);
  for (const message of plan.notes) job.warn({ subject: plan.volume.name, message });
  const fusing = openVolume(job, plan);
  const written = await makeLevels(fusing);
  await removeHalfWritten(fusing.writer.store);
  const histogram = await histogramOf(fusing.writer, job.signal);
  await writeOmeZarrMetadata(fusing.writer.store, plan.volume, {
    window: histogram.window,
    attributes: { originVoxel: plan.originVoxel },
  });
  return ending(
    fusing,
    input,
    histogram,
    written.reduce((sum, { chunks }) => sum + chunks.reduce((s, { bytes }) => s + bytes, 0), 0),
  );
}

/** Level by level, and of each only the regions that hold something. */
async function makeLevels(fusing: Fusing): Promise<readonly WrittenRegion[]> {
  const { job, plan } = fusing;
  const written: WrittenRegion[] = [];
  let boxes: Iterable<VoxelBox> = tileBoxes(plan);
  for (const [index, level] of plan.volume.levels.entries()) {
    const regions = regionsTouching(level, index, boxes);
    const made = await job.stage(index === 0 ? renderStage(fusing, regions) : downsampleStage(fusing, index, regions));
    written.push(...made);
    const step = plan.volume.levels[index + 1]?.stepXyz;
    boxes = step ? regions.filter((_, i) => made[i]?.chunks.length).map((region) => inCoarser(region, step)) : [];
  }
  return written;
}

/** A kill in the middle of a write leaves its temporary file. */
async function removeHalfWritten(store: ByteStore): Promise<void> {
  const left = (await store.list('')).filter((key) => basename(key).startsWith(temporaryPrefix));
  for (const key of left) await store.delete(key);
}

function planOf(job: JobRun, { stack, name }: FuseInput): FusePlan {
  const { read } = job.library;
  const { dataset, version } = stackRow(read, stack);
  const { name: datasetName, voxel_size_nm: voxelSize } = datasetRow(read, dataset);
  const specs = specsOf(read, dataset);
  const placed = new Map(placementsOf(read, stack).map((p) => [p.tile, p.stackFromTile]));
  const tiles = tilesOf(read, dataset)
    .filter(isUsable)
    .flatMap((tile) => {
      const stackFromTile = placed.get(tile.id);
      return stackFromTile ? [{ tile, stackFromTile, intensity: intensityOf(specs.get(tile.id)) }] : [];
    });
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
    tiles,
  });
}

function intensityOf(spec: Readonly<Record<string, unknown>> | undefined): readonly [number, number] | null {
  const [min, max] = [spec?.['minIntensity'], spec?.['maxIntensity']];
  return typeof min === 'number' && typeof max === 'number' && max > min ? [min, max] : null;
}

function openVolume(job: JobRun, plan: FusePlan): Fusing {
  const volume = idOfJob('volume', job.id);
  const folder = openFolderSource(job.library.pathOf('volumes', volume), `the volume ${volume}`);
  const codec = kernelCodec(job.kernels, { lane: 'batch', signal: job.signal });
  return {
    job,
    volume,
    plan,
    writer: { plan: plan.volume, store: openFolderTarget(folder), codec },
    isThere: (key, bytes) => folder.sizeOf(key) === bytes,
  };
}

function ending(
  { job, volume, plan }: Fusing,
  { stack }: FuseInput,
  histogram: VolumeHistogram,
  bytes: number,
): JobEnding<FuseOutput> {
  const { name, dtype, levels } = plan.volume;
  return {
    label: `Fuse ${name}`,
    commit: (tx) => {
      tx.put('volume', {
        id: volume,
        stack,
        name,
        folder: `volumes/${volume}`,
        dtype,
        levels: JSON.stringify(
          levels.map(({ sizeXyz, chunkXyz, voxelSizeNm }) => ({ size: sizeXyz, brick: chunkXyz, voxelSizeNm })),
        ),
        origin_voxel: JSON.stringify(plan.originVoxel),
        window: JSON.stringify(histogram.window),
        histogram: JSON.stringify({ counts: histogram.counts, range: histogram.range }),
        bytes,
        job: job.id,
        created_at: new Date().toISOString(),
        removed: 0,
      });
      return { volume, bytes, levels: levels.length };
    },
  };
}
