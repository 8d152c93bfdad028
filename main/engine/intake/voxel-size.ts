import { LamellaError } from '../../../preload/contract/errors.ts';
import { isVoxelSizeNm, type Vec3 } from '../../../preload/contract/space.ts';

/** 'invalid-input' for a voxel of more than a metre. */
export function refuseVoxelSize(voxelSizeNm: Vec3): void {
  if (isVoxelSizeNm(voxelSizeNm)) return;
  throw new LamellaError(
    'invalid-input',
    `voxelSizeNm: a voxel of ${voxelSizeNm.join(' x ')} nm is more than a metre.`,
    {
      hint: 'Give the size of a voxel along x, y and z in nanometres, such as 4,4,40.',
      fields: { field: 'voxelSizeNm' },
    },
  );
}
