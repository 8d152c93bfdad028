import type { VolumeLevelPlan } from '../formats/volume-format.ts';
import { type Affine3, composeAffine3, invertAffine3 } from '../transforms/affine3.ts';

type Grid = Pick<VolumeLevelPlan, 'voxelSizeNm' | 'originNm'>;

/**
 * From the space of a registration's kernel to that of the volume. There a level's first voxel has its *centre* at 0 and
 * lengths are micrometres; here its *corner* is at the origin of the level, and lengths are nanometres.
 */
function nmFromKernel({ voxelSizeNm: [x, y, z], originNm: [ox, oy, oz] }: Grid): Affine3 {
  return [1000, 0, 0, ox + x / 2, 0, 1000, 0, oy + y / 2, 0, 0, 1000, oz + z / 2];
}

/** The same map between two volumes, of nanometres instead of the kernel's micrometres. */
export const nmMap = (map: Affine3, to: Grid, from: Grid): Affine3 =>
  composeAffine3(composeAffine3(nmFromKernel(to), map), inverse(nmFromKernel(from)));

/** The same map between two volumes, of the kernel's micrometres instead of nanometres. */
export const kernelMap = (map: Affine3, to: Grid, from: Grid): Affine3 =>
  composeAffine3(composeAffine3(inverse(nmFromKernel(to)), map), nmFromKernel(from));

function inverse(map: Affine3): Affine3 {
  const found = invertAffine3(map);
  if (found) return found;
  throw new Error('a map of the kernel has no inverse');
}
