import type { BlobCache } from './library-store.ts';

/** A grey 8-bit picture of a tile, whose longer side is at most `thumbnailPx` or `smallPx`. */
export interface Thumbnail {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixels: Uint8Array;
}

export const thumbnailPx = 128;
/** Of overviews with thousands of tiles: read in a tenth of the time, and 100,000 of them take up 130 MB. */
export const smallPx = 32;
export type ThumbnailPx = typeof thumbnailPx | typeof smallPx;

/**
 * Thumbnails lie in the cache under `thumbnail/v1/SIDE/<SHA-256 of the file>`: two little-endian u16 (width, height),
 * then the pixels. Losing one loses nothing: the kernel `inspect-tile` makes it again from the source.
 */
const keyOf = (fileSha256: string, px: ThumbnailPx): string => `thumbnail/v1/${px}/${fileSha256}`;
const headerBytes = 4;

/** Takes one of `thumbnailPx`, and keeps a small one, too. */
export function putThumbnail(cache: BlobCache, fileSha256: string, thumbnail: Thumbnail): void {
  putOne(cache, keyOf(fileSha256, thumbnailPx), thumbnail);
  putOne(cache, keyOf(fileSha256, smallPx), smallOf(thumbnail));
}

function putOne(cache: BlobCache, key: string, { widthPx, heightPx, pixels }: Thumbnail): void {
  const blob = new Uint8Array(headerBytes + pixels.byteLength);
  const header = new DataView(blob.buffer);
  header.setUint16(0, widthPx, true);
  header.setUint16(2, heightPx, true);
  blob.set(pixels, headerBytes);
  cache.putSoon(key, blob);
}

/** Null where the cache has none, or one that does not add up. */
export function getThumbnail(cache: BlobCache, fileSha256: string, px: ThumbnailPx = thumbnailPx): Thumbnail | null {
  const blob = cache.get(keyOf(fileSha256, px));
  if (blob) return thumbnailIn(blob);
  const large = px === smallPx ? getThumbnail(cache, fileSha256) : null;
  if (!large) return null;
  const small = smallOf(large);
  putOne(cache, keyOf(fileSha256, smallPx), small);
  return small;
}

function thumbnailIn(blob: Uint8Array): Thumbnail | null {
  if (blob.byteLength < headerBytes) return null;
  const header = new DataView(blob.buffer, blob.byteOffset, headerBytes);
  const [widthPx, heightPx] = [header.getUint16(0, true), header.getUint16(2, true)];
  if (blob.byteLength !== headerBytes + widthPx * heightPx) return null;
  return { widthPx, heightPx, pixels: blob.subarray(headerBytes) };
}

function smallOf(thumbnail: Thumbnail): Thumbnail {
  let small = thumbnail;
  while (Math.max(small.widthPx, small.heightPx) > smallPx && Math.min(small.widthPx, small.heightPx) >= 2)
    small = halved(small);
  return small;
}

/** Half as wide and high, of the means of four pixels each: nothing flickers. At least 2 x 2. */
export function halved({ widthPx, heightPx, pixels }: Thumbnail): Thumbnail {
  const [w, h] = [widthPx >> 1, heightPx >> 1];
  const half = new Uint8Array(w * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const at = 2 * y * widthPx + 2 * x;
      const sum = (pixels[at] ?? 0) + (pixels[at + 1] ?? 0);
      const below = (pixels[at + widthPx] ?? 0) + (pixels[at + widthPx + 1] ?? 0);
      half[y * w + x] = (sum + below + 2) >> 2;
    }
  }
  return { widthPx: w, heightPx: h, pixels: half };
}
