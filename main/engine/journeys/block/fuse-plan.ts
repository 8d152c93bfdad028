import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Dtype, Vec3 } from '../../../../preload/contract/space.ts';
import { alignToLevels, mapAxes, planVolume, type PyramidRequest } from '../../formats/pyramid.ts';
import type { VolumePlan } from '../../formats/volume-format.ts';
import type { StoredBlock } from '../../stacks/block-rows.ts';
import { axes3 } from './numbers.ts';

/** A block that goes into the volume. */
export interface FuseBlock {
  readonly block: StoredBlock;
  /** In voxels of the volume: of the block's outer corner. */
  readonly at: Vec3;
  /** Voxels from a face over which its weight rises. */
  readonly ramp: Vec3;
}

export interface BlockFusePlan {
  readonly volume: VolumePlan;
  readonly originVoxel: Vec3;
  readonly blocks: readonly FuseBlock[];
}

export interface FuseRequest {
  readonly name: string;
  readonly voxelSizeNm: Vec3;
  readonly channels: readonly string[];
  readonly blocks: readonly { readonly block: StoredBlock; readonly place: Vec3 }[];
}

/** A volume larger than this along an axis is a mistake of the layout. */
const maxSide = 10_000_000;
/** An overlap wider than this part of a block is no ramp. */
const mostRampPart = 0.45;

/** Lays out the volume of all voxels that a block covers. */
export function planFuse({ name, voxelSizeNm, channels, blocks }: FuseRequest): BlockFusePlan {
  const dtype: Dtype = blocks.some(({ block }) => block.dtype === 'uint16') ? 'uint16' : 'uint8';
  const corner = mapAxes((k) => Math.floor(Math.min(...blocks.map(({ place }) => place[k])) + 0.5));
  const far = mapAxes((k) =>
    Math.ceil(Math.max(...blocks.map(({ place, block }) => place[k] + block.sizeXyz[k])) - 0.5),
  );
  const sizeXyz = mapAxes((k) => Math.max(1, far[k] - corner[k]));
  if (sizeXyz.some((side) => side > maxSide)) throw tooLarge(name, sizeXyz);
  const request: PyramidRequest = { name, sizeXyz, dtype, voxelSizeNm, chunkXyz: [64, 64, 64], originNm: [0, 0, 0] };
  const aligned = alignToLevels(request, corner);
  const originNm = mapAxes((k) => aligned.originVoxel[k] * voxelSizeNm[k]);
  const volume = planVolume({ ...request, sizeXyz: aligned.sizeXyz, originNm });
  const ramp = rampOf(blocks);
  return {
    volume: { ...volume, channels: channels.map((channel) => ({ name: channel, color: null, window: null })) },
    originVoxel: aligned.originVoxel,
    blocks: blocks.map(({ block, place }) => ({
      block,
      at: mapAxes((k) => place[k] - aligned.originVoxel[k]),
      ramp: mapAxes((k) => Math.min(ramp[k], block.sizeXyz[k] * mostRampPart)),
    })),
  };
}

/** Along each axis the middle width of the overlaps of neighbours along it; 0 where there are none. */
function rampOf(blocks: FuseRequest['blocks']): Vec3 {
  const widths: readonly number[][] = [[], [], []];
  for (const [i, a] of blocks.entries()) {
    for (const b of blocks.slice(i + 1)) {
      const parts = axes3.map((k) => {
        const low = Math.max(a.place[k], b.place[k]);
        const high = Math.min(a.place[k] + a.block.sizeXyz[k], b.place[k] + b.block.sizeXyz[k]);
        return { width: high - low, part: (high - low) / Math.min(a.block.sizeXyz[k], b.block.sizeXyz[k]) };
      });
      if (parts.some(({ width }) => width <= 0)) continue;
      const narrow = axes3.filter((k) => (parts[k]?.part ?? 1) < 0.5);
      const [axis] = narrow;
      if (narrow.length === 1 && axis !== undefined) widths[axis]?.push(parts[axis]?.width ?? 0);
    }
  }
  return mapAxes((k) => {
    const sorted = (widths[k] ?? []).toSorted((p, q) => p - q);
    return sorted[sorted.length >> 1] ?? 0;
  });
}

function tooLarge(name: string, size: Vec3): LamellaError {
  return new LamellaError(
    'over-budget',
    `The volume "${name}" would be ${size.join(' x ')} voxels; a side may have ${maxSide}.`,
    {
      hint: 'A block lies far from the others: look at the layout.',
      fields: { width: size[0], height: size[1], depth: size[2] },
    },
  );
}
