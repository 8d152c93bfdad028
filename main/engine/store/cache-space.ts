/** Pages of the cache: blobs of 64 KiB lie on few of them, and are read in two thirds of the time that pages of 4 KiB take. */
export const cachePageBytes = 16_384;

/** Of a row beside its blob: key, numbers, and its entry in the index. */
const rowBytes = 256;

/** Bytes of the pages that blobs will take up, about: small ones share a page, large ones have pages of their own. */
export function spaceOf(blobs: Iterable<{ readonly bytes: Uint8Array }>): number {
  let space = 0;
  for (const { bytes } of blobs) {
    const row = bytes.byteLength + rowBytes;
    space += row < cachePageBytes / 4 ? row : Math.ceil(row / (cachePageBytes - 96)) * cachePageBytes;
  }
  return space;
}
