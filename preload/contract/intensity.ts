import { z } from 'zod';
import { command, job, query } from './define.ts';
import { verdictSchema } from './library.ts';
import { idSchema, inLibrary } from './reference.ts';

const inStack = { ...inLibrary, stack: idSchema };
const exampleStack = { library: 'my-library', stack: 'stack-0a1b2c3d4e5f' };
const channel = z.string().max(200).default('').describe('of the tiles; their own pictures where left out');

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

export const balanceModelSchema = z.enum(['gain', 'offset', 'gain-offset']);

/** A number before the correction and after. */
const change = z.object({ before: z.number(), after: z.number() });

export const lightReportSchema = z.object({
  /** Mean over overlapping pairs, by their area, of how large the mean difference of their levels is, grey levels. */
  seamStep: change,
  /** SD of the mean level of sections over the mean of all; 0 for one section. */
  sliceSd: change,
  /** SD of the mean tile over its mean: what all tiles share is the camera's, besides chance. */
  nonUniformity: change,
  /** SD of levels within cells, as a part of what it was: 1 = contrast as before. */
  contrast: z.number(),
  slices: z.array(z.object({ section: z.number(), before: z.number(), after: z.number() })),
  /** The pairs with the largest steps left. */
  worst: z.array(
    z.object({
      tileA: z.number().int(),
      tileB: z.number().int(),
      section: z.number(),
      before: z.number(),
      after: z.number(),
    }),
  ),
});
export type LightReport = z.infer<typeof lightReportSchema>;

export const intensityProcedures = {
  estimate: job({
    doc: 'Make the grey levels of the tiles of a stack fit each other: flat field of the camera, gain and offset from overlaps, seams evened out, brightness from section to section. A new stack version; pixels stay as they are. Undoable.',
    input: z.object({
      ...inStack,
      channel,
      flat: z.boolean().default(true).describe('take out how the camera darkens towards its corners'),
      dark: z.boolean().default(false).describe('with it, a dark level that varies over the camera'),
      overlap: z.boolean().default(true).describe('make tiles alike where they overlap'),
      model: balanceModelSchema.default('gain-offset').describe('what overlaps may change'),
      nodes: z
        .number()
        .int()
        .min(1)
        .max(16)
        .default(1)
        .describe('values along each side of a tile that overlaps may change'),
      seams: z.boolean().default(true).describe('even out the steps that are left (gradient domain)'),
      flicker: z.boolean().default(true).describe('make sections alike'),
    }),
    output: z.object({ stack: idSchema, tiles: z.number(), verdict: verdictSchema, report: lightReportSchema }),
    example: exampleStack,
  }),
  lens: job({
    doc: 'Tell the distortion that all tiles share from where overlaps disagree, and put it before their places in a new stack version. Undoable.',
    input: z.object({
      ...inStack,
      degree: z.number().int().min(2).max(5).default(3).describe('of the polynomial'),
      minNcc: z.number().min(0).max(1).default(0.5).describe('points below this correlation are not used'),
      maxPairs: z.number().int().min(10).max(10_000).default(600).describe('overlaps to look at'),
    }),
    output: z.object({
      stack: idSchema,
      points: z.number(),
      rmsBeforePx: z.number(),
      rmsAfterPx: z.number(),
      /** Of the distortion over a tile: RMS, and the largest. */
      displacementPx: z.tuple([z.number(), z.number()]).readonly(),
      uncertaintyPx: z.number(),
      verdict: verdictSchema,
    }),
    example: exampleStack,
  }),
  report: query({
    doc: 'What the correction of grey levels did to a stack version: steps at seams, mean levels of sections, evenness of the camera.',
    input: z.object(inStack),
    output: z.object({ report: lightReportSchema.nullable() }),
    example: exampleStack,
  }),
  corrections: query({
    doc: 'How a stack version corrects the grey levels of its tiles: for each, the size and range of its grids of gain and offset.',
    input: z.object({ ...inStack, channel }),
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
