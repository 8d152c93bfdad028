import type { Vec3 } from '../../../preload/contract/space.ts';
import { levelAt, mapAxes } from '../formats/pyramid.ts';
import type { VolumePlan } from '../formats/volume-format.ts';
import type { Affine3 } from '../transforms/affine3.ts';

/** The middle of a volume, nm of volume space. */
export function middleOf(plan: VolumePlan): Vec3 {
  const { originNm, sizeXyz, voxelSizeNm } = levelAt(plan, 0);
  return mapAxes((i) => originNm[i] + (sizeXyz[i] * voxelSizeNm[i]) / 2);
}

/** The shift from the middle of one volume to that of another, nm. */
export function middleOnMiddle(from: VolumePlan, to: VolumePlan): Affine3 {
  const [start, end] = [middleOf(from), middleOf(to)];
  return [1, 0, 0, end[0] - start[0], 0, 1, 0, end[1] - start[1], 0, 0, 1, end[2] - start[2]];
}
