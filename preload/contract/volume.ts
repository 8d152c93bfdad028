import { z } from 'zod';
import { command, job, query } from './define.ts';
import { labelProcedures } from './label.ts';
import { channelSchema, volumeSchema } from './library.ts';
import { idSchema, inLibrary, libraryRefSchema, pathRefSchema, sourceRefSchema } from './reference.ts';
import { boxTextSchema, vec3Schema, voxelSizeNmSchema, voxelTypeSchema } from './space.ts';

const whole = z.number().int().min(0);
const count = z.number().int().min(1);

/** `64,64,32`: voxels along x, y, z. */
export const sizeTextSchema = z
  .string()
  .regex(/^[1-9]\d{0,8},[1-9]\d{0,8},[1-9]\d{0,8}$/, 'a size looks like 64,64,32');

export const formatIdSchema = z.enum([
  'precomputed',
  'ome-zarr',
  'zarr',
  'n5',
  'nifti',
  'nrrd',
  'tiff',
  'image-stack',
  'hdf5',
  /** Nobody's: another volume seen through a map (warp.ts). */
  'warp',
]);

/** Zarr without OME's metadata and HDF5 are read only. */
export const writtenFormatSchema = formatIdSchema.exclude(['zarr', 'hdf5', 'warp']);

export const downsampleMethodSchema = z.enum(['auto', 'mean', 'mode', 'min', 'max']);

/** `2GB`, `512MB`, `1.5GiB`. */
export const byteSizeSchema = z.string().regex(/^\d+(\.\d+)?\s?([kMGT]i?)?B?$/i, 'a size in bytes looks like 2GB');

/** What a place holds, read from its metadata alone. */
export const volumeDescriptionSchema = z.object({
  format: formatIdSchema,
  /** "Neuroglancer precomputed" */
  formatLabel: z.string(),
  /** A path or an address, to show. */
  source: z.string(),
  name: z.string(),
  kind: z.enum(['image', 'segmentation']),
  dtype: voxelTypeSchema,
  /** In the order of the dataset, slowest first. */
  axes: z.array(z.object({ name: z.enum(['x', 'y', 'z', 'c', 't']), size: count, unit: z.string() })),
  channels: z.array(channelSchema.extend({ window: channelSchema.shape.window.nullable() })),
  times: count,
  secondsPerTime: z.number().nullable(),
  levels: z.array(
    z.object({
      key: z.string(),
      size: vec3Schema,
      chunk: vec3Schema,
      chunks: count,
      voxelSizeNm: voxelSizeNmSchema,
      originNm: vec3Schema,
      /** How many voxels of the level before make one. */
      step: vec3Schema,
    }),
  ),
  /** Nobody says how large its voxels are: its nanometres count voxels. */
  unsized: z.boolean(),
  /** How the voxels are stored: "zstd, shards of 1024 x 1024 x 64". */
  storage: z.string(),
  transforms: z.array(z.object({ space: z.string(), kind: z.string(), matrix: z.array(z.number()).nullable() })),
  /** Voxels of all levels, channels and times, not compressed. */
  voxelBytes: z.number(),
  /** On disk; null where the place can't be listed or is too large to count. */
  storedBytes: z.number().nullable(),
  warnings: z.array(z.string()),
});
export type VolumeDescription = z.infer<typeof volumeDescriptionSchema>;

const from = {
  source: sourceRefSchema.describe('a volume of the library, a path, or an address (http, https, s3, gs)'),
  image: z.string().max(500).optional().describe('which image of a file that holds several'),
};

/** Lets Lamella read from this computer's own and private networks at this one address; off by default. */
export const allowServerSchema = z
  .boolean()
  .default(false)
  .describe('let the source be a server on this computer or a private network');

const exampleVolume = { library: 'my-library', volume: 'volume-0a1b2c3d4e5f' };

export const volumeProcedures = {
  describe: query({
    doc: 'What a path, address or volume holds: format, axes, levels, types, chunks, transforms, size.',
    input: z.object({
      library: libraryRefSchema.optional().describe('needed only where the source is a volume of it'),
      ...from,
      allowPrivate: allowServerSchema,
    }),
    output: volumeDescriptionSchema,
    example: { source: 'brain.ome.zarr' },
  }),
  add: job({
    doc: 'Add a volume to a library where it lies: nothing is copied. Coarse levels that it lacks are made.',
    input: z.object({
      ...inLibrary,
      ...from,
      name: z.string().min(1).max(200).optional(),
      kind: z.enum(['image', 'segmentation']).optional().describe('where the dataset does not say'),
      voxelSizeNm: voxelSizeNmSchema.optional().describe('where the dataset does not say, or says it wrong'),
      pyramid: z.enum(['auto', 'none']).default('auto'),
      allowPrivate: allowServerSchema,
    }),
    output: z.object({ volume: idSchema }),
    example: { library: 'my-library', source: 'brain.nii.gz' },
  }),
  convert: job({
    doc: 'Write any volume, or a part of it, in another format. Memory stays bounded whatever its size.',
    input: z.object({
      ...inLibrary,
      ...from,
      out: pathRefSchema.describe('the file or folder to write; it must not exist, or be this conversion cut short'),
      format: writtenFormatSchema,
      encoding: z.string().max(40).optional().describe('how voxels are stored, such as raw, zstd, jpeg, png'),
      quality: z.number().int().min(1).max(100).optional().describe('of jpeg'),
      sharded: z.boolean().default(false).describe('many chunks to a file'),
      chunk: sizeTextSchema.optional().describe('voxels of a chunk along x, y, z'),
      kind: z
        .enum(['image', 'segmentation'])
        .optional()
        .describe('where the dataset does not say: decides how levels are made'),
      level: whole.default(0).describe('of the source, to start from'),
      box: boxTextSchema.optional().describe('x0:x1,y0:y1,z0:z1 in voxels of that level'),
      channels: z
        .string()
        .regex(/^\d+(,\d+)*$/, 'channels look like 0,2')
        .optional()
        .describe('0,2: which channels'),
      times: z
        .string()
        .regex(/^\d+:\d+$/, 'times look like 0:10, the end left out')
        .optional()
        .describe('0:10: which time points'),
      levels: z.enum(['auto', 'one']).default('auto').describe('a pyramid, or one level'),
      method: downsampleMethodSchema.default('auto').describe('auto: mode for segmentations, mean for images'),
      memory: byteSizeSchema.default('2GB').describe('of the whole process'),
      allowPrivate: allowServerSchema,
    }),
    output: z.object({ out: pathRefSchema, format: formatIdSchema, levels: count, files: whole, bytes: z.number() }),
    example: { library: 'my-library', source: 'brain.nii.gz', out: 'brain.precomputed', format: 'precomputed' },
  }),
  pyramid: job({
    doc: 'Make coarse levels of a volume of the library, kept in the library; replaces those made before.',
    input: z.object({
      ...inLibrary,
      volume: idSchema,
      method: downsampleMethodSchema.default('auto'),
      memory: byteSizeSchema.default('2GB'),
    }),
    output: z.object({ levels: count, bytes: z.number() }),
    example: exampleVolume,
  }),
  cutout: query({
    doc: 'Any box, level, channel and time, as bytes (z, y, x order) and, with --out, as a file.',
    input: z.object({
      library: libraryRefSchema.optional().describe('needed only where the source is a volume of it'),
      ...from,
      box: boxTextSchema.describe('x0:x1,y0:y1,z0:z1 in voxels of the level'),
      level: whole.default(0),
      channel: whole.default(0),
      time: whole.default(0),
      out: pathRefSchema.optional().describe('FILE.npy, .tif, .nii, .nii.gz or .nrrd to write'),
      allowPrivate: allowServerSchema,
    }),
    output: z.object({
      shapeZyx: z.array(z.number()),
      dtype: voxelTypeSchema,
      file: z.string().nullable(),
      sha256: z.string(),
    }),
    example: { ...{ library: 'my-library', source: 'volume-0a1b2c3d4e5f' }, box: '0:512,0:512,0:1', out: 'cutout.npy' },
  }),
  histogram: query({
    doc: 'Histogram and percentiles of a box of a level, or of the whole volume from a coarse level.',
    input: z.object({
      ...inLibrary,
      volume: idSchema,
      channel: whole.default(0),
      time: whole.default(0),
      level: whole.optional().describe('the finest of at most 16 million voxels where left out'),
      box: boxTextSchema.optional().describe('all of the level where left out'),
      bins: z.number().int().min(2).max(4096).default(256),
    }),
    output: z.object({
      counts: z.array(z.number()),
      range: z.tuple([z.number(), z.number()]),
      level: whole,
      voxels: z.number(),
      /** NaN, infinities and what stands for no data (0, or a value far from all others): not counted. */
      left: z.number(),
      /** Values at 0.1, 1, 5, 25, 50, 75, 95, 99, 99.9 %. */
      percentiles: z.array(z.object({ percent: z.number(), value: z.number() })),
    }),
    example: exampleVolume,
  }),
  audit: job({
    doc: 'Look at every chunk: there, missing, empty file, or damaged. Missing chunks are no fault in most formats.',
    input: z.object({
      ...inLibrary,
      ...from,
      level: whole.optional().describe('all levels where left out'),
      decode: z.boolean().default(false).describe('decode each chunk too'),
      sample: count.optional().describe('look at this many chunks of a level, evenly spread'),
      allowPrivate: allowServerSchema,
    }),
    output: z.object({
      levels: z.array(
        z.object({
          level: whole,
          chunks: whole,
          looked: whole,
          stored: whole,
          missing: whole,
          damaged: whole,
          bytes: z.number(),
        }),
      ),
      /** The first hundred. */
      problems: z.array(z.object({ key: z.string(), message: z.string() })),
      ok: z.boolean(),
    }),
    example: { library: 'my-library', source: 'brain.ome.zarr' },
  }),
  cache: command({
    doc: 'What the cache of a library holds; set its cap, or empty it. Cached parts of remote volumes work offline.',
    input: z.object({
      ...inLibrary,
      cap: byteSizeSchema.optional().describe('at most this much from now on'),
      clear: z.boolean().default(false),
    }),
    output: z.object({ entries: whole, bytes: z.number(), capBytes: z.number() }),
    example: { library: 'my-library', cap: '10GB' },
  }),
  refresh: command({
    doc: 'Look at the source of a volume again: forget what is cached of it, and tell whether it is as it was.',
    input: z.object({ ...inLibrary, volume: idSchema }),
    output: z.object({ changed: z.boolean(), volume: volumeSchema }),
    example: exampleVolume,
  }),
  relink: command({
    doc: 'Tell where a volume moved to. Refused where what lies there is not the same data; undoable.',
    input: z.object({ ...inLibrary, volume: idSchema, source: from.source, allowPrivate: allowServerSchema }),
    output: z.object({ volume: volumeSchema }),
    example: { ...exampleVolume, source: 'elsewhere/brain.nii.gz' },
  }),
  ...labelProcedures,
  edit: command({
    doc: 'Rename a volume or mark it as a favourite; undoable.',
    input: z.object({
      ...inLibrary,
      volume: idSchema,
      name: z.string().min(1).max(200).optional(),
      favourite: z.boolean().optional(),
    }),
    output: z.object({ volume: volumeSchema }),
    example: { ...exampleVolume, favourite: true },
  }),
  remove: command({
    doc: 'Take a volume out of the library; undoable. Its files stay (those of the library until it is swept).',
    input: z.object({ ...inLibrary, volume: idSchema }),
    output: z.object({ removed: z.boolean() }),
    example: exampleVolume,
  }),
};
