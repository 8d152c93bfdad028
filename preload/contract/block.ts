import { z } from 'zod';
import { command, job, query } from './define.ts';
import { verdictSchema } from './library.ts';
import { idSchema, inLibrary, pathRefSchema, warningSchema } from './reference.ts';
import { linkStateSchema } from './registration.ts';
import { dtypeSchema, vec3Schema, voxelSizeNmSchema } from './space.ts';

/**
 * Blocks: three-dimensional tiles of a light-sheet microscope's stage, with channels. Places are voxels of the set's
 * level 0: of a block's outer corner, x right, y down, z deep.
 */

/**
 * Where blocks lie: `terastitcher:FILE` (its project XML), `spimdata:FILE` (BigStitcher's dataset.xml), `tiles:FILE`
 * (TileConfiguration.txt with dim = 3), or `folders` (TeraStitcher's two levels: a folder for each row, in it one for each
 * block, named by positions in tenths of a micrometre: 100000/100000_200000).
 */
export const blockLayoutSchema = z
  .string()
  .regex(
    /^((terastitcher|spimdata|tiles):.+|folders)$/s,
    'a layout is terastitcher:FILE, spimdata:FILE, tiles:FILE or folders',
  )
  .meta({ pathRef: 'layout' });

/** How the stage's axes lie in the pictures: for x, y and z which of the stage's, with a minus where it runs against. */
export const blockAxesSchema = z
  .string()
  .regex(/^(?=.*x)(?=.*y)(?=.*z)-?[xyz],-?[xyz],-?[xyz]$/, 'axes look like x,y,z or -x,y,z or y,x,z');

/** Where the voxels of one channel of a block lie. */
export const blockSourceSchema = z.object({
  /** A path; of a folder of slices where `files` is there. */
  path: z.string(),
  /** Which image of a file that holds several. */
  image: z.string().optional(),
  /** Which channel of it. */
  channel: z.number().int().min(0),
  /** Regular expression for the names of the slices, one after the other in the order of their numbers. */
  files: z.string().optional(),
});
export type BlockSource = z.infer<typeof blockSourceSchema>;

export const blockSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  /** Of the grid; null where the layout has none. */
  row: z.number().int().nullable(),
  column: z.number().int().nullable(),
  /** As acquired. */
  stage: vec3Schema,
  sizeXyz: vec3Schema,
  dtype: dtypeSchema,
  /** One a channel; null where it is missing. */
  sources: z.array(blockSourceSchema.nullable()),
  verdict: z.enum(['ok', 'warn', 'bad']),
  reasons: z.array(z.string()),
});
export type Block = z.infer<typeof blockSchema>;

export const blockStackSchema = z.object({
  id: idSchema,
  set: idSchema,
  version: z.number().int(),
  madeBy: z.enum(['stitch', 'import']),
  /** That was matched; the places are those of all. */
  channel: z.number().int().nullable(),
  blocks: z.number().int(),
  links: z.number().int(),
  dropped: z.number().int(),
  /** Over kept links, voxels. */
  rmsVox: z.number(),
  maxVox: z.number(),
  verdict: verdictSchema,
  reasons: z.array(z.string()),
  createdAt: z.string(),
});
export type BlockStack = z.infer<typeof blockStackSchema>;

export const blockSetSchema = z.object({
  id: idSchema,
  name: z.string(),
  layout: z.string(),
  voxelSizeNm: voxelSizeNmSchema,
  channels: z.array(z.string()),
  blocks: z.number().int(),
  createdAt: z.string(),
  /** Newest first. */
  stacks: z.array(blockStackSchema),
});
export type BlockSet = z.infer<typeof blockSetSchema>;

export const blockAxisSchema = z.object({
  /** TeraStitcher's: sqrt((1 - width / (search + 1))^2 / 2 + peak^2 / 2), 0 to 1. */
  reliability: z.number(),
  nccPeak: z.number(),
  nccWidth: z.number(),
});

export const blockLinkSchema = z.object({
  blockA: z.number().int(),
  blockB: z.number().int(),
  /** Of b's place less a's, as matched. */
  shift: vec3Schema,
  /** One-sigma error along each axis. */
  sigma: vec3Schema,
  /** Over the true overlap, -1 to 1. */
  ncc: z.number(),
  /** First peak over second, 1 = ambiguous. */
  peakRatio: z.number(),
  axes: z.array(blockAxisSchema).length(3),
  /** Slabs of the overlap that were used. */
  slabs: z.number().int(),
  /** Of the shift that was solved less the one that was matched. */
  residual: vec3Schema,
  state: linkStateSchema,
  reason: z.string(),
});
export type BlockLink = z.infer<typeof blockLinkSchema>;

export const blockPlacementSchema = z.object({
  block: z.number().int(),
  place: vec3Schema,
  /** Over its kept links; 0 for a block placed by the stage. */
  rmsVox: z.number(),
  placedBy: z.enum(['links', 'stage', 'import']),
});
export type BlockPlacement = z.infer<typeof blockPlacementSchema>;

const inSet = { ...inLibrary, set: idSchema };
const inStack = { ...inLibrary, stack: idSchema };
const exampleSet = { library: 'my-library', set: 'blockset-0a1b2c3d4e5f' };
const exampleStack = { library: 'my-library', stack: 'blockstack-0a1b2c3d4e5f' };
const search = z.number().int().min(1).max(500);

const importedSchema = z.object({
  set: idSchema,
  /** The places that the file came with, where it had any that were computed. */
  stack: idSchema.nullable(),
  blocks: z.number().int(),
  warnings: z.array(warningSchema),
});

export const blockProcedures = {
  detect: query({
    doc: 'Look into a folder and say which layouts of 3-D blocks it offers, without reading voxels.',
    input: z.object({
      source: pathRefSchema,
      layout: blockLayoutSchema.optional().describe('a layout to try as well'),
    }),
    output: z.object({
      candidates: z.array(
        z.object({
          layout: z.string(),
          label: z.string(),
          blocks: z.number().int(),
          channels: z.array(z.string()),
          /** null where the layout does not say. */
          voxelSizeNm: voxelSizeNmSchema.nullable(),
          missing: z.number().int(),
        }),
      ),
    }),
    example: { source: 'brain' },
  }),
  again: job({
    doc: "Import a set of 3-D blocks again from the same files, with the stage's axes read otherwise, into a set of its own. Undoable.",
    input: z.object({
      ...inSet,
      axes: blockAxesSchema.describe(
        'how the stage lies in the pictures, such as -x,y,z; of the layout, not of the set',
      ),
    }),
    output: importedSchema,
    example: { ...exampleSet, axes: '-x,y,z' },
  }),
  import: job({
    doc: 'Import a set of 3-D blocks where they lie: positions, sizes, channels and a verdict for each. Undoable.',
    input: z.object({
      ...inLibrary,
      source: pathRefSchema,
      layout: blockLayoutSchema,
      name: z.string().max(200).optional(),
      voxelSizeNm: voxelSizeNmSchema
        .optional()
        .describe('nanometres a voxel along x, y and z; needed where the layout does not say'),
      axes: blockAxesSchema.default('x,y,z').describe('how the stage lies in the pictures, such as -x,y,z'),
    }),
    output: importedSchema,
    example: { library: 'my-library', source: 'brain', layout: 'terastitcher:xml_import.xml' },
  }),
  list: query({
    doc: 'The sets of 3-D blocks of a library and their stack versions, newest first.',
    input: z.object(inLibrary),
    output: z.object({ sets: z.array(blockSetSchema) }),
    example: { library: 'my-library' },
  }),
  blocks: query({
    doc: 'The blocks of a set: stage places, sizes, sources and verdicts.',
    input: z.object(inSet),
    output: z.object({ blocks: z.array(blockSchema) }),
    example: exampleSet,
  }),
  stitch: job({
    doc: 'Match every overlapping pair of blocks on one channel and place all blocks at once, into a new version. Undoable.',
    input: z.object({
      ...inSet,
      channel: z.number().int().min(0).default(0).describe('the channel that is matched; the places are those of all'),
      searchVox: z
        .tuple([search, search, search])
        .readonly()
        .default([25, 25, 25])
        .describe('how far a block may lie from its stage position along x, y and z, voxels'),
      slabVox: z.number().int().min(16).max(4096).default(200).describe('depth of the slabs that are matched, voxels'),
      minNcc: z.number().min(0).max(1).default(0.3).describe('links below this correlation are not used'),
    }),
    output: z.object({
      stack: idSchema,
      blocks: z.number().int(),
      links: z.number().int(),
      rmsVox: z.number(),
      maxVox: z.number(),
      verdict: verdictSchema,
    }),
    example: { ...exampleSet, channel: 0 },
  }),
  links: query({
    doc: 'The links of a version of 3-D blocks: shift, correlation, reliability of each axis, residual, kept or dropped and why.',
    input: z.object(inStack),
    output: z.object({ links: z.array(blockLinkSchema) }),
    example: exampleStack,
  }),
  placements: query({
    doc: 'Where a version puts each 3-D block, voxels.',
    input: z.object(inStack),
    output: z.object({ placements: z.array(blockPlacementSchema) }),
    example: exampleStack,
  }),
  fuse: job({
    doc: 'Blend the 3-D blocks of a version, all channels, into a multi-resolution OME-Zarr 0.5 volume. Undoable.',
    input: z.object({
      ...inStack,
      name: z.string().max(200).optional(),
      blend: z
        .enum(['feather', 'sine', 'none'])
        .default('feather')
        .describe('straight ramps over overlaps, squared sines as TeraStitcher, or the nearer block'),
      interpolation: z
        .enum(['linear', 'nearest'])
        .default('linear')
        .describe('linear places blocks to a part of a voxel; nearest keeps values as they are'),
    }),
    output: z.object({ volume: idSchema, bytes: z.number(), levels: z.number().int() }),
    example: exampleStack,
  }),
  export: command({
    doc: 'Write the places of a version of 3-D blocks for TeraStitcher, BigStitcher (SpimData) or Fiji (TileConfiguration).',
    input: z.object({ ...inStack, format: z.enum(['terastitcher', 'spimdata', 'tiles']), out: pathRefSchema }),
    output: z.object({ file: z.string(), blocks: z.number().int(), sha256: z.string() }),
    example: { ...exampleStack, format: 'terastitcher', out: 'xml_merging.xml' },
  }),
  remove: command({
    doc: 'Take a set of 3-D blocks, or one version of it, out of the library; its files stay. Undoable.',
    input: z.object({ ...inLibrary, id: idSchema.describe('of a set (blockset-…) or of a version (blockstack-…)') }),
    output: z.object({ removed: z.boolean() }),
    example: { library: 'my-library', id: 'blockset-0a1b2c3d4e5f' },
  }),
};
