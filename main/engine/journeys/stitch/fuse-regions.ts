import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { levelAt, mapAxes } from '../../formats/pyramid.ts';
import type { BlockAt, VolumeLevelPlan, VolumeWriter } from '../../formats/volume-format.ts';
import { blockGrid } from '../../volumes/write-blocks.ts';

/** A block of voxels of a level; it may reach beyond the level's edges. */
export interface VoxelBox {
  readonly min: Vec3;
  readonly size: Vec3;
}

/** More blocks than this are a mistake of the layout, and more units than a job can hold in memory. */
const maxBlocks = 500_000;

/**
 * The blocks of level 0 that touch one of the boxes: x fastest, then y, then z, as tiles are laid out. Takes as long as
 * there are blocks to give, however large the level: two islands of tiles may lie far apart. 'over-budget' above
 * 500,000 blocks.
 */
export function blocksTouching(
  writer: Pick<VolumeWriter, 'plan' | 'blockXyz'>,
  boxes: Iterable<VoxelBox>,
  most = maxBlocks,
): readonly BlockAt[] {
  const level = levelAt(writer.plan, 0);
  const block = writer.blockXyz(0);
  const counts = blockGrid(writer, 0);
  const places = new Set<number>();
  for (const { min, size } of boxes) {
    const placeAt = (i: 0 | 1 | 2, voxel: number): number =>
      Math.floor(Math.min(Math.max(voxel, 0), level.sizeXyz[i] - 1) / block[i]);
    const first = mapAxes((i) => placeAt(i, min[i]));
    const last = mapAxes((i) => placeAt(i, min[i] + size[i] - 1));
    for (let z = first[2]; z <= last[2]; z++) {
      for (let y = first[1]; y <= last[1]; y++) {
        for (let x = first[0]; x <= last[0]; x++) places.add((z * counts[1] + y) * counts[0] + x);
        if (places.size > most) throw tooMany(level, most);
      }
    }
  }
  return [...places]
    .toSorted((a, b) => a - b)
    .map((place) => {
      const row = Math.floor(place / counts[0]);
      return { level: 0, time: 0, xyz: [place % counts[0], row % counts[1], Math.floor(row / counts[1])] };
    });
}

function tooMany({ sizeXyz }: VolumeLevelPlan, most: number): LamellaError {
  return new LamellaError(
    'over-budget',
    `The tiles cover too much of a volume of ${sizeXyz.join(' x ')} voxels: more than ${most} regions to fuse.`,
    {
      hint: 'A tile may be placed far too large: look at the layout on the tile board, or fuse the sections in parts.',
      fields: { width: sizeXyz[0], height: sizeXyz[1], depth: sizeXyz[2] },
    },
  );
}
