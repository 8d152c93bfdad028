import type { EncodedChunk } from '../../../../native-workers/voxel-tasks.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { crc32cOf } from '../crc32c.ts';

/**
 * A file of the codec `sharding_indexed`: chunks one after the other, then the index (offset and length of each as
 * uint64, x fastest; 2^64 - 1 twice where there is none) and its crc32c.
 */
export function encodeShard(gridXyz: Vec3, chunks: readonly EncodedChunk[]): Uint8Array {
  const indexBytes = gridXyz[0] * gridXyz[1] * gridXyz[2] * 16;
  const dataBytes = chunks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  const file = new Uint8Array(dataBytes + indexBytes + 4);
  file.fill(0xff, dataBytes);
  const index = new DataView(file.buffer, dataBytes);
  let offset = 0;
  for (const { at, bytes } of chunks) {
    const entry = ((at[2] * gridXyz[1] + at[1]) * gridXyz[0] + at[0]) * 16;
    index.setBigUint64(entry, BigInt(offset), true);
    index.setBigUint64(entry + 8, BigInt(bytes.byteLength), true);
    file.set(bytes, offset);
    offset += bytes.byteLength;
  }
  index.setUint32(indexBytes, crc32cOf(file.subarray(dataBytes, dataBytes + indexBytes)), true);
  return file;
}
