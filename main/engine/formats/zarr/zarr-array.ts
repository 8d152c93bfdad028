import type { ChunkCodecSpec } from '../../../../native-workers/voxel-tasks.ts';
import { bytesPerVoxel, type VoxelType } from '../../../../preload/contract/space.ts';
import { maxChunkBytes } from '../pyramid.ts';

/** An array of Zarr v2 or v3, as far as reading its chunks needs it. Lists are in the order of its dimensions. */
export interface ZarrArray {
  readonly zarrFormat: 2 | 3;
  readonly shape: readonly number[];
  /** Of a chunk that is decoded at once: the innermost, where shards hold many. */
  readonly chunkShape: readonly number[];
  readonly type: ElementType;
  /** One element of `type.dtype`, little-endian; null where all its bytes are 0. */
  readonly fill: Uint8Array | null;
  readonly endian: 'little' | 'big';
  readonly codecs: readonly ChunkCodecSpec[];
  /** The dimensions as chunks store them, slowest first. */
  readonly storedDims: readonly number[];
  /** Outermost first; none where a file is a chunk. */
  readonly shards: readonly ShardLayout[];
  readonly dimensionNames: readonly (string | null)[] | null;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The file, below the array's own key. `indices` count files along each dimension. */
  readonly fileKey: (indices: readonly number[]) => string;
}

export interface ElementType {
  readonly dtype: VoxelType;
  /** How elements are stored where that is not `dtype`: given out as uint8 and float32. */
  readonly storedAs: 'bool' | 'float16' | undefined;
}

/** The codec `sharding_indexed` of Zarr v3: many chunks to a file, with an index of 16 bytes a chunk. */
export interface ShardLayout {
  /** Voxels of a shard. */
  readonly shape: readonly number[];
  /** Chunks of a shard. */
  readonly grid: readonly number[];
  /** The dimensions as the index counts them, slowest first. */
  readonly dims: readonly number[];
  readonly indexAtEnd: boolean;
  readonly indexEndian: 'little' | 'big';
  readonly indexHasCrc32c: boolean;
}

export const maxIndexBytes = 64 * 2 ** 20;
export const maxExtent = 2 ** 31 - 1;

/** A key below a path, '' being the place itself. */
export const under = (path: string, name: string): string => (path === '' ? name : `${path}/${name}`);

export const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);

export const storedBytesPerVoxel = ({ dtype, storedAs }: ElementType): number =>
  storedAs === 'float16' ? 2 : bytesPerVoxel[dtype];

export const bytesOfIndex = (shard: ShardLayout): number => product(shard.grid) * 16 + (shard.indexHasCrc32c ? 4 : 0);

/** What is wrong with the sizes of an array, with the field that says it; undefined where nothing is. */
export function sizeComplaint(
  shape: readonly number[],
  chunkShape: readonly number[],
  type: ElementType,
): string | undefined {
  if (chunkShape.length !== shape.length) return 'the shape of chunks has another rank than that of the array';
  if (product(chunkShape) * bytesPerVoxel[type.dtype] > maxChunkBytes) return 'a chunk is over 512 MiB';
  if (product(shape) > Number.MAX_SAFE_INTEGER) return 'the array has over 2^53 voxels';
  return undefined;
}

/** "zstd and crc32c, shards of 1024 x 1024 x 64", sizes in the order of the array's dimensions. */
export function storageWords({ codecs, shards, zarrFormat }: ZarrArray): string {
  const names = codecs.map((codec) => codec.name).join(', ') || 'raw';
  const [shard] = shards;
  return `Zarr v${zarrFormat}, ${names}${shard ? `, shards of ${shard.shape.join(' x ')}` : ''}`;
}
