import { mapAxes } from '../pyramid.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';

/**
 * Compressed Morton codes: the keys of chunks in a sharded volume. Bit i of x, y and z follow each other for i = 0, 1, …,
 * and a bit is left out on an axis whose grid does not need it (2^i >= grid): google/neuroglancer, volume.rst.
 */
export type MortonAxes = readonly (0 | 1 | 2)[];

/** The axis that each bit of a code comes from, lowest bit first. Over 64 are more than a key can hold. */
export function mortonAxes(grid: Vec3): MortonAxes {
  const axes: (0 | 1 | 2)[] = [];
  for (let bit = 0; bit < 32; bit++) for (const axis of [0, 1, 2] as const) if (2 ** bit < grid[axis]) axes.push(axis);
  return axes;
}

/** Halves of 32 bits: a double does not hold a code, and a bigint for each bit is slow. */
export function mortonCode(axes: MortonAxes, at: Vec3): bigint {
  const rest = [at[0], at[1], at[2]];
  let [low, high] = [0, 0];
  for (const [bit, axis] of axes.entries()) {
    const value = rest[axis] ?? 0;
    if (bit < 32) low |= (value & 1) << bit;
    else high |= (value & 1) << (bit - 32);
    rest[axis] = value >>> 1;
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/** The first `bits` bits of codes count through a box of this many chunks, whose corner is a multiple of it. */
export const mortonBox = (axes: MortonAxes, bits: number): Vec3 => {
  const taken = axes.slice(0, bits);
  return mapAxes((i) => 2 ** taken.filter((axis) => axis === i).length);
};
