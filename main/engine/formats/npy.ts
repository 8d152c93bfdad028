import { bytesPerVoxel, type VoxelType } from '../../../preload/contract/space.ts';

/**
 * The header of a NumPy .npy file, version 1.0 (numpy.lib.format): C order, little-endian, padded so that the data
 * begins at a multiple of 64 bytes. The voxels follow as they are.
 */
export function npyHeader(dtype: VoxelType, shape: readonly number[]): Uint8Array {
  const letter = dtype.startsWith('uint') ? 'u' : dtype.startsWith('int') ? 'i' : 'f';
  const width = bytesPerVoxel[dtype];
  const descr = `${width === 1 ? '|' : '<'}${letter}${width}`;
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const prefix = 10;
  const padded = dictionary.padEnd(Math.ceil((prefix + dictionary.length + 1) / 64) * 64 - prefix - 1, ' ');
  const out = new Uint8Array(prefix + padded.length + 1);
  out.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0]);
  new DataView(out.buffer).setUint16(8, padded.length + 1, true);
  out.set(new TextEncoder().encode(`${padded}\n`), prefix);
  return out;
}
