import { z } from 'zod';
import { command, query } from './define.ts';
import { idSchema, inLibrary } from './reference.ts';

const inStack = { ...inLibrary, stack: idSchema };
const exampleStack = { library: 'my-library', stack: 'stack-0a1b2c3d4e5f' };

/** Corrected grey level = gain * level + offset, of levels as stored; see `main/engine/stacks/intensity-rows.ts`. */
export const correctionSchema = z.object({
  tile: z.number().int(),
  columns: z.number().int(),
  rows: z.number().int(),
  /** Least and largest of the grid's nodes. */
  gain: z.tuple([z.number(), z.number()]).readonly(),
  /** Grey levels. */
  offset: z.tuple([z.number(), z.number()]).readonly(),
});

export const intensityProcedures = {
  corrections: query({
    doc: 'How a stack version corrects the grey levels of its tiles: for each, the size and range of its grids of gain and offset.',
    input: z.object({ ...inStack, channel: z.string().default('').describe("the tiles' own pictures where left out") }),
    output: z.object({ corrections: z.array(correctionSchema) }),
    example: exampleStack,
  }),
  reset: command({
    doc: 'Make a stack version that puts tiles where this one does, with grey levels as stored. Undoable.',
    input: z.object(inStack),
    output: z.object({ stack: idSchema }),
    example: exampleStack,
  }),
};
