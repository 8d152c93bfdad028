import { z } from 'zod';
import { command, query } from './define.ts';
import { idSchema, inLibrary, isoTimeSchema, pathRefSchema } from './reference.ts';
import { vec3Schema } from './space.ts';

const geometry = {
  kind: z.enum(['point', 'line']),
  /** Volume space, nanometres: one for a point, two for a line. */
  pointsNm: z.array(vec3Schema).min(1).max(2),
  name: z.string().max(200).default(''),
  note: z.string().max(10_000).default(''),
};

export const annotationSchema = z.object({
  id: idSchema,
  volume: idSchema,
  kind: geometry.kind,
  pointsNm: z.array(vec3Schema),
  name: z.string(),
  note: z.string(),
  createdAt: isoTimeSchema,
  updatedAt: isoTimeSchema,
});
export type Annotation = z.infer<typeof annotationSchema>;

const inVolume = { ...inLibrary, volume: idSchema };
const exampleVolume = { library: 'my-library', volume: 'volume-0a1b2c3d4e5f' };
const exampleAnnotation = { library: 'my-library', annotation: 'annotation-0a1b2c3d4e5f' };

export const annotateProcedures = {
  list: query({
    doc: 'The annotations of a volume.',
    input: z.object(inVolume),
    output: z.object({ annotations: z.array(annotationSchema) }),
    example: exampleVolume,
  }),
  add: command({
    doc: 'Add a point or a line in nanometres. Undoable.',
    input: z.object({ ...inVolume, ...geometry }),
    output: annotationSchema,
    example: { ...exampleVolume, kind: 'point', pointsNm: [[400, 400, 40]], name: 'synapse 1' },
  }),
  update: command({
    doc: 'Change the place, name or note of an annotation. Undoable.',
    input: z.object({
      ...inLibrary,
      annotation: idSchema,
      pointsNm: geometry.pointsNm.optional(),
      name: z.string().max(200).optional(),
      note: z.string().max(10_000).optional(),
    }),
    output: annotationSchema,
    example: { ...exampleAnnotation, name: 'synapse 2' },
  }),
  remove: command({
    doc: 'Remove an annotation. Undoable.',
    input: z.object({ ...inLibrary, annotation: idSchema }),
    output: z.object({ removed: z.boolean() }),
    example: exampleAnnotation,
  }),
  export: query({
    doc: 'Write the annotations of a volume as CSV: id, kind, name, note, coordinates in nm, times.',
    input: z.object({ ...inVolume, format: z.enum(['csv']).default('csv'), out: pathRefSchema }),
    output: z.object({ file: z.string(), annotations: z.number(), sha256: z.string() }),
    example: { ...exampleVolume, out: 'annotations.csv' },
  }),
};
