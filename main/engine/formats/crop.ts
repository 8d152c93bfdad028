import type { Vec3 } from '../../../preload/contract/space.ts';

/** Boxes of voxels inside boxes of voxels, x fastest. `at` are places in voxels from the box's corner. */
export interface VoxelBox {
  readonly bytes: Uint8Array;
  readonly size: Vec3;
  readonly at: Vec3;
}

/** Rows of fewer bytes are copied word by word: making the views that `set` needs costs more than they hold. */
const shortRow = 128;

/** Copies `size` voxels of `width` bytes from one box to another, row by row. */
export function copyVoxels(from: VoxelBox, to: VoxelBox, size: Vec3, width: number): void {
  const row = size[0] * width;
  const source = new DataView(from.bytes.buffer, from.bytes.byteOffset, from.bytes.byteLength);
  const target = new DataView(to.bytes.buffer, to.bytes.byteOffset, to.bytes.byteLength);
  for (let z = 0; z < size[2]; z++) {
    for (let y = 0; y < size[1]; y++) {
      const [at, into] = [offsetOf(from, y, z) * width, offsetOf(to, y, z) * width];
      if (row < shortRow) copyWords(source, at, target, into, row);
      else to.bytes.set(from.bytes.subarray(at, at + row), into);
    }
  }
}

function copyWords(source: DataView, at: number, target: DataView, into: number, bytes: number): void {
  const words = bytes & ~7;
  for (let i = 0; i < words; i += 8) target.setBigUint64(into + i, source.getBigUint64(at + i, true), true);
  for (let i = words; i < bytes; i++) target.setUint8(into + i, source.getUint8(at + i));
}

const offsetOf = ({ size, at }: VoxelBox, y: number, z: number): number =>
  ((at[2] + z) * size[1] + at[1] + y) * size[0] + at[0];

const corner: Vec3 = [0, 0, 0];
const isSame = (a: Vec3, b: Vec3): boolean => a.every((value, i) => value === b[i]);

/** The `size` voxels at the corner of a box; the same array where that is all of it. */
export function cropVoxels(voxels: Uint8Array, full: Vec3, size: Vec3, width: number): Uint8Array {
  if (isSame(full, size)) return voxels;
  const out = new Uint8Array(size[0] * size[1] * size[2] * width);
  copyVoxels({ bytes: voxels, size: full, at: corner }, { bytes: out, size, at: corner }, size, width);
  return out;
}
