import { tasks } from '../../../../native-workers/tasks.ts';
import { bytesPerVoxel, type Vec3 } from '../../../../preload/contract/space.ts';
import { copyVoxels } from '../../formats/crop.ts';
import { mapAxes } from '../../formats/pyramid.ts';
import { type JobRun, type Stage, type Unit, unitKey } from '../../jobs/job.ts';
import type { FusePlan, FuseTile } from './fuse-plan.ts';
import {
  readBox,
  type Region,
  type VolumeWriter,
  type VoxelBox,
  writeRegion,
  type WrittenRegion,
} from './fuse-regions.ts';
import { tileImage } from './pairs.ts';

/** What the units of one fuse share. `volume` is its id: the same stack fused twice fills two folders. */
export interface Fusing {
  readonly job: JobRun;
  readonly volume: string;
  readonly plan: FusePlan;
  readonly writer: VolumeWriter;
  /** Whether a chunk that an earlier run wrote is still there, whole. */
  isThere(key: string, bytes: number): boolean;
}

/** Where the tiles lie, in voxels of level 0. */
export function* tileBoxes({ tilesAt, originVoxel }: FusePlan): Generator<VoxelBox> {
  for (const [z, tiles] of tilesAt) {
    for (const { bounds } of tiles) {
      const [minX, minY] = [Math.floor(bounds.minX) - originVoxel[0], Math.floor(bounds.minY) - originVoxel[1]];
      const [maxX, maxY] = [Math.ceil(bounds.maxX) - originVoxel[0], Math.ceil(bounds.maxY) - originVoxel[1]];
      yield { min: [minX, minY, z], size: [maxX - minX, maxY - minY, 1] };
    }
  }
}

/** Renders level 0 from the tiles, region by region. */
export const renderStage = (fusing: Fusing, regions: readonly Region[]): Stage<WrittenRegion> => ({
  name: 'Blending tiles',
  unit: 'regions',
  units: regions.map((region) => renderUnit(fusing, region)),
  inFlight: fusing.job.kernels.threads,
  weight: 8,
});

/** Makes a coarser level from the one before, which must be whole. */
export const downsampleStage = (fusing: Fusing, level: number, regions: readonly Region[]): Stage<WrittenRegion> => ({
  name: `Making level ${level}`,
  unit: 'regions',
  units: regions.map((region) => downsampleUnit(fusing, region)),
  inFlight: fusing.job.kernels.threads,
  weight: 8 / 4 ** level,
});

function renderUnit(fusing: Fusing, region: Region): Unit<WrittenRegion> {
  const slices = slicesOf(fusing.plan, region);
  const kernels = [tasks['render-region'].version, tasks['encode-chunk'].version];
  const sources = slices.map((tiles) =>
    tiles.map(({ tile, stackFromTile, intensity }) => [
      tile.sha256,
      2 ** tile.mipmapLevel,
      tile.widthPx,
      tile.heightPx,
      stackFromTile,
      intensity ?? null,
    ]),
  );
  return {
    key: unitKey('render-region', 1, fusing.volume, kernels, geometryOf(fusing, region), sources),
    subject: nameOf(region),
    run: async (signal) => writeRegion(fusing.writer, region, await renderRegion(fusing, region, slices, signal)),
    stillThere: (written) => written.chunks.every(({ key, bytes }) => fusing.isThere(key, bytes)),
  };
}

/** For each z of the region, the tiles that touch it, in the order of the dataset. */
function slicesOf({ tilesAt, originVoxel }: FusePlan, { min, size }: Region): readonly (readonly FuseTile[])[] {
  const [minX, minY] = [min[0] + originVoxel[0], min[1] + originVoxel[1]];
  const touches = ({ bounds }: FuseTile): boolean =>
    bounds.maxX > minX && bounds.minX < minX + size[0] && bounds.maxY > minY && bounds.minY < minY + size[1];
  return Array.from({ length: size[2] }, (_, z) => (tilesAt.get(min[2] + z) ?? []).filter(touches));
}

async function renderRegion(
  { job, plan }: Fusing,
  { min, size }: Region,
  slices: readonly (readonly FuseTile[])[],
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { dtype } = plan.volume;
  const width = bytesPerVoxel[dtype];
  const voxels = new Uint8Array(size[0] * size[1] * size[2] * width);
  const sliceSize: Vec3 = [size[0], size[1], 1];
  for (const [z, tiles] of slices.entries()) {
    if (tiles.length === 0) continue;
    const { outputs } = await job.kernels.run(
      'render-region',
      {
        tiles: tiles.map(({ tile, stackFromTile, intensity }) => ({
          image: tileImage(tile),
          stackFromTile,
          ...(intensity && { intensity }),
        })),
        originPx: [min[0] + plan.originVoxel[0], min[1] + plan.originVoxel[1]],
        sizePx: [size[0], size[1]],
        dtype,
      },
      { signal },
    );
    if (outputs[0])
      copyVoxels(
        { bytes: outputs[0], size: sliceSize, at: [0, 0, 0] },
        { bytes: voxels, size, at: [0, 0, z] },
        sliceSize,
        width,
      );
  }
  return voxels;
}

function downsampleUnit(fusing: Fusing, region: Region): Unit<WrittenRegion> {
  const kernels = [tasks['downsample-mean'].version, tasks['encode-chunk'].version];
  return {
    key: unitKey('downsample-mean', 1, fusing.volume, kernels, geometryOf(fusing, region)),
    subject: nameOf(region),
    run: async (signal) => writeRegion(fusing.writer, region, await downsampleRegion(fusing, region, signal)),
    stillThere: (written) => written.chunks.every(({ key, bytes }) => fusing.isThere(key, bytes)),
  };
}

async function downsampleRegion(
  { job, plan, writer }: Fusing,
  region: Region,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { levels, dtype } = plan.volume;
  const [finer, level] = [levels[region.level - 1], levels[region.level]];
  if (!finer || !level) throw new RangeError(`no level ${region.level}`);
  const min = mapAxes((i) => region.min[i] * level.stepXyz[i]);
  const size = mapAxes((i) => Math.min(region.size[i] * level.stepXyz[i], finer.sizeXyz[i] - min[i]));
  const box = await readBox(writer, region.level - 1, min, size);
  const { outputs } = await job.kernels.run(
    'downsample-mean',
    { dtype, sizeXyz: [...size], factorXyz: [...level.stepXyz] },
    { inputs: [box], signal },
  );
  if (!outputs[0]) throw new Error('downsample-mean gave no voxels');
  return outputs[0];
}

/** Everything of the layout that a region's bytes depend on. */
function geometryOf({ plan: { volume, originVoxel } }: Fusing, { level, min, size }: Region): unknown {
  return [volume.dtype, originVoxel, volume.levels[0]?.sizeXyz, volume.levels[level]?.chunkXyz, level, min, size];
}

const nameOf = ({ level, firstChunk }: Region): string => `level ${level}, chunk ${firstChunk.join(' ')}`;
