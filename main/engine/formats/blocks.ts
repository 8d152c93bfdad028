import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { mapAxes, voxelsIn } from './pyramid.ts';
import type { BlockAt, VolumeLevelPlan } from './volume-format.ts';

/**
 * The box of chunks of a level that is encoded at once: as near to a cube as chunks allow, at most `mostBytes` (of all
 * channels: `voxelBytes` a voxel), never smaller than a chunk, and doubled no further than the level reaches.
 * Throws 'over-budget' where one chunk is already more.
 */
export function blockOf(level: VolumeLevelPlan, voxelBytes: number, mostBytes: number): Vec3 {
  let block = level.chunkXyz;
  if (voxelsIn(block) * voxelBytes > mostBytes) throw overBudget(level, voxelBytes, mostBytes);
  while (voxelsIn(block) * 2 * voxelBytes <= mostBytes) {
    const now = block;
    const open = ([0, 1, 2] as const).filter((i) => now[i] < level.sizeXyz[i]);
    const [axis] = open.sort((a, b) => now[a] - now[b]);
    if (axis === undefined) break;
    block = mapAxes((i) => (i === axis ? now[i] * 2 : now[i]));
  }
  return block;
}

function overBudget({ chunkXyz }: VolumeLevelPlan, voxelBytes: number, mostBytes: number): LamellaError {
  const bytes = voxelsIn(chunkXyz) * voxelBytes;
  return new LamellaError(
    'over-budget',
    `Chunks of ${chunkXyz.join(' x ')} take ${bytes} bytes with all channels, but ${mostBytes} may be held at once.`,
    { hint: 'Choose smaller chunks, or allow more memory.', fields: { bytes, mostBytes } },
  );
}

/** A caller's mistake. */
export const badPlanBlock = ({ level, xyz, time }: BlockAt, given: number, wanted: number): LamellaError =>
  new LamellaError(
    'invalid-input',
    `Block ${xyz.join(', ')} of level ${level} and time ${time} takes ${wanted} bytes, not ${given}.`,
    {
      hint: 'Give the voxels of whole blocks, cropped to the volume, with all channels.',
      fields: { level, given, wanted },
    },
  );
