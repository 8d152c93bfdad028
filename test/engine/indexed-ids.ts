/** The id of each voxel of an indexed brick, by the letter of preload/contract/brick.ts; empty bytes are background. */
export function indexedIds(brick: Uint8Array, voxels: number): BigUint64Array {
  if (brick.byteLength === 0) return new BigUint64Array(voxels);
  const view = new DataView(brick.buffer, brick.byteOffset, brick.byteLength);
  const [n, width] = [view.getUint32(0, true), view.getUint32(4, true)];
  const index = { 1: view.getUint8, 2: view.getUint16, 4: view.getUint32 }[width];
  if (!index || brick.byteLength !== 8 + 8 * n + width * voxels)
    throw new Error(`${brick.byteLength} bytes are no brick of ${n} ids and ${voxels} indices of ${width} bytes`);
  const idAt = (i: number): bigint => view.getBigUint64(8 + 8 * index.call(view, 8 + 8 * n + width * i, true), true);
  return BigUint64Array.from({ length: voxels }, (_, i) => idAt(i));
}
