import { tasks } from '../../../../native-workers/tasks.ts';
import { bytesPerVoxel, type Dtype, dtypeSchema, type Vec3 } from '../../../../preload/contract/space.ts';
import { copyVoxels } from '../../formats/crop.ts';
import type { JobRun } from '../../jobs/job.ts';
import { type DrawnTile, regionCall } from '../../stacks/drawn-tile.ts';
import type { BlockBox } from '../../volumes/read-box.ts';
import type { FusePlan, FuseTile } from './fuse-plan.ts';
import type { VoxelBox } from './fuse-regions.ts';

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

/**
 * What a block of level 0 is made from, beside its place: the tiles that touch it, their placements and their scale. The
 * unit's own key has the stack, whose maps and corrections never change.
 */
export function factsOf(plan: FusePlan, box: BlockBox): unknown {
  const sources = slicesOf(plan, box).map((tiles) =>
    tiles.map(({ tile, drawn }) => [
      tile.sha256,
      drawn.map((one) => one && [one.image, one.stackFromTile, one.intensity, one.mask, one.map !== null]),
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
  const { size } = box;
  const slices = slicesOf(plan, box);
  if (slices.every((tiles) => tiles.length === 0)) return null;
  const dtype = dtypeSchema.parse(plan.volume.dtype);
  const width = bytesPerVoxel[dtype];
  const channelBytes = size[0] * size[1] * size[2] * width;
  const voxels = new Uint8Array(channelBytes * plan.volume.channels.length);
  const sliceSize: Vec3 = [size[0], size[1], 1];
  for (const channel of plan.volume.channels.keys()) {
    for (const [z, tiles] of slices.entries()) {
      const drawn = tiles.flatMap((tile) => tile.drawn[channel] ?? []);
      const pixels = await renderSlice(job, drawn, { box, dtype, origin: plan.originVoxel }, signal);
      if (!pixels) continue;
      const slice = { bytes: pixels, size: sliceSize, at: [0, 0, 0] as const };
      const into = voxels.subarray(channel * channelBytes, (channel + 1) * channelBytes);
      copyVoxels(slice, { bytes: into, size, at: [0, 0, z] }, sliceSize, width);
    }
  }
  return voxels;
}

async function renderSlice(
  job: JobRun,
  tiles: readonly DrawnTile[],
  { box, dtype, origin }: { readonly box: BlockBox; readonly dtype: Dtype; readonly origin: Vec3 },
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  if (tiles.length === 0) return undefined;
  const originPx = [box.min[0] + origin[0], box.min[1] + origin[1]] as const;
  const output = { originPx, sizePx: [box.size[0], box.size[1]] as const, stepPx: 1 };
  const { header, inputs } = regionCall(tiles, output, { dtype, intensity: true });
  const { outputs } = await job.kernels.run('render-region', header, { inputs, signal });
  return outputs[0];
}
