import type { ChunkCodecSpec } from '../../../../native-workers/voxel-tasks.ts';

/** How strips and tiles may be compressed, by the code of tag 259. */
export type Compression = 'none' | 'lzw' | 'jpeg' | 'deflate' | 'packbits' | 'zstd' | 'xz';

const read: ReadonlyMap<number, Compression> = new Map([
  [1, 'none'],
  [5, 'lzw'],
  [7, 'jpeg'],
  [8, 'deflate'],
  [32_946, 'deflate'],
  [32_773, 'packbits'],
  [34_925, 'xz'],
  [50_000, 'zstd'],
]);

const named: ReadonlyMap<number, string> = new Map([
  [2, 'CCITT'],
  [3, 'CCITT fax 3'],
  [4, 'CCITT fax 4'],
  [6, 'old-style JPEG'],
  [32_766, 'NeXT'],
  [32_771, 'word-aligned CCITT'],
  [32_809, 'ThunderScan'],
  [33_003, 'JPEG 2000'],
  [33_004, 'JPEG 2000'],
  [33_005, 'JPEG 2000'],
  [34_676, 'SGI LogL'],
  [34_712, 'JPEG 2000'],
  [34_887, 'LERC'],
  [34_933, 'PNG'],
  [34_934, 'JPEG XR'],
  [50_001, 'WebP'],
  [50_002, 'JPEG XL'],
  [52_546, 'JPEG XL'],
]);

export const compressionOf = (code: number): Compression | undefined => read.get(code);

export const compressionName = (code: number): string => named.get(code) ?? `number ${code}`;

/** The code that `Lamella` writes. */
export const compressionCode: Readonly<Record<'raw' | 'deflate' | 'zstd' | 'lzw', number>> = {
  raw: 1,
  deflate: 8,
  zstd: 50_000,
  lzw: 5,
};

export interface StoredUnit {
  readonly compression: Compression;
  readonly predictor: 1 | 2 | 3;
  /** Pixels of a row of the strip or tile. */
  readonly width: number;
  /** Of a pixel, in this strip or tile. */
  readonly samples: number;
}

/** The steps by which a strip or tile was stored, in the order of encoding. */
export function codecsOf({ compression, predictor, width, samples }: StoredUnit): ChunkCodecSpec[] {
  const steps: ChunkCodecSpec[] = [];
  if (predictor > 1) steps.push({ name: 'predictor', kind: predictor === 2 ? 'horizontal' : 'float', width, samples });
  if (compression === 'deflate') steps.push({ name: 'zlib' });
  else if (compression !== 'none') steps.push({ name: compression });
  return steps;
}

/**
 * A JPEG as it stands alone: with the tables of tag 347, and saying by Adobe's mark whether its three colours are RGB
 * or YCbCr, which in a TIFF is said by the photometric tag.
 */
export function standaloneJpeg(stored: Uint8Array, tables: Uint8Array | null, isYCbCr: boolean | null): Uint8Array {
  if (stored[0] !== 0xff || stored[1] !== 0xd8) return stored;
  const shared = tables && tables.length > 4 ? tables.subarray(2, endOfTables(tables)) : new Uint8Array(0);
  const mark = isYCbCr === null || hasAdobeMark(stored) ? new Uint8Array(0) : adobeMark(isYCbCr);
  return new Uint8Array(Buffer.concat([stored.subarray(0, 2), mark, shared, stored.subarray(2)]));
}

const endOfTables = (tables: Uint8Array): number =>
  tables.at(-2) === 0xff && tables.at(-1) === 0xd9 ? tables.length - 2 : tables.length;

/** APP14: "Adobe", version 100, no flags, and the transform. */
const adobeMark = (isYCbCr: boolean): Uint8Array =>
  Uint8Array.of(0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, isYCbCr ? 1 : 0);

/** Walks the segments before the scan. */
function hasAdobeMark(jpeg: Uint8Array): boolean {
  for (let at = 2; at + 4 <= jpeg.length && jpeg[at] === 0xff;) {
    const marker = jpeg[at + 1];
    if (marker === 0xee && jpeg[at + 4] === 0x41 && jpeg[at + 5] === 0x64) return true;
    if (marker === 0xda) return false;
    at += 2 + (((jpeg[at + 2] ?? 0) << 8) | (jpeg[at + 3] ?? 0));
  }
  return false;
}
