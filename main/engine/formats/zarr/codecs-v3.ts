import type { ChunkCodecSpec } from '../../../../native-workers/voxel-tasks.ts';
import { numCodec } from './codecs-v2.ts';
import { maxIndexBytes, product, type ShardLayout } from './zarr-array.ts';

/** A codec of Zarr v3 as metadata names it. */
export interface NamedCodec {
  readonly name: string;
  readonly configuration: Readonly<Record<string, unknown>>;
}

/** A list of codecs, undone: how chunks are stored. In the order of the array's dimensions. */
export interface ChunkStorage {
  readonly chunkShape: readonly number[];
  readonly storedDims: readonly number[];
  readonly endian: 'little' | 'big';
  readonly codecs: readonly ChunkCodecSpec[];
  readonly shards: readonly ShardLayout[];
}

const mostShardsInShards = 3;

/** Reads the codecs of an array, or says what is wrong with them. */
export function chunkStorage(
  list: readonly NamedCodec[],
  chunkShape: readonly number[],
  storedDims: readonly number[] = chunkShape.map((_, i) => i),
  shards: readonly ShardLayout[] = [],
): ChunkStorage | string {
  let dims = storedDims;
  const codecs: ChunkCodecSpec[] = [];
  for (const [i, codec] of list.entries()) {
    if (codec.name === 'transpose') {
      const next = transposed(dims, codec.configuration['order']);
      if (typeof next === 'string') return next;
      dims = next;
    } else if (codec.name === 'sharding_indexed') {
      if (codecs.length > 0 || i !== list.length - 1) return 'Lamella reads sharding_indexed as the last of its codecs';
      return insideShards(codec, chunkShape, dims, shards);
    } else if (codec.name === 'bytes') {
      return withBytes(codec, list.slice(i + 1), codecs, { chunkShape, storedDims: dims, shards });
    } else {
      const filter = filterOf(codec);
      if (typeof filter === 'string') return filter;
      codecs.push(filter);
    }
  }
  return 'none of the codecs is "bytes"';
}

/** `order[i]` is the dimension of the input that becomes dimension i. */
function transposed(dims: readonly number[], order: unknown): readonly number[] | string {
  if (order === 'C') return dims;
  if (order === 'F') return [...dims].reverse();
  const places: readonly unknown[] = Array.isArray(order) ? order : [];
  const next = places.flatMap((place) => (typeof place === 'number' ? (dims[place] ?? []) : []));
  return next.length === dims.length && new Set(next).size === dims.length
    ? next
    : 'the order of the codec "transpose" is not one of the dimensions';
}

/** Before "bytes" only what keeps elements elements; numcodecs' shuffle counts bytes and comes after it. */
function filterOf({ name, configuration }: NamedCodec): ChunkCodecSpec | string {
  if (name !== 'numcodecs.delta') return `the codec "${name.slice(0, 60)}" is not known to Lamella before "bytes"`;
  const dtype = configuration['dtype'];
  return numCodec({ ...configuration, id: 'delta' }, new Set(typeof dtype === 'string' ? [dtype] : []));
}

function withBytes(
  { configuration }: NamedCodec,
  rest: readonly NamedCodec[],
  before: readonly ChunkCodecSpec[],
  layout: Pick<ChunkStorage, 'chunkShape' | 'storedDims' | 'shards'>,
): ChunkStorage | string {
  const { endian = 'little' } = configuration;
  if (endian !== 'little' && endian !== 'big') return 'the codec "bytes" is little or big';
  const codecs = rest.map(compressorOf);
  const wrong = codecs.find((codec) => typeof codec === 'string');
  if (wrong !== undefined) return wrong;
  return { ...layout, endian, codecs: [...before, ...codecs.filter((codec) => typeof codec !== 'string')] };
}

const compressors = new Set(['crc32c', 'zstd', 'gzip', 'blosc'] as const);
const isCompressor = (name: string): name is 'crc32c' | 'zstd' | 'gzip' | 'blosc' =>
  (compressors as ReadonlySet<string>).has(name);

function compressorOf({ name, configuration }: NamedCodec): ChunkCodecSpec | string {
  if (isCompressor(name)) return { name };
  const [, id] = /^numcodecs\.(blosc|zstd|gzip|zlib|lz4|bz2|lzma|shuffle)$/.exec(name) ?? [];
  return id === undefined
    ? `the codec "${name.slice(0, 60)}" is not known to Lamella`
    : numCodec({ ...configuration, id }, new Set());
}

function insideShards(
  { configuration }: NamedCodec,
  shape: readonly number[],
  dims: readonly number[],
  shards: readonly ShardLayout[],
): ChunkStorage | string {
  if (shards.length >= mostShardsInShards) return 'shards lie in shards in shards';
  const inner = readShard(configuration);
  if (typeof inner === 'string') return inner;
  const chunk = shape.map((_, dim) => inner.chunkShape[dims.indexOf(dim)] ?? 0);
  if (inner.chunkShape.length !== shape.length || chunk.some((n, i) => n < 1 || (shape[i] ?? 0) % n !== 0))
    return 'a shard is no whole number of its chunks';
  const grid = shape.map((n, i) => n / (chunk[i] ?? 1));
  if (product(grid) * 16 > maxIndexBytes) return 'the index of a shard is over 64 MiB';
  return chunkStorage(inner.codecs, chunk, dims, [...shards, { shape, grid, dims, ...inner.index }]);
}

function readShard(configuration: Readonly<Record<string, unknown>>):
  | {
      readonly chunkShape: readonly number[];
      readonly codecs: readonly NamedCodec[];
      readonly index: Pick<ShardLayout, 'indexAtEnd' | 'indexEndian' | 'indexHasCrc32c'>;
    }
  | string {
  const { chunk_shape: shape, codecs, index_codecs: indexCodecs, index_location: location = 'end' } = configuration;
  if (!Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n)))
    return 'the chunk_shape of sharding_indexed is no list of whole numbers';
  const [inner, index] = [namedCodecs(codecs), namedCodecs(indexCodecs)];
  if (!inner || !index) return 'sharding_indexed lists no codecs';
  if (location !== 'start' && location !== 'end') return 'the index_location of sharding_indexed is start or end';
  const names = index.map((codec) => codec.name).join(', ');
  if (names !== 'bytes' && names !== 'bytes, crc32c')
    return `the index_codecs are ${names.slice(0, 100)}; Lamella reads bytes, crc32c`;
  return {
    chunkShape: shape,
    codecs: inner,
    index: {
      indexAtEnd: location === 'end',
      indexEndian: index[0]?.configuration['endian'] === 'big' ? 'big' : 'little',
      indexHasCrc32c: index.length === 2,
    },
  };
}

/** Codecs as their names alone, or as objects; undefined where they are neither. At most 8. */
export function namedCodecs(list: unknown): readonly NamedCodec[] | undefined {
  if (!Array.isArray(list) || list.length === 0 || list.length > 8) return undefined;
  const named = list.map((codec) => namedCodec(codec));
  return named.every((codec) => codec !== undefined) ? named : undefined;
}

function namedCodec(codec: unknown): NamedCodec | undefined {
  if (typeof codec === 'string') return { name: codec, configuration: {} };
  if (!isRecord(codec) || typeof codec['name'] !== 'string') return undefined;
  const configuration = codec['configuration'] ?? {};
  return isRecord(configuration) ? { name: codec['name'], configuration } : undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
