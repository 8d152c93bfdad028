import type { Vec3 } from '../../../../preload/contract/space.ts';
import { idOfWords } from '../../../ui/label-colours.ts';

/** An indexed brick of labels (preload/contract/brick.ts), as views into its bytes. */
export interface IndexedBrick {
  /** Low and high words of each id, in the order of their first voxel. */
  readonly words: Uint32Array;
  /** One for each voxel, x fastest: which id. */
  readonly indices: Uint8Array | Uint16Array | Uint32Array;
}

const headerBytes = 8;

/**
 * Reads a brick of so many voxels. `bytes` must not be empty (an empty brick is background all through). Throws RangeError
 * where it lies: of its length, of the width of its indices, of an index that has no id. O(voxels).
 */
export function parseIndexedBrick(bytes: Uint8Array, voxels: number): IndexedBrick {
  const own = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset, byteLength } = own;
  if (byteLength < headerBytes) throw lie(`it has ${byteLength} bytes`);
  const view = new DataView(buffer, byteOffset, byteLength);
  const [ids, width] = [view.getUint32(0, true), view.getUint32(4, true)];
  const wanted = headerBytes + 8 * ids + width * voxels;
  if (ids === 0 || ids > voxels) throw lie(`it has ${ids} ids for ${voxels} voxels`);
  if (byteLength !== wanted) throw lie(`it has ${byteLength} bytes, not ${wanted}`);
  const words = new Uint32Array(buffer, byteOffset + headerBytes, 2 * ids);
  const indices = indicesOf(width, buffer, byteOffset + headerBytes + 8 * ids, voxels);
  for (const index of indices) if (index >= ids) throw lie(`a voxel has index ${index} of ${ids} ids`);
  return { words, indices };
}

function indicesOf(width: number, buffer: ArrayBufferLike, at: number, voxels: number): IndexedBrick['indices'] {
  if (width === 1) return new Uint8Array(buffer, at, voxels);
  if (width === 2) return new Uint16Array(buffer, at, voxels);
  if (width === 4) return new Uint32Array(buffer, at, voxels);
  throw lie(`its indices are ${width} bytes wide`);
}

const lie = (what: string): RangeError => new RangeError(`a brick of labels does not hold what it says: ${what}`);

export const idCount = (brick: IndexedBrick): number => brick.words.length >> 1;

/** The id of a voxel of a brick of `size` voxels, decimal and exact; null outside of the brick. */
export function labelAt(brick: IndexedBrick, size: Vec3, [x, y, z]: Vec3): string | null {
  const inside = x >= 0 && y >= 0 && z >= 0 && x < size[0] && y < size[1] && z < size[2];
  const index = inside ? brick.indices[x + size[0] * (y + size[1] * z)] : undefined;
  return index === undefined ? null : idOfWords(brick.words[2 * index] ?? 0, brick.words[2 * index + 1] ?? 0);
}
