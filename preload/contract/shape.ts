import { z } from 'zod';
import { command, query, stream } from './define.ts';
import { idSchema, inLibrary, isoTimeSchema, sourceRefSchema } from './reference.ts';
import { vec3Schema } from './space.ts';

/**
 * Meshes and skeletons. A set of shapes is one source: a file (one shape, or a scene of several), a folder of files, or a
 * precomputed directory with one shape an id. Positions are nanometres; `unitNm` says what a file's numbers mean.
 */
export const shapeKindSchema = z.enum(['mesh', 'skeleton']);
export type ShapeKind = z.infer<typeof shapeKindSchema>;

/** An id of a segment in decimal, or the name of a file (as long as a path in an archive) or of an object in it. */
export const shapeKeySchema = z.string().min(1).max(1024);

export const shapeSetSchema = z.object({
  id: idSchema,
  name: z.string(),
  kind: shapeKindSchema,
  format: z.enum([
    'precomputed-legacy-mesh',
    'precomputed-multires-mesh',
    'precomputed-skeletons',
    'obj',
    'ply',
    'stl',
    'gltf',
    'swc',
    'nml',
  ]),
  source: z.object({ kind: z.enum(['local', 'remote']), text: z.string() }),
  unitNm: z.number().positive(),
  /** How many there are; null where the source does not list them (they are asked for by id). */
  count: z.number().int().nullable(),
  boundsNm: z.object({ min: vec3Schema, max: vec3Schema }).nullable(),
  /** The volume of the library in whose space they lie, where they were made of it or led to it. */
  liesIn: idSchema.optional(),
  createdAt: isoTimeSchema,
});
export type ShapeSet = z.infer<typeof shapeSetSchema>;

/**
 * A level of detail of a mesh: boxes that are fetched one by one. `lodScaleNm`: the size of the detail that it lacks, nm.
 * Files and legacy meshes have one level of one box.
 */
export const meshManifestSchema = z.object({
  key: shapeKeySchema,
  /** Finest first. */
  levels: z.array(
    z.object({
      lodScaleNm: z.number().min(0),
      /** Flat: minX minY minZ maxX maxY maxZ a box, nm. */
      boxesNm: z.array(z.number()),
      bytes: z.array(z.number()),
      /** For each box, the index in the next coarser level of the box that holds it; -1 in the coarsest. */
      parents: z.array(z.number().int()),
    }),
  ),
});
export type MeshManifest = z.infer<typeof meshManifestSchema>;

const inSet = { ...inLibrary, shape: idSchema };
const exampleSet = { library: 'my-library', shape: 'shape-0a1b2c3d4e5f' };

export const shapeProcedures = {
  describe: query({
    doc: 'Say what meshes or skeletons a file, folder or address holds, without adding it.',
    input: z.object({ source: sourceRefSchema, allowPrivate: z.boolean().default(false) }),
    /** `notes`: what was assumed of units, and what was left out; whole sentences. */
    output: shapeSetSchema.omit({ id: true, liesIn: true, createdAt: true }).extend({ notes: z.array(z.string()) }),
    example: { source: 'neuron.swc' },
  }),
  ofVolume: query({
    doc: 'The meshes and skeletons that a segmentation of the library names, where they are there; add takes its id.',
    input: z.object({ ...inLibrary, volume: idSchema }),
    output: z.object({ shapes: z.array(shapeSetSchema.omit({ id: true, liesIn: true, createdAt: true })) }),
    example: { library: 'my-library', volume: 'volume-0a1b2c3d4e5f' },
  }),
  add: command({
    doc: 'Add meshes or skeletons to the library: OBJ, PLY, STL, glTF, SWC, NML, precomputed. Undoable.',
    input: z.object({
      ...inLibrary,
      source: sourceRefSchema.describe('a path, an address, or a segmentation of the library that names some'),
      kind: shapeKindSchema.optional().describe('where a segmentation names both'),
      name: z.string().max(200).optional(),
      unitNm: z.number().positive().max(1e9).optional().describe('nm of one unit of the file, where it does not say'),
      allowPrivate: z.boolean().default(false),
    }),
    output: shapeSetSchema,
    example: { library: 'my-library', source: 'neuron.swc' },
  }),
  list: query({
    doc: 'The sets of meshes and skeletons of a library.',
    input: z.object(inLibrary),
    output: z.object({ shapes: z.array(shapeSetSchema) }),
    example: { library: 'my-library' },
  }),
  remove: command({
    doc: 'Take a set of meshes or skeletons out of the library; its files stay. Refused while it is shown through a registration. Undoable.',
    input: z.object(inSet),
    output: z.object({ removed: z.boolean() }),
    example: exampleSet,
  }),
  keys: query({
    doc: 'The ids or names in a set, with the names that it gives them, in pages.',
    input: z.object({
      ...inSet,
      find: z.string().max(200).default(''),
      from: z.number().int().min(0).default(0),
      most: z.number().int().min(1).max(10_000).default(1000),
    }),
    output: z.object({ total: z.number().int(), keys: z.array(z.object({ key: shapeKeySchema, name: z.string() })) }),
    example: exampleSet,
  }),
  manifests: query({
    doc: 'The levels of detail of some meshes of a set. A mesh that can not be read is named in `failed`.',
    input: z.object({ ...inSet, keys: z.array(shapeKeySchema).min(1).max(1000) }),
    output: z.object({
      manifests: z.array(meshManifestSchema),
      failed: z.array(z.object({ key: shapeKeySchema, message: z.string(), hint: z.string() })),
    }),
    example: { ...exampleSet, keys: ['1'] },
  }),
  fragments: stream({
    doc: 'Stream boxes of meshes, in the order asked for: positions (float32 x y z, nm), then indices (uint32), little-endian.',
    input: z.object({
      ...inSet,
      fragments: z
        .array(z.object({ key: shapeKeySchema, level: z.number().int().min(0), box: z.number().int().min(0) }))
        .min(1)
        .max(4096),
    }),
    /** `vertices` x 12 bytes, then `triangles` x 12 bytes. `failed`: why there are none, '' where all is well. */
    output: z.object({
      key: shapeKeySchema,
      level: z.number().int(),
      box: z.number().int(),
      vertices: z.number().int(),
      triangles: z.number().int(),
      failed: z.string(),
    }),
    example: { ...exampleSet, fragments: [{ key: '1', level: 0, box: 0 }] },
  }),
  skeletons: stream({
    doc: 'Stream skeletons: positions (float32 x y z, nm), radii (float32, nm), edges (uint32 pairs), little-endian.',
    input: z.object({ ...inSet, keys: z.array(shapeKeySchema).min(1).max(4096) }),
    output: z.object({
      key: shapeKeySchema,
      name: z.string(),
      nodes: z.number().int(),
      edges: z.number().int(),
      failed: z.string(),
    }),
    example: { ...exampleSet, keys: ['1'] },
  }),
};
