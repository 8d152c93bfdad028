import { gunzip } from 'node:zlib';
import { z } from 'zod';
import { bytesPerVoxel, dtypeSchema, type Dtype } from '../../../preload/contract/space.ts';
import { crc32cOf } from './crc32c.ts';
import { maxChunkBytes } from './pyramid.ts';
import type { ChunkCodec } from './volume-format.ts';

/** Zarr v3 array metadata (zarr-specs, core v3.0), as far as volumes of grey voxels need it. */
const extent = z
  .number()
  .int()
  .min(1)
  .max(2 ** 31 - 1);
const named = <N extends string, C extends z.ZodType>(name: N, configuration: C) =>
  z.object({ name: z.literal(name), configuration });

const bytesCodec = named(
  'bytes',
  z.object({ endian: z.enum(['little', 'big']).default('little') }).default({ endian: 'little' }),
);
const otherCodec = z.object({ name: z.string().max(100) });
const codecSchema = z.union([bytesCodec, otherCodec]);

const separators = z.enum(['/', '.']);
const keyEncoding = z.union([
  z.object({
    name: z.literal('default'),
    configuration: z.object({ separator: separators.default('/') }).default({ separator: '/' }),
  }),
  z.object({
    name: z.literal('v2'),
    configuration: z.object({ separator: separators.default('.') }).default({ separator: '.' }),
  }),
]);

const rawArraySchema = z.object({
  zarr_format: z.literal(3),
  node_type: z.literal('array'),
  shape: z.array(extent).min(2).max(5),
  data_type: dtypeSchema,
  chunk_grid: named('regular', z.object({ chunk_shape: z.array(extent).min(2).max(5) })),
  chunk_key_encoding: keyEncoding,
  fill_value: z.number().int().min(0),
  codecs: z.array(codecSchema).min(1).max(8),
  dimension_names: z.array(z.string().nullable()).nullish(),
  storage_transformers: z.array(z.unknown()).max(0, 'storage transformers are not known to Lamella').optional(),
});

export interface ZarrArray {
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  readonly dtype: Dtype;
  readonly fillValue: number;
  readonly codecs: ChunkCodecs;
  readonly dimensionNames: readonly (string | null)[] | null;
  /** The key of a chunk, below the array's own. */
  chunkKey(indices: readonly number[]): string;
}

/** bytes, then at most one compressor, then at most a checksum: all that volumes are written with in practice. */
export interface ChunkCodecs {
  readonly endian: 'little' | 'big';
  readonly compressor: 'none' | 'zstd' | 'gzip';
  readonly crc32c: boolean;
}

export const zarrArraySchema = rawArraySchema.transform((raw, context): ZarrArray => {
  const codecs = codecsOf(raw.codecs);
  const chunkShape = raw.chunk_grid.configuration.chunk_shape;
  const complain = (message: string, path: string): void => {
    context.addIssue({ code: 'custom', message, path: [path] });
  };
  if (typeof codecs === 'string') complain(codecs, 'codecs');
  if (chunkShape.length !== raw.shape.length) complain('the chunk shape has another rank than the shape', 'chunk_grid');
  if (raw.dimension_names && raw.dimension_names.length !== raw.shape.length)
    complain('one name a dimension is needed', 'dimension_names');
  if (product(chunkShape) * bytesPerVoxel[raw.data_type] > maxChunkBytes)
    complain('a chunk is over 512 MiB', 'chunk_grid');
  if (product(raw.shape) > Number.MAX_SAFE_INTEGER) complain('the array has over 2^53 voxels', 'shape');
  if (raw.fill_value >= 256 ** bytesPerVoxel[raw.data_type])
    complain('the fill value does not fit the data type', 'fill_value');
  return {
    shape: raw.shape,
    chunkShape,
    dtype: raw.data_type,
    fillValue: raw.fill_value,
    codecs: typeof codecs === 'string' ? plainCodecs : codecs,
    dimensionNames: raw.dimension_names ?? null,
    chunkKey: keyMaker(raw.chunk_key_encoding),
  };
});

export interface ArrayToWrite {
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  readonly dtype: Dtype;
  readonly dimensionNames: readonly string[];
}

/** The zarr.json of an array as Lamella writes it: bytes, zstd level 1, crc32c; fill value 0. */
export function zarrArrayJson(array: ArrayToWrite): unknown {
  return {
    zarr_format: 3,
    node_type: 'array',
    shape: array.shape,
    data_type: array.dtype,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: array.chunkShape } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    fill_value: 0,
    codecs: [
      array.dtype === 'uint8' ? { name: 'bytes' } : { name: 'bytes', configuration: { endian: 'little' } },
      { name: 'zstd', configuration: { level: 1, checksum: false } },
      { name: 'crc32c' },
    ],
    dimension_names: array.dimensionNames,
    attributes: {},
  };
}

/** Little-endian voxels of a stored chunk. Throws RangeError on bytes that do not decode to `decodedBytes`. */
export async function decodeStored(
  stored: Uint8Array,
  decodedBytes: number,
  codecs: ChunkCodecs,
  codec: ChunkCodec,
  voxelBytes: number,
): Promise<Uint8Array> {
  const decoded = await decompress(stored, decodedBytes, codecs, codec);
  if (decoded.byteLength !== decodedBytes)
    throw new RangeError(`it holds ${decoded.byteLength} bytes of voxels, not ${decodedBytes}`);
  return codecs.endian === 'big' && voxelBytes === 2 ? swapPairs(decoded) : decoded;
}

async function decompress(
  stored: Uint8Array,
  decodedBytes: number,
  codecs: ChunkCodecs,
  codec: ChunkCodec,
): Promise<Uint8Array> {
  if (codecs.compressor === 'zstd') return codec.decode(stored, decodedBytes, codecs.crc32c);
  const body = codecs.crc32c ? withoutCrc32c(stored) : stored;
  return codecs.compressor === 'gzip' ? gunzipTo(body, decodedBytes) : body;
}

function withoutCrc32c(stored: Uint8Array): Uint8Array {
  if (stored.byteLength < 4) throw new RangeError('it is too short for its checksum');
  const body = stored.subarray(0, stored.byteLength - 4);
  const wanted = new DataView(stored.buffer, stored.byteOffset + body.byteLength, 4).getUint32(0, true);
  if (crc32cOf(body) !== wanted) throw new RangeError('its checksum (crc32c) is wrong');
  return body;
}

function gunzipTo(body: Uint8Array, decodedBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gunzip(body, { maxOutputLength: Math.max(1, decodedBytes) }, (error, out) =>
      error ? reject(new RangeError(`it does not decompress (${error.message})`)) : resolve(out),
    );
  });
}

function swapPairs(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.byteLength);
  for (let i = 0; i + 1 < bytes.byteLength; i += 2) {
    out[i] = bytes[i + 1] ?? 0;
    out[i + 1] = bytes[i] ?? 0;
  }
  return out;
}

const plainCodecs: ChunkCodecs = { endian: 'little', compressor: 'none', crc32c: false };

function codecsOf(list: readonly z.output<typeof codecSchema>[]): ChunkCodecs | string {
  const [first, ...rest] = list;
  if (!first || first.name !== 'bytes' || !('configuration' in first))
    return `the codec "${first?.name}" is not known to Lamella in that place`;
  const names = rest.map((codec) => codec.name);
  const crc32c = names[names.length - 1] === 'crc32c';
  const [compressor = 'none', ...more] = crc32c ? names.slice(0, -1) : names;
  if (more.length > 0 || (compressor !== 'none' && compressor !== 'zstd' && compressor !== 'gzip')) {
    return `the codecs ${names.join(', ')} are not known to Lamella, which reads bytes, zstd or gzip, and crc32c`;
  }
  return { endian: first.configuration.endian, compressor, crc32c };
}

function keyMaker(encoding: z.output<typeof keyEncoding>): (indices: readonly number[]) => string {
  const { separator } = encoding.configuration;
  return encoding.name === 'v2' ? (indices) => indices.join(separator) : (indices) => ['c', ...indices].join(separator);
}

const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);
