import type { ChunkCodecSpec } from '../../../../native-workers/voxel-tasks.ts';
import type { VoxelType } from '../../../../preload/contract/space.ts';
import type { AxisRole } from './axes.ts';

/** An array as Lamella writes it. Lists are in the order of its dimensions. */
export interface WrittenArray {
  readonly axes: readonly AxisRole[];
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  /** null: a file is a chunk. */
  readonly shardShape: readonly number[] | null;
  readonly dtype: VoxelType;
  readonly codecs: readonly ChunkCodecSpec[];
}

/** The contents of zarr.json or .zarray: C order, little-endian, fill value 0, keys with slashes. */
export const arrayJson = (zarrFormat: 2 | 3, array: WrittenArray): unknown =>
  zarrFormat === 3 ? arrayV3Json(array) : arrayV2Json(array);

function arrayV3Json({ axes, shape, chunkShape, shardShape, dtype, codecs }: WrittenArray): unknown {
  const inner = [bytesCodec(dtype), ...codecs.map((codec) => codecV3(codec))];
  const sharding = {
    name: 'sharding_indexed',
    configuration: {
      chunk_shape: chunkShape,
      codecs: inner,
      index_codecs: [bytesCodec('uint64'), { name: 'crc32c' }],
      index_location: 'end',
    },
  };
  return {
    zarr_format: 3,
    node_type: 'array',
    shape,
    data_type: dtype,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: shardShape ?? chunkShape } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    fill_value: 0,
    codecs: shardShape ? [sharding] : inner,
    dimension_names: axes,
    attributes: {},
  };
}

const bytesCodec = (dtype: VoxelType): unknown =>
  dtype.endsWith('int8') ? { name: 'bytes' } : { name: 'bytes', configuration: { endian: 'little' } };

function codecV3(codec: ChunkCodecSpec): unknown {
  if (codec.name === 'zstd') return { name: 'zstd', configuration: { level: codec.level ?? 1, checksum: false } };
  if (codec.name === 'gzip') return { name: 'gzip', configuration: { level: codec.level ?? 6 } };
  return { name: codec.name };
}

function arrayV2Json({ shape, chunkShape, dtype, codecs }: WrittenArray): unknown {
  const [codec] = codecs;
  return {
    zarr_format: 2,
    shape,
    chunks: chunkShape,
    dtype: dtypeV2[dtype],
    compressor: codec ? codecV2(codec) : null,
    fill_value: 0,
    filters: null,
    order: 'C',
    dimension_separator: '/',
  };
}

const dtypeV2: Readonly<Record<VoxelType, string>> = {
  uint8: '|u1',
  int8: '|i1',
  uint16: '<u2',
  int16: '<i2',
  uint32: '<u4',
  int32: '<i4',
  uint64: '<u8',
  int64: '<i8',
  float32: '<f4',
  float64: '<f8',
};

function codecV2(codec: ChunkCodecSpec): unknown {
  if (codec.name === 'blosc')
    return { id: 'blosc', cname: codec.cname ?? 'lz4', clevel: codec.clevel ?? 5, shuffle: 1, blocksize: 0 };
  return { id: codec.name, level: 'level' in codec ? (codec.level ?? 1) : 1 };
}
