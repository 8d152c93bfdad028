import { z } from 'zod';
import { hemisphereSchema, mostRegions, regionSchema } from './atlas.ts';
import { command, job, query } from './define.ts';
import { idSchema, inLibrary, isoTimeSchema, pathRefSchema } from './reference.ts';
import { voxelSizeNmSchema } from './space.ts';

/**
 * Results by region: what of a volume, of points or of segments lies in each region of an atlas, of each hemisphere. The
 * thing that is measured lies in the annotation, or registrations and warped volumes lead from where it lies to it.
 */
const whole = z.number().int().min(0);

/** What is measured. */
export const regionOfSchema = z.union([
  z.object({
    volume: idSchema.describe('an image: the grey levels of one channel'),
    channel: whole.default(0),
    time: whole.default(0),
  }),
  z.object({
    segments: idSchema.describe('a segmentation: each segment is counted where its centroid lies'),
    time: whole.default(0),
  }),
  z.object({ annotations: idSchema.describe('the points that are drawn in a volume') }),
  z.object({
    points: pathRefSchema.describe('a table with a header and columns x, y, z'),
    space: idSchema.describe('the volume that they are of'),
    unitNm: z.number().positive().max(1e9).default(1).describe('nanometres of 1 in the table'),
  }),
  z.object({
    shapes: idSchema.describe('meshes or skeletons: each is counted where the middle of its vertices or nodes lies'),
    space: idSchema.describe('the volume that they are of'),
  }),
]);
export type RegionOf = z.infer<typeof regionOfSchema>;

export const greyNumbersSchema = z.object({
  mean: z.number(),
  sum: z.number(),
  /** Of the voxels, not of their mean. */
  sd: z.number(),
  min: z.number(),
  max: z.number(),
  /** Voxels with a number: those that are not are left out. */
  samples: whole,
});

export const regionNumbersSchema = z.object({
  /** Of the level that was measured, whose centre lies in the region. */
  voxels: whole,
  /** Of these voxels, in the space of what is measured: tissue as large as it was imaged. */
  volumeMm3: z.number(),
  /** Points or segments; null for images. */
  count: whole.nullable(),
  /** Null where there is no volume, too. */
  densityPerMm3: z.number().nullable(),
  /** Voxels that any segment has; null for all but segments. */
  covered: whole.nullable(),
  /** Null for all but images, and where no voxel is a number. */
  grey: greyNumbersSchema.nullable(),
});
export type RegionNumbers = z.infer<typeof regionNumbersSchema>;

export const regionResultSchema = z.object({
  id: idSchema,
  name: z.string(),
  atlas: idSchema,
  of: regionOfSchema,
  /** The volume in whose space it was measured. */
  space: idSchema,
  /** Of that volume. */
  level: whole,
  voxelSizeNm: voxelSizeNmSchema,
  /** The registrations and warped volumes that led to the annotation. */
  through: z.array(idSchema),
  /** False where left and right are not told apart. */
  hemispheres: z.boolean(),
  /** Voxels, points or segments that were looked at, and those of them that lie in any region. */
  unit: z.enum(['voxels', 'points', 'segments']),
  total: whole,
  inRegions: whole,
  /** Blocks that could not be read: what lies in them is missing. */
  unread: whole,
  createdAt: isoTimeSchema,
});
export type RegionResult = z.infer<typeof regionResultSchema>;

export const regionRowSchema = z.object({
  ...regionSchema.pick({ at: true, id: true, acronym: true, name: true, colour: true, parent: true }).shape,
  ...regionSchema.pick({ end: true, depth: true, inTable: true }).shape,
  /** null: both together. */
  hemisphere: hemisphereSchema.nullable(),
  /** Of the region's own label. */
  own: regionNumbersSchema,
  /** With all regions inside of it. */
  all: regionNumbersSchema,
});
export type RegionRow = z.infer<typeof regionRowSchema>;

const inResult = { ...inLibrary, result: idSchema };
const exampleResult = { library: 'my-library', result: 'region-0a1b2c3d4e5f' };

export const regionProcedures = {
  measure: job({
    doc: 'Measure by region of an atlas: volume and grey levels of a channel; count and density of points, segments, shapes. For each hemisphere, and with the regions inside. Undoable.',
    input: z.object({
      ...inLibrary,
      atlas: idSchema,
      of: regionOfSchema,
      name: z.string().min(1).max(200).optional(),
      level: whole.optional().describe('of the volume; the coarsest that is as fine as the annotation where left out'),
      hemispheres: z.boolean().default(true).describe('left and right apart, where the atlas tells them'),
    }),
    output: z.object({ result: idSchema, total: whole, inRegions: whole }),
    example: {
      library: 'my-library',
      atlas: 'atlas-0a1b2c3d4e5f',
      of: { volume: 'volume-0a1b2c3d4e5f', channel: 0, time: 0 },
    },
  }),
  list: query({
    doc: 'The results by region of a library, newest first.',
    input: z.object({ ...inLibrary, atlas: idSchema.optional().describe('only those of this atlas') }),
    output: z.object({ results: z.array(regionResultSchema) }),
    example: { library: 'my-library' },
  }),
  get: query({
    doc: 'A result by region: what was measured, where, and through what.',
    input: z.object(inResult),
    output: z.object({ result: regionResultSchema }),
    example: exampleResult,
  }),
  table: query({
    doc: 'The rows of a result in the order of the tree: each region with its own numbers, and with those inside of it.',
    input: z.object({
      ...inResult,
      hemisphere: z.enum(['both', 'left', 'right']).default('both'),
      under: z.string().max(200).optional().describe('only this region and those inside of it: its id or acronym'),
      empty: z.boolean().default(false).describe('also regions in which nothing lies'),
      from: whole.default(0),
      most: z.number().int().min(1).max(mostRegions).default(2000),
    }),
    output: z.object({ total: whole, rows: z.array(regionRowSchema) }),
    example: exampleResult,
  }),
  export: command({
    doc: 'Write a result as CSV or JSON: a row for each region, of both hemispheres and of each, with its path, acronym and colour.',
    input: z.object({
      ...inResult,
      format: z.enum(['csv', 'json']).default('csv'),
      empty: z.boolean().default(false).describe('also regions in which nothing lies'),
      out: pathRefSchema,
    }),
    output: z.object({ file: z.string(), rows: whole, sha256: z.string() }),
    example: { ...exampleResult, out: 'regions.csv' },
  }),
  remove: command({
    doc: 'Take a result by region out of the library. Undoable.',
    input: z.object(inResult),
    output: z.object({ removed: z.boolean() }),
    example: exampleResult,
  }),
};
