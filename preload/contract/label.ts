import { z } from 'zod';
import { command, query } from './define.ts';
import { idSchema, inLibrary, pathRefSchema } from './reference.ts';

const whole = z.number().int().min(0);
const exampleVolume = { library: 'my-library', volume: 'volume-0a1b2c3d4e5f' };

/** An id of a label, decimal, below 2^64. */
export const labelIdSchema = z.string().regex(/^\d{1,20}$/, 'a label is a whole number, such as 864691135012345678');

export const namedLabelSchema = z.object({
  id: labelIdSchema,
  /** '' where only its colour is known. */
  name: z.string(),
  /** What else is said of it: acronym, description, tags; ''. */
  about: z.string(),
  /** #rrggbb */
  colour: z.string().nullable(),
});
export type NamedLabel = z.infer<typeof namedLabelSchema>;

/** Verbs of `volume` that are of the labels of a segmentation. */
export const labelProcedures = {
  labels: query({
    doc: 'Labels of a segmentation by id or name, from its legend and from its dataset: best matches first.',
    input: z.object({
      ...inLibrary,
      volume: idSchema,
      find: z
        .string()
        .max(200)
        .default('')
        .describe('part of a name, or the first digits of an id; all where left out'),
      ids: z
        .array(labelIdSchema)
        .max(1000)
        .optional()
        .describe('these alone, in this order; those without a name are left out'),
      from: whole.default(0),
      most: z.number().int().min(1).max(1000).default(100),
    }),
    /** `table`: the file that the user gave its legend by; null where its names are the dataset's own, or it has none. */
    output: z.object({ total: whole, labels: z.array(namedLabelSchema), table: z.string().nullable() }),
    example: { ...exampleVolume, find: 'cortex' },
  }),
  legend: command({
    doc: 'Give the labels of a segmentation names and colours from a table (CSV or JSON), or take its legend off. Undoable.',
    input: z.object({
      ...inLibrary,
      volume: idSchema,
      table: pathRefSchema
        .optional()
        .describe(
          'FILE.csv with id, name, colour, or FILE.json, also an ontology; the legend is taken off where left out',
        ),
    }),
    output: z.object({ labels: whole, colours: whole }),
    example: { ...exampleVolume, table: 'names.csv' },
  }),
};
