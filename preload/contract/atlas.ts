import { z } from 'zod';
import { command, job, query, stream } from './define.ts';
import { labelIdSchema } from './label.ts';
import { idSchema, inLibrary, isoTimeSchema, pathRefSchema, sourceRefSchema, warningSchema } from './reference.ts';
import { vec3Schema, voxelSizeNmSchema } from './space.ts';
import { pointNmSchema } from './warp.ts';

/**
 * Atlases: an annotation (a segmentation of the library) whose labels are regions of a tree, perhaps with the template
 * that it was drawn on. Regions are numbered in the order of the tree, each before those inside of it (`at`), so that a
 * region and all inside of it are those from `at` to `end`, the end left out.
 */
const whole = z.number().int().min(0);
const inAtlas = { ...inLibrary, atlas: idSchema };
const exampleAtlas = { library: 'my-library', atlas: 'atlas-0a1b2c3d4e5f' };

/** Regions of an atlas; one more voxel value than these fits into 16 bits beside background and unknown. */
export const mostRegions = 65_000;

/**
 * Towards which side each of x, y and z begins: one of l and r, of a and p, of s and i, once each. Allen's CCF begins in
 * front, above, on the left: asl.
 */
export const orientationSchema = z
  .string()
  .regex(
    /^(?!.*([lrapsi]).*\1)(?=.*[lr])(?=.*[ap])(?=.*[si])[lrapsi]{3}$/,
    'an orientation looks like asl: where x, y and z begin (anterior or posterior, superior or inferior, left or right)',
  );

export const regionSchema = z.object({
  /** Its place in the order of the tree, from 0. */
  at: whole,
  /** The label in the annotation, decimal. */
  id: labelIdSchema,
  acronym: z.string(),
  name: z.string(),
  /** #rrggbb; a region without a colour has that of the one that it is inside of, or one made of its id. */
  colour: z.string(),
  /** `at` of the region that it is inside of. */
  parent: whole.nullable(),
  /** The first region after it that is not inside of it. */
  end: whole,
  /** Regions that it is inside of. */
  depth: whole,
  /** Voxels of level 0 with its own label. */
  voxels: whole,
  /** The same with those of all regions inside of it. */
  allVoxels: whole,
  /** False: a label of the annotation that the table of regions does not have. */
  inTable: z.boolean(),
});
export type Region = z.infer<typeof regionSchema>;

export const atlasSchema = z.object({
  id: idSchema,
  name: z.string(),
  /** What its regions were read from, in words. */
  kind: z.enum(['allen', 'brainglobe', 'table']),
  /** Volumes of the library. */
  annotation: idSchema,
  template: idSchema.nullable(),
  /** Where 1 is left and 2 is right. */
  hemispheres: idSchema.nullable(),
  orientation: orientationSchema.nullable(),
  regions: whole,
  /** Regions that no voxel has, nor any inside of them. */
  empty: whole,
  /** Labels of the annotation that the table lacks. */
  notInTable: whole,
  citation: z.string(),
  /** What was odd about it when it was imported. */
  warnings: z.array(warningSchema),
  createdAt: isoTimeSchema,
});
export type Atlas = z.infer<typeof atlasSchema>;

/** Where a point is: in a region, in none, beyond the annotation, where no map leads, on a label that was not there. */
export const pointPlaceSchema = z.enum(['region', 'background', 'outside', 'unreached', 'unknown']);

export const hemisphereSchema = z.enum(['left', 'right']);

export const atlasProcedures = {
  import: job({
    doc: 'Import an atlas: a BrainGlobe folder, or an annotation with its tree of regions (Allen JSON or CSV, any table). Voxels stay where they are. Undoable.',
    input: z.object({
      ...inLibrary,
      source: pathRefSchema
        .optional()
        .describe('a folder of a BrainGlobe atlas (metadata.json); nothing else is needed'),
      annotation: sourceRefSchema.optional().describe('a segmentation of the library, a path, or an address'),
      ontology: pathRefSchema
        .optional()
        .describe(
          "FILE.json or FILE.csv of Allen or BrainGlobe, or a table: CSV, ITK-SNAP's labels, FreeSurfer's colours",
        ),
      template: sourceRefSchema.optional().describe('the image that the annotation was drawn on'),
      name: z.string().min(1).max(200).optional(),
      voxelSizeNm: voxelSizeNmSchema.optional().describe('of the annotation, where it does not say, or says it wrong'),
      orientation: orientationSchema.optional().describe('where x, y and z begin; left and right are told by it'),
    }),
    output: z.object({
      atlas: idSchema,
      annotation: idSchema,
      template: idSchema.nullable(),
      regions: whole,
      notInTable: whole,
    }),
    example: { library: 'my-library', annotation: 'annotation.nrrd', ontology: 'ontology.json', orientation: 'asl' },
  }),
  describe: query({
    doc: 'What a folder of a BrainGlobe atlas says of itself, before it is imported.',
    input: z.object({ source: pathRefSchema }),
    output: z.object({
      name: z.string(),
      citation: z.string(),
      voxelSizeNm: voxelSizeNmSchema,
      orientation: orientationSchema,
      /** File names. */
      annotation: z.string(),
      template: z.string().nullable(),
      hemispheres: z.string().nullable(),
      regions: whole,
    }),
    example: { source: 'allen_mouse_25um_v1.2' },
  }),
  list: query({
    doc: 'The atlases of a library, newest first.',
    input: z.object(inLibrary),
    output: z.object({ atlases: z.array(atlasSchema) }),
    example: { library: 'my-library' },
  }),
  get: query({
    doc: 'An atlas: its volumes, what it holds, and what was odd about it.',
    input: z.object(inAtlas),
    output: z.object({ atlas: atlasSchema }),
    example: exampleAtlas,
  }),
  regions: query({
    doc: 'Regions of an atlas in the order of the tree, or those found by part of a name or acronym, the best first.',
    input: z.object({
      ...inAtlas,
      find: z.string().max(200).default('').describe('part of a name, an acronym, or an id; all where left out'),
      under: z.string().max(200).optional().describe('only this region and those inside of it: its id or acronym'),
      from: whole.default(0),
      most: z.number().int().min(1).max(mostRegions).default(1000),
    }),
    output: z.object({ total: whole, regions: z.array(regionSchema) }),
    example: { ...exampleAtlas, find: 'visual', under: 'CTX' },
  }),
  lookup: query({
    doc: 'The regions at points: of the annotation, or of any volume from which registrations and warped volumes lead to it.',
    input: z.object({
      ...inAtlas,
      points: z.array(pointNmSchema).min(1).max(20_000).describe('x, y, z in nanometres'),
      space: idSchema.optional().describe('the volume that the points are of; the annotation where left out'),
    }),
    output: z.object({
      /** In the order asked for. `region`: an index into `regions`; null unless `place` is region. */
      points: z.array(
        z.object({ place: pointPlaceSchema, region: whole.nullable(), hemisphere: hemisphereSchema.nullable() }),
      ),
      /** Those that were met. `path`: the regions that it is inside of, the outermost first, then itself. */
      regions: z.array(
        z.object({
          ...regionSchema.pick({ at: true, id: true, acronym: true, name: true, colour: true, inTable: true }).shape,
          path: z.array(z.object({ id: labelIdSchema, acronym: z.string(), name: z.string() })),
        }),
      ),
      /** The registrations and warped volumes that lead there, the first first. */
      through: z.array(idSchema),
    }),
    example: { ...exampleAtlas, points: [[6_600_000, 4_000_000, 5_700_000]] },
  }),
  map: query({
    doc: 'The annotation as runs of regions, for a window: bytes as `atlas-map.ts` reads them, within a budget.',
    input: z.object({
      ...inAtlas,
      space: idSchema
        .optional()
        .describe('a volume that registrations and warped volumes lead from: the regions of its voxels, level by half'),
      level: whole
        .optional()
        .describe('of the annotation, or of the space; the finest that fits into the budget where left out'),
      budget: z
        .number()
        .int()
        .min(4096)
        .max(256 * 2 ** 20)
        .default(8 * 2 ** 20)
        .describe('bytes'),
    }),
    output: z.object({
      level: whole,
      size: vec3Schema,
      voxelSizeNm: voxelSizeNmSchema,
      /** Outer corner of its first voxel. */
      originNm: vec3Schema,
      runs: whole,
      /** The registrations and warped volumes that lead from the space to the annotation. */
      through: z.array(idSchema),
      /** Of the sides of voxels, which follow those of regions; null where there are none: `midline` tells them, or nothing. */
      sideRuns: whole.nullable(),
      /** Where the middle between left and right lies; null where that is not known, or no plane of the space. */
      midline: z
        .object({
          axis: z.union([z.literal(0), z.literal(1), z.literal(2)]),
          atNm: z.number(),
          below: hemisphereSchema,
        })
        .nullable(),
    }),
    example: exampleAtlas,
  }),
  ways: query({
    doc: 'Which volumes lie in an atlas: what leads from each to the annotation, registrations and warped volumes either way.',
    input: z.object({ ...inAtlas, volumes: z.array(idSchema).min(1).max(10_000) }),
    output: z.object({
      /** In the order asked for. `through`: the first first, none for the volumes of the atlas; null: nothing leads there. */
      ways: z.array(z.object({ volume: idSchema, through: z.array(idSchema).nullable() })),
    }),
    example: { ...exampleAtlas, volumes: ['volume-0a1b2c3d4e5f'] },
  }),
  meshes: job({
    doc: 'Make meshes of regions, each with those inside of it: a set of shapes whose keys are labels, so that a layer that follows the annotation shows them in the colours of their regions. Undoable.',
    input: z.object({
      ...inAtlas,
      regions: z
        .array(z.string().max(200))
        .min(1)
        .max(mostRegions)
        .optional()
        .describe('ids or acronyms; all that have voxels where left out'),
      level: whole.optional().describe('of the annotation; the finest of at most 16 million voxels where left out'),
      name: z.string().min(1).max(200).optional(),
    }),
    output: z.object({
      shape: idSchema,
      meshes: whole,
      level: whole,
      /** Regions without a voxel at this level. */
      tooSmall: whole,
    }),
    example: { ...exampleAtlas, regions: ['CTX', 'HPF'] },
  }),
  serve: stream({
    doc: 'Serve the atlases of a library to other programs of this computer as JSON, until cancelled; only those who have the token get an answer.',
    input: z.object({
      ...inLibrary,
      port: z.number().int().min(0).max(65_535).default(0).describe('0: one that is free'),
      origin: z
        .string()
        .regex(/^https?:\/\/[^/\s,*]+$/, 'an origin looks like http://localhost:8000')
        .optional()
        .describe('a web page that may read from it, by its origin; none where left out'),
    }),
    output: z.object({ address: z.string(), token: z.string(), answered: whole, failed: whole }),
    example: { library: 'my-library' },
  }),
  remove: command({
    doc: 'Take an atlas out of the library; its volumes stay. Undoable.',
    input: z.object(inAtlas),
    output: z.object({ removed: z.boolean() }),
    example: exampleAtlas,
  }),
};
