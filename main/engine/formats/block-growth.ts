import type { Vec3 } from '../../../preload/contract/space.ts';
import { mapAxes, voxelsIn } from './pyramid.ts';
import type { VolumeLevelPlan } from './volume-format.ts';

/**
 * A block of whole chunks that keeps to a limit of bytes: one chunk, doubled along its axes in turn (x, y, z) while it
 * stays within the limit and the level goes on that way. At least one chunk, however large.
 */
export function growBlock(level: VolumeLevelPlan, bytesPerPoint: number, blockBytes: number): Vec3 {
  let block = level.chunkXyz;
  for (let stuck = 0, axis = 0; stuck < 3; axis = (axis + 1) % 3) {
    const doubled = mapAxes((i) => (i === axis ? block[i] * 2 : block[i]));
    const fits = voxelsIn(doubled) * bytesPerPoint <= blockBytes;
    const ends = (block[axis] ?? 0) >= (level.sizeXyz[axis] ?? 0);
    stuck = fits && !ends ? 0 : stuck + 1;
    if (stuck === 0) block = doubled;
  }
  return block;
}
