import { z } from 'zod';

/** Tasks of meshes and skeletons, in JavaScript: `native-workers/shapes/`. Positions that come out are nanometres. */

const whole = z.number().int().min(0);
const vec3 = z.tuple([z.number(), z.number(), z.number()]).readonly();
/** 3 x 4, row-major, as precomputed metadata says it. */
export const transformSchema = z.array(z.number()).length(12).readonly();

export const vertexAttributeSchema = z.object({
  id: z.string().max(200),
  data_type: z.enum(['float32', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32']),
  num_components: z.number().int().min(1).max(1024),
});
export type VertexAttribute = z.output<typeof vertexAttributeSchema>;

export const parseShapeSchema = z.object({
  format: z.enum(['obj', 'ply', 'stl', 'gltf', 'swc', 'nml', 'legacy-mesh', 'precomputed-skeleton']),
  /** What to call the file in messages. */
  file: z.string(),
  /** nm of one unit, where the file does not say; null = what is usual for the format. */
  unitNm: z.number().positive().nullable().default(null),
  /** Of glTF: names of the files that lie in inputs[1] and after. */
  resources: z.array(z.string()).default([]),
  /** Of precomputed skeletons: nm of what is stored, and what lies at each vertex. */
  transform: transformSchema.optional(),
  attributes: z.array(vertexAttributeSchema).max(64).default([]),
});

export const parsedShapesSchema = z.object({
  kind: z.enum(['mesh', 'skeleton']),
  unitNm: z.number(),
  /** In the order of the outputs. `name` is '' where the file does not name it. */
  shapes: z.array(
    z.object({
      name: z.string(),
      /** Vertices of a mesh, nodes of a skeleton. */
      points: whole,
      /** Triangles of a mesh, edges of a skeleton. */
      links: whole,
      /** null where there are no points. */
      boundsNm: z.object({ min: vec3, max: vec3 }).nullable(),
    }),
  ),
  /** What was assumed or left out: whole sentences. */
  notes: z.array(z.string()),
  /** Of glTF: files beside it without which nothing can be read; ask again with them. */
  needs: z.array(z.string()),
});
export type ParsedShapesHeader = z.output<typeof parsedShapesSchema>;

export const shapeTasks = {
  'parse-shape': {
    version: 1,
    doc: 'Read a file of meshes or skeletons. inputs[0] = the file; of legacy-mesh every fragment. Each output is one shape: positions float32 x y z (nm), then for meshes indices uint32 a triangle, for skeletons radii float32 (nm) and edges uint32 pairs.',
    input: parseShapeSchema,
    output: parsedShapesSchema,
  },
  'decode-draco': {
    version: 1,
    doc: 'Decode one fragment of a multi-resolution mesh: integers x of the attribute "position" become offset + x * scale, then `transform` makes nanometres of them. outputs[0] = positions float32, then indices uint32.',
    input: z.object({ file: z.string(), offset: vec3, scale: vec3, transform: transformSchema }),
    output: z.object({ vertices: whole, triangles: whole }),
  },
} as const;
