import type { BlobCache } from './library-store.ts';

/** A grey 8-bit picture of a tile, longer side `thumbnailPx`. */
export interface Thumbnail {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixels: Uint8Array;
}

export const thumbnailPx = 128;

/**
 * Thumbnails lie in the cache under `thumbnail/v1/128/<SHA-256 of the file>`: two little-endian u16 (width, height),
 * then the pixels. Losing one loses nothing: the kernel `inspect-tile` makes it again from the source.
 */
const keyOf = (fileSha256: string): string => `thumbnail/v1/${thumbnailPx}/${fileSha256}`;
const headerBytes = 4;

export function putThumbnail(cache: BlobCache, fileSha256: string, { widthPx, heightPx, pixels }: Thumbnail): void {
  const blob = new Uint8Array(headerBytes + pixels.byteLength);
  const header = new DataView(blob.buffer);
  header.setUint16(0, widthPx, true);
  header.setUint16(2, heightPx, true);
  blob.set(pixels, headerBytes);
  cache.putSoon(keyOf(fileSha256), blob);
}

/** Null where the cache has none, or one that does not add up. */
export function getThumbnail(cache: BlobCache, fileSha256: string): Thumbnail | null {
  const blob = cache.get(keyOf(fileSha256));
  if (!blob || blob.byteLength < headerBytes) return null;
  const header = new DataView(blob.buffer, blob.byteOffset, headerBytes);
  const [widthPx, heightPx] = [header.getUint16(0, true), header.getUint16(2, true)];
  if (blob.byteLength !== headerBytes + widthPx * heightPx) return null;
  return { widthPx, heightPx, pixels: blob.subarray(headerBytes) };
}
