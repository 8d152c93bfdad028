import type { VoxelType } from './space.ts';

const views = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  uint64: BigUint64Array,
  int64: BigInt64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Record<VoxelType, unknown>;

/** Bytes as the numbers that they are, little-endian, without a copy where they lie as their type wants. */
export function typedVoxels(bytes: Uint8Array, dtype: VoxelType): InstanceType<(typeof views)[VoxelType]> {
  const View = views[dtype];
  const lies = bytes.byteOffset % View.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset, byteLength } = lies ? bytes : bytes.slice();
  return new View(buffer as ArrayBuffer, byteOffset, byteLength / View.BYTES_PER_ELEMENT);
}
