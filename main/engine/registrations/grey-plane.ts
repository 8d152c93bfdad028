import type { VoxelType } from '../../../preload/contract/space.ts';
import { typedVoxels } from '../../../preload/contract/typed-voxels.ts';
import { greysBetween } from './greys.ts';

/** Voxels as 8-bit greys: a window of levels stretched from black to white; NaN is black. */
export function greysOf(bytes: Uint8Array, dtype: VoxelType, [low, high]: readonly [number, number]): Uint8Array {
  const voxels = typedVoxels(bytes, dtype);
  const grey = greysBetween(low, high);
  return Uint8Array.from({ length: voxels.length }, (_, i) => grey(Number(voxels[i])));
}

/** Labels as greys: which are the same and which are not; 0 is black. Neighbouring numbers are told apart. */
export function greysOfLabels(bytes: Uint8Array, dtype: VoxelType): Uint8Array {
  const voxels = typedVoxels(bytes, dtype);
  return Uint8Array.from({ length: voxels.length }, (_, i) => {
    const label = Number(voxels[i]);
    return label === 0 ? 0 : 60 + Math.round(195 * ((label * 0.618034) % 1));
  });
}
