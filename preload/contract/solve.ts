import { z } from 'zod';
import { command, job, query } from './define.ts';
import { solveModelSchema, verdictSchema } from './library.ts';
import { idSchema, inLibrary, pathRefSchema } from './reference.ts';

const inStack = { ...inLibrary, stack: idSchema };
const exampleStack = { library: 'my-library', stack: 'stack-0a1b2c3d4e5f' };

const solveSettings = {
  model: solveModelSchema.default('affine'),
  order: z.number().int().min(2).max(3).default(2).describe('of the polynomial model'),
  stageSigmaPx: z.number().positive().max(1e6).default(10).describe('how far the stage errs, pixels'),
};

/** What a solve with one lambda came to. */
export const sweepPointSchema = z.object({
  /** How much more firmly than usual tiles are held to the stage. */
  lambda: z.number(),
  /** RMS distance between the two places of a link's points, pixels. */
  residualPx: z.number(),
  /** RMS distance of tile corners from the stage's places, beyond an affine map common to all, pixels. */
  deformationPx: z.number(),
});
export type SweepPoint = z.infer<typeof sweepPointSchema>;

export const holdSchema = z.enum(['pinned', 'placed', 'free']);

/** How the points of a link lie apart: what its residual comes to when one of its tiles is moved follows from these two. */
export const linkMisfitSchema = z.object({
  tileA: z.number().int(),
  tileB: z.number().int(),
  /** Mean of b's place less a's, stack pixels. */
  meanPx: z.tuple([z.number(), z.number()]).readonly(),
  rmsPx: z.number(),
});
export type LinkMisfit = z.infer<typeof linkMisfitSchema>;

export const solveProcedures = {
  start: job({
    doc: 'Solve all placements of a stack version again from its links, without matching: another model, another lambda, tiles that were moved or pinned. Makes a new stack version. Undoable.',
    input: z.object({
      ...inStack,
      ...solveSettings,
      lambda: z
        .number()
        .min(1e-9)
        .max(1e9)
        .default(1)
        .describe('how much more firmly than usual tiles are held to the stage'),
      robust: z.boolean().default(true).describe('find links that disagree with the others and drop them'),
    }),
    output: z.object({
      stack: idSchema,
      tiles: z.number(),
      links: z.number(),
      rmsPx: z.number(),
      maxPx: z.number(),
      verdict: verdictSchema,
    }),
    example: { ...exampleStack, model: 'affine' },
  }),
  sweep: job({
    doc: 'Solve a stack version with many lambdas: for each the residual of the links and how far tiles leave the stage, and the lambda at the corner between the two. Writes no stack version.',
    input: z.object({
      ...inStack,
      ...solveSettings,
      from: z.number().min(1e-9).max(1e9).default(1e-4),
      to: z.number().min(1e-9).max(1e9).default(1e4),
      steps: z.number().int().min(3).max(50).default(17).describe('lambdas, evenly apart in their logarithm'),
    }),
    output: z.object({
      points: z.array(sweepPointSchema),
      /** The lambda where the curve of residual against deformation turns the most; the middle one where it has no corner. */
      corner: z.number(),
    }),
    example: { ...exampleStack, model: 'affine' },
  }),
  move: command({
    doc: 'Move tiles of a stack version, pin them, or let them go, in a new version. Later solves leave pinned tiles exactly where they are, and hold moved ones as firmly as a good match. Undoable.',
    input: z.object({
      ...inStack,
      tiles: z.array(z.number().int()).min(1).max(100_000),
      byXPx: z.number().min(-1e8).max(1e8).default(0),
      byYPx: z.number().min(-1e8).max(1e8).default(0),
      hold: holdSchema
        .default('placed')
        .describe('pinned: exactly here; placed: about here; free: as links and stage say'),
    }),
    output: z.object({ stack: idSchema, tiles: z.number() }),
    example: { ...exampleStack, tiles: [12], byXPx: 10.5, byYPx: -3, hold: 'pinned' },
  }),
  misfits: query({
    doc: 'How far the points of each link of these tiles lie apart in a stack version, and in which direction: where the links would rather have the tiles.',
    input: z.object({ ...inStack, tiles: z.array(z.number().int()).min(1).max(1000) }),
    output: z.object({ misfits: z.array(linkMisfitSchema) }),
    example: { ...exampleStack, tiles: [12] },
  }),
  importMatches: command({
    doc: "Take point matches of another program (Render's CanvasMatches JSON, by tile id) as the links of a new stack version, whose tiles lie where the stage put them until it is solved. Undoable.",
    input: z.object({ ...inLibrary, dataset: idSchema, file: pathRefSchema }),
    output: z.object({ stack: idSchema, links: z.number(), points: z.number(), unknown: z.number() }),
    example: { library: 'my-library', dataset: 'dataset-0a1b2c3d4e5f', file: 'matches.json' },
  }),
  exportMatches: command({
    doc: "Write the links of a stack version that were kept as Render's CanvasMatches JSON.",
    input: z.object({ ...inStack, out: pathRefSchema }),
    output: z.object({ file: z.string(), links: z.number(), points: z.number(), sha256: z.string() }),
    example: { ...exampleStack, out: 'matches.json' },
  }),
};
