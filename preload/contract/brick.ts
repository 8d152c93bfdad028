import { z } from 'zod';

/**
 * A brick is one chunk of one level of a volume. The address is [level, x, y, z] in units of the level's brick size.
 * Bricks travel in batches: a little-endian header of 8 int32 a brick (level, x, y, z, sizeX, sizeY, sizeZ, byteLength),
 * each followed by its voxels (x fastest, dtype of `display`), padded to 4 bytes. byteLength 0 = all fill value (0).
 *
 * Bricks of labels are indexed, so that ids of 64 bits stay exact: uint32 n, uint32 width (1, 2 or 4), then n uint64 ids in
 * the order of their first voxel, then one index of `width` bytes a voxel.
 */
export const brickAddressSchema = z
  .tuple([z.number().int(), z.number().int(), z.number().int(), z.number().int()])
  .readonly();
export type BrickAddress = z.infer<typeof brickAddressSchema>;

export interface Brick {
  readonly address: BrickAddress;
  /** Voxels along x, y, z: smaller than the brick size at the far edges. */
  readonly size: readonly [number, number, number];
  readonly voxels: Uint8Array;
}

const headerInts = 8;
const padded = (bytes: number): number => (bytes + 3) & ~3;

export function packBricks(bricks: readonly Brick[]): Uint8Array {
  const total = bricks.reduce((sum, b) => sum + headerInts * 4 + padded(b.voxels.byteLength), 0);
  const out = new Uint8Array(total);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const { address, size, voxels } of bricks) {
    [...address, ...size, voxels.byteLength].forEach((value, i) => view.setInt32(at + i * 4, value, true));
    out.set(voxels, at + headerInts * 4);
    at += headerInts * 4 + padded(voxels.byteLength);
  }
  return out;
}

/** Views into `batch`, no copies. Throws RangeError on a batch that is cut short. */
export function unpackBricks(batch: Uint8Array): readonly Brick[] {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
  const bricks: Brick[] = [];
  for (let at = 0; at < batch.byteLength;) {
    const int = (i: number): number => view.getInt32(at + i * 4, true);
    const byteLength = int(7);
    const start = at + headerInts * 4;
    if (byteLength < 0 || start + byteLength > batch.byteLength)
      throw new RangeError('the batch of bricks is cut short');
    bricks.push({
      address: [int(0), int(1), int(2), int(3)],
      size: [int(4), int(5), int(6)],
      voxels: batch.subarray(start, start + byteLength),
    });
    at = start + padded(byteLength);
  }
  return bricks;
}
