import type { ChunkCodecSpec } from '../../../../native-workers/voxel-tasks.ts';

/** A codec of numcodecs, as `compressor` and `filters` of Zarr v2 hold it. */
export type NumCodec = Readonly<Record<string, unknown>> & { readonly id: string };

const compressors: ReadonlyMap<string, ChunkCodecSpec> = new Map<string, ChunkCodecSpec>([
  ['blosc', { name: 'blosc' }],
  ['zstd', { name: 'zstd' }],
  ['gzip', { name: 'gzip' }],
  ['zlib', { name: 'zlib' }],
  ['lz4', { name: 'lz4' }],
  ['bz2', { name: 'bzip2' }],
]);

/**
 * The kernel's word for a codec of numcodecs, or what is wrong with it. `elements` are the spellings of the array's own
 * type ("<u2"), which is all that delta is done over.
 */
export function numCodec(codec: NumCodec, elements: ReadonlySet<string>): ChunkCodecSpec | string {
  const plain = compressors.get(codec.id);
  if (plain) return plain;
  if (codec.id === 'lzma') return lzma(codec);
  if (codec.id === 'shuffle') return shuffle(codec);
  if (codec.id === 'delta') return delta(codec, elements);
  return `the codec "${codec.id.slice(0, 60)}" is not known to Lamella`;
}

/** Python's lzma: FORMAT_XZ is 1, FORMAT_ALONE 2; raw streams (3) need filters that nothing stores. */
function lzma({ format = 1 }: NumCodec): ChunkCodecSpec | string {
  if (format === 1) return { name: 'xz' };
  return format === 2 ? { name: 'lzma' } : `lzma of format ${String(format).slice(0, 20)} is not known to Lamella`;
}

function shuffle({ elementsize = 4 }: NumCodec): ChunkCodecSpec | string {
  const size = Number(elementsize);
  const fits = Number.isInteger(size) && size >= 1 && size <= 255;
  return fits ? { name: 'shuffle', elementsize: size } : `shuffle has no element size of ${String(elementsize)}`;
}

function delta({ dtype, astype = dtype }: NumCodec, elements: ReadonlySet<string>): ChunkCodecSpec | string {
  const isOwn = (type: unknown): boolean => typeof type === 'string' && elements.has(type);
  if (isOwn(dtype) && isOwn(astype)) return { name: 'delta' };
  return `delta from ${String(dtype).slice(0, 20)} to ${String(astype).slice(0, 20)} is not known to Lamella`;
}
