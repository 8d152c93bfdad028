import { z } from 'zod';
import { voxelTypeSchema } from '../preload/contract/space.ts';

/**
 * Kernels of stored voxels. In and out of them voxels are little-endian and lie x fastest, then y, z, channel, time;
 * how a chunk lies in its file is said by `shape`, `order`, `endian` and `codecs`.
 */

const whole = z.number().int().min(0);
const count = z.number().int().min(1);
const size3 = z.tuple([count, count, count]).readonly();
/** Along x, y, z, channel, time. */
const size5 = z.tuple([count, count, count, count, count]).readonly();
const at5 = z.tuple([whole, whole, whole, whole, whole]).readonly();
const level = (most: number, usual: number) => z.number().int().min(0).max(most).default(usual);

/**
 * One step of how a chunk is stored, as its format's own words say it. A list of them is in the order of encoding;
 * decoding undoes them from last to first. Levels and qualities matter to encoding alone.
 */
export const codecSchema = z.discriminatedUnion('name', [
  /** 4 bytes little-endian after the data (Zarr v3). */
  z.object({ name: z.literal('crc32c') }),
  z.object({ name: z.literal('zstd'), level: level(19, 1) }),
  z.object({ name: z.literal('gzip'), level: level(9, 6) }),
  z.object({ name: z.literal('zlib'), level: level(9, 6) }),
  /** numcodecs: u32 little-endian of the decoded size, then an LZ4 block. */
  z.object({ name: z.literal('lz4') }),
  /** lz4-java's LZ4BlockOutputStream, as N5 writes it ("LZ4Block", token, sizes, xxhash32). */
  z.object({ name: z.literal('lz4-blocks') }),
  z.object({ name: z.literal('bzip2'), level: level(9, 6) }),
  z.object({ name: z.literal('xz'), level: level(9, 6) }),
  z.object({ name: z.literal('lzma'), level: level(9, 6) }),
  z.object({
    name: z.literal('blosc'),
    cname: z.enum(['blosclz', 'lz4', 'lz4hc', 'snappy', 'zlib', 'zstd']).default('lz4'),
    clevel: level(9, 5),
    shuffle: z.enum(['noshuffle', 'shuffle', 'bitshuffle']).default('shuffle'),
    typesize: z.number().int().min(1).max(255).default(1),
    blocksize: whole.default(0),
  }),
  /** numcodecs.Shuffle: bytes of elements, element by element, put together. */
  z.object({ name: z.literal('shuffle'), elementsize: z.number().int().min(1).max(255) }),
  /** numcodecs.Delta over elements of the chunk's type. */
  z.object({ name: z.literal('delta') }),
  /** Images: width x height = x by (y z), channels interleaved (whatever `order` says of c), as Neuroglancer precomputed says. 8 bit. */
  z.object({
    name: z.literal('jpeg'),
    quality: z.number().int().min(1).max(100).default(90),
    tables: z.base64().optional(),
  }),
  /** 8 or 16 bit, 1 to 4 channels. */
  z.object({ name: z.literal('png'), level: level(9, 6) }),
  z.object({ name: z.literal('jxl') }),
  /** uint32 and uint64 labels; one or more channels. */
  z.object({ name: z.literal('compressed_segmentation'), blockXyz: size3.default([8, 8, 8]) }),
  z.object({ name: z.literal('compresso') }),
  /** TIFF. `rowBytes` of the decoded strip or tile. */
  z.object({ name: z.literal('packbits') }),
  z.object({ name: z.literal('lzw') }),
  z.object({ name: z.literal('predictor'), kind: z.enum(['horizontal', 'float']), width: count, samples: count }),
]);
export type ChunkCodecSpec = z.input<typeof codecSchema>;

const order = z
  .string()
  .regex(/^(?!.*(.).*\1)[xyzct]{5}$/, 'each of x, y, z, c and t, fastest first')
  .default('xyzct');
const codecs = z.array(codecSchema).max(8).default([]);
const endian = z.enum(['little', 'big']).default('little');

/** How the elements are stored, where that is not the type they are given out as. bool -> uint8, float16 -> float32. */
const storedAs = z.enum(['bool', 'float16']).optional();

export const decodeVoxelsSchema = z.object({
  dtype: voxelTypeSchema,
  storedAs,
  /** Of the chunk as it is stored, padding included. */
  shape: size5,
  order,
  endian,
  codecs,
  /** The part that is wanted; all of it where left out. */
  crop: z.object({ at: at5, size: size5 }).optional(),
});
export type DecodeVoxels = z.input<typeof decodeVoxelsSchema>;

export const readBoxSchema = z.object({
  dtype: voxelTypeSchema,
  /** Of the box that is given. */
  size: size3,
  /** How all the chunks are stored. */
  stored: z.object({ storedAs, order, endian, codecs }),
  chunks: z
    .array(
      z.object({
        path: z.string(),
        offset: whole.default(0),
        /** All of the file where left out. */
        bytes: whole.optional(),
        /** Of the chunk as it is stored, padding included. */
        shape: size5,
        /** The part that is wanted begins here, in voxels of the chunk, */
        from: at5,
        /** has this size (one channel and time), */
        size: size3,
        /** and goes here in the box. */
        at: z.tuple([whole, whole, whole]).readonly(),
      }),
    )
    .max(65_536),
  /** The box is shared out along z. */
  threads: count.max(16).default(1),
});
export type ReadBox = z.input<typeof readBoxSchema>;

/** A number, or a decimal string where a double does not hold it; 'NaN', 'Infinity', '-Infinity' for floats. */
export const fillSchema = z.union([z.number(), z.string().max(40)]).default(0);

export const encodeBlockSchema = z.object({
  dtype: voxelTypeSchema,
  /** Of the voxels given. */
  size: size5,
  /** Of a chunk; the block is cut into a grid of them. */
  chunk: size5,
  /** Chunks at the far edge are stored cut short (precomputed, N5), or padded with `fill` (Zarr). */
  edges: z.enum(['cut', 'pad']),
  fill: fillSchema,
  /** Leave chunks out whose voxels are all `fill`. */
  skipFill: z.boolean().default(false),
  order,
  endian,
  codecs,
});
export type EncodeBlock = z.input<typeof encodeBlockSchema>;

export const encodedHeaderSchema = z.object({
  /** In chunks from the block's corner; `bytes` each, one after the other in outputs[0]; x fastest. */
  chunks: z.array(z.object({ at: at5, bytes: whole })),
});

export interface EncodedChunk {
  /** x, y, z, channel, time, in chunks from the corner of the block. */
  readonly at: readonly [number, number, number, number, number];
  readonly bytes: Uint8Array;
}

/** Text and numbers of HDF5 attributes; arrays of single characters (Imaris) are joined. */
const attributesSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.array(z.number()), z.array(z.string())]),
);

export const hdf5DescriptionSchema = z.object({
  groups: z.array(z.object({ path: z.string(), attributes: attributesSchema })),
  datasets: z.array(
    z.object({
      path: z.string(),
      /** Slowest axis first. */
      shape: z.array(whole),
      dtype: voxelTypeSchema.nullable(),
      chunks: z.array(count).nullable(),
      /** Names, or numbers, of the filters of its chunks. */
      filters: z.array(z.string()),
      /** Why its voxels can't be read; null where they can. */
      unread: z.string().nullable(),
      /** All of its numbers, where there are at most 256 in at most two axes. */
      values: z.array(z.number()).nullable(),
      attributes: attributesSchema,
    }),
  ),
  /** There is more than was looked at. */
  cut: z.boolean(),
});
export type Hdf5Description = z.output<typeof hdf5DescriptionSchema>;

export const voxelTasks = {
  'hdf5-describe': {
    version: 1,
    doc: 'List the groups and datasets of an HDF5 file with their attributes: at most 50,000, 16 levels deep. Links to other files are left out. Run by the worker itself.',
    input: z.object({ path: z.string() }),
    output: hdf5DescriptionSchema,
  },
  'hdf5-read': {
    version: 1,
    doc: 'A box of a dataset of an HDF5 file, little-endian, in the order of the dataset -> outputs[0]. Run by the worker itself.',
    input: z.object({
      path: z.string(),
      dataset: z.string(),
      /** What it holds, or it is refused: files change, and not all datasets of a volume need be alike. */
      dtype: voxelTypeSchema,
      at: z.array(whole).min(1).max(8),
      size: z.array(count).min(1).max(8),
    }),
    output: z.object({ dtype: voxelTypeSchema }),
  },
  'decode-voxels': {
    version: 1,
    doc: 'Undo the codecs of a stored chunk, then give the part that is wanted. inputs[0] -> outputs[0]. Refuses a wrong checksum, and anything that does not decode to exactly the bytes of `shape`.',
    input: decodeVoxelsSchema,
    output: z.object({ bytes: whole }),
  },
  'read-box': {
    version: 1,
    doc: 'Put a box together from chunks that are files of this machine or parts of them; 0 where no chunk covers it. No inputs; outputs[0] = voxels of one channel and time. `missing`: chunks (by index) that have no file. Empty, short, long and damaged chunks are errors.',
    input: readBoxSchema,
    output: z.object({ missing: z.array(whole) }),
  },
  'encode-block': {
    version: 1,
    doc: 'Cut a box of voxels into chunks and encode each. inputs[0] -> outputs[0] = the encoded chunks, one after the other.',
    input: encodeBlockSchema,
    output: encodedHeaderSchema,
  },
  'downsample-voxels': {
    version: 1,
    doc: 'Make one voxel of each block of factorXyz voxels, channel by channel; blocks cut by the far edge use what is there. mean: integers rounded half up (-1.5 becomes -1), floats in double, NaN left out; mode: the most frequent value, the first of its block (x fastest) on a tie; min, max: NaN left out. inputs[0] -> outputs[0].',
    input: z.object({
      dtype: voxelTypeSchema,
      sizeXyz: size3,
      channels: count.default(1),
      factorXyz: size3,
      method: z.enum(['mean', 'mode', 'min', 'max']),
      /** Planes are shared out. */
      threads: count.max(16).default(1),
    }),
    output: z.object({ sizeXyz: size3 }),
  },
  'voxel-histogram': {
    version: 1,
    doc: 'Extremes and histogram of voxels; NaN and infinities are counted and left out. `ignore`: this value is left out too (of labels and padding, 0). Without `range`: only the extremes (counts empty). Values outside `range` fall into the first and last bin.',
    input: z.object({
      dtype: voxelTypeSchema,
      range: z.tuple([z.number(), z.number()]).readonly().optional(),
      bins: z.number().int().min(1).max(65_536).default(256),
      ignore: z.number().optional(),
    }),
    output: z.object({
      count: whole,
      left: whole,
      /** Of what was counted; null where nothing was. */
      extremes: z.tuple([z.number(), z.number()]).readonly().nullable(),
      counts: z.array(whole),
    }),
  },
  'display-voxels': {
    version: 2,
    doc: 'The grey levels that the window draws of any voxels: `range` becomes 0 to 255 or 65535, clipped, NaN 0 (uint8 and uint16 in their whole range stay as they are). inputs[0] -> outputs[0].',
    input: z.object({
      dtype: voxelTypeSchema,
      as: z.enum(['uint8', 'uint16']),
      range: z.tuple([z.number(), z.number()]).readonly().optional(),
    }),
    output: z.object({ bytes: whole }),
  },
  'index-labels': {
    version: 1,
    doc: 'Labels of any integer type as an indexed brick (preload/contract/brick.ts), every id exact; no bytes where all are 0. Signed labels are extended to 64 bits and taken as their bits: -1 becomes 2^64 - 1 in every type. inputs[0] -> outputs[0].',
    input: z.object({ dtype: voxelTypeSchema }),
    output: z.object({ ids: whole }),
  },
} as const;
