import { tasks } from '../../../../native-workers/tasks.ts';
import { bytesPerVoxel, dtypeSchema, type Vec3 } from '../../../../preload/contract/space.ts';
import { copyVoxels } from '../../formats/crop.ts';
import type { JobRun } from '../../jobs/job.ts';
import type { BlockBox } from '../../volumes/read-box.ts';
import type { FusePlan, FuseTile } from './fuse-plan.ts';
import type { VoxelBox } from './fuse-regions.ts';
import { tileImage } from './pairs.ts';

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

/** What a block of level 0 is made from, beside its place: the tiles that touch it, their placements and their scale. */
export function factsOf(plan: FusePlan, box: BlockBox): unknown {
  const sources = slicesOf(plan, box).map((tiles) =>
    tiles.map(({ tile, stackFromTile, intensity }) => [
      tile.sha256,
      2 ** tile.mipmapLevel,
      tile.widthPx,
      tile.heightPx,
      stackFromTile,
      intensity ?? null,
    ]),
  );
  const { volume, originVoxel } = plan;
  return [tasks['render-region'].version, volume.dtype, originVoxel, volume.levels[0]?.sizeXyz, sources];
}

/** For each z of the region, the tiles that touch it, in the order of the dataset. */
function slicesOf({ tilesAt, originVoxel }: FusePlan, { min, size }: BlockBox): readonly (readonly FuseTile[])[] {
  const [minX, minY] = [min[0] + originVoxel[0], min[1] + originVoxel[1]];
  const touches = ({ bounds }: FuseTile): boolean =>
    bounds.maxX > minX && bounds.minX < minX + size[0] && bounds.maxY > minY && bounds.minY < minY + size[1];
  return Array.from({ length: size[2] }, (_, z) => (tilesAt.get(min[2] + z) ?? []).filter(touches));
}

/** Blends the tiles of a block, section by section; null where no tile touches it. */
export async function renderBlock(
  job: JobRun,
  plan: FusePlan,
  box: BlockBox,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const { min, size } = box;
  const slices = slicesOf(plan, box);
  if (slices.every((tiles) => tiles.length === 0)) return null;
  const dtype = dtypeSchema.parse(plan.volume.dtype);
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
    if (!outputs[0]) continue;
    const slice = { bytes: outputs[0], size: sliceSize, at: [0, 0, 0] as const };
    copyVoxels(slice, { bytes: voxels, size, at: [0, 0, z] }, sliceSize, width);
  }
  return voxels;
}
