import type { Vec3 } from '../../../preload/contract/space.ts';
import type { Voxels } from './brick-pool.ts';

/**
 * Voxels of a brick (x fastest) as words of 32 bits, rows that end within a word filled up with 0. Without a copy where
 * rows are whole words. Voxels lie in the order of the machine's bytes, which is lowest first wherever there is WebGL.
 */
export function inWords(voxels: Voxels, [width]: Vec3): Uint32Array {
  const perWord = 4 / voxels.BYTES_PER_ELEMENT;
  if (width % perWord === 0 && voxels.byteOffset % 4 === 0)
    return new Uint32Array(voxels.buffer, voxels.byteOffset, voxels.byteLength >> 2);
  const whole = Math.ceil(width / perWord) * perWord;
  const rows = Math.ceil(voxels.length / width);
  const filled = new (voxels.constructor as { new (length: number): Voxels })(whole * rows);
  for (let row = 0; row < rows; row++) filled.set(voxels.subarray(row * width, (row + 1) * width), row * whole);
  return new Uint32Array(filled.buffer);
}

/**
 * GLSL 3.00 es, after `#define VOXEL_BITS` (8, 16 or 32): which word of a texture holds a voxel, and the voxel in it.
 */
export const wordGlsl = /* glsl */ `
#if VOXEL_BITS == 8
#define WORD_SHIFT 2
#elif VOXEL_BITS == 16
#define WORD_SHIFT 1
#else
#define WORD_SHIFT 0
#endif

ivec3 wordAt(ivec3 voxel) {
  return ivec3(voxel.x >> WORD_SHIFT, voxel.yz);
}

uint voxelIn(uint word, int x) {
#if VOXEL_BITS == 32
  return word;
#else
  return (word >> uint((x & ((1 << WORD_SHIFT) - 1)) * VOXEL_BITS)) & ((1u << VOXEL_BITS) - 1u);
#endif
}`;
