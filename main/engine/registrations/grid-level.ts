import { gridOf, mapAxes } from '../formats/pyramid.ts';
import type { VolumeLevelPlan } from '../formats/volume-format.ts';
import type { WorkingGrid } from './working-levels.ts';

const chunkSide = 64;

/** A grid as the only level of a volume that is made when it is read, in cubes of 64 voxels. */
export function levelOfGrid({ sizeXyz, voxelSizeNm, originNm }: WorkingGrid): VolumeLevelPlan {
  const chunkXyz = mapAxes((i) => Math.min(chunkSide, sizeXyz[i]));
  return { key: '0', sizeXyz, chunkXyz, gridXyz: gridOf(sizeXyz, chunkXyz), voxelSizeNm, originNm, stepXyz: [1, 1, 1] };
}
