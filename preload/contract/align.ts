import { z } from 'zod';
import { registrationResultSchema, registrationSchema, sessionSchema } from './channels.ts';
import { job, query } from './define.ts';
import { verdictSchema } from './library.ts';
import { idSchema, inLibrary } from './reference.ts';

export const alignModelSchema = z
  .enum(['rigid', 'affine', 'elastic'])
  .describe('turned and moved; sheared and scaled too; or bent as well');

/** What one pair of sections says of the alignment. */
export const sectionPairSchema = z.object({
  a: z.number(),
  b: z.number(),
  /** `kept`; `weak`: too few blocks matched; `lost`: not found in each other. */
  state: z.enum(['kept', 'weak', 'lost']),
  /** Blocks that matched, and those that were looked for. */
  blocks: z.number().int(),
  lookedFor: z.number().int(),
  /** Angle of b against a as they were, degrees, and whether it lay upside down. */
  turnedDegrees: z.number(),
  mirrored: z.boolean(),
  /** Correlation of the two pictures as they lay and as they lie now; null where that was not measured. */
  nccBefore: z.number().nullable(),
  nccAfter: z.number().nullable(),
  /** Distances between matched blocks as they lay and as they lie now, px of the stack. */
  movedPx: z.number(),
  medianPx: z.number(),
  p95Px: z.number(),
  reason: z.string(),
});
export type SectionPair = z.infer<typeof sectionPairSchema>;

export const alignedSectionSchema = z.object({
  section: z.number(),
  /** `between`: joined to no other, so it lies as its neighbours on both sides say. */
  placedBy: z.enum(['links', 'between']),
  mirrored: z.boolean(),
  reason: z.string(),
});

export const alignmentSchema = z.object({
  pairs: z.array(sectionPairSchema),
  sections: z.array(alignedSectionSchema),
  /** The steepest tilt of structures that was left in place, px a section. */
  trendPx: z.number(),
});
export type Alignment = z.infer<typeof alignmentSchema>;

const settings = {
  stepPx: z
    .number()
    .min(1)
    .max(256)
    .optional()
    .describe('pixels of the stack a pixel that is matched; from the size where left out'),
  spacingPx: z
    .number()
    .min(8)
    .max(100_000)
    .optional()
    .describe('between the blocks that are matched, pixels of the stack'),
  searchPx: z
    .number()
    .min(2)
    .max(100_000)
    .optional()
    .describe('how far blocks may lie from where the rough match expects them'),
};

export const alignProcedures = {
  start: job({
    doc: 'Align sections to each other, into a new stack version: rough by features, fine by blocks, all solved at once. Undoable.',
    input: z.object({
      ...inLibrary,
      dataset: idSchema,
      stack: idSchema.optional().describe('the version to align; where the stage put the tiles, if left out'),
      model: alignModelSchema.default('elastic'),
      neighbours: z.number().int().min(1).max(5).default(2).describe('how many sections on each one is matched to'),
      contrast: z
        .enum(['levels', 'edges'])
        .default('levels')
        .describe('edges: where bright and dark are swapped between sections'),
      keepTrend: z.boolean().default(true).describe('leave what moves steadily from section to section: tilted tissue'),
      channel: z
        .string()
        .max(200)
        .default('')
        .describe("the channel that is matched; the tiles' own pictures where left out"),
      ...settings,
    }),
    output: z.object({
      stack: idSchema,
      sections: z.number(),
      pairs: z.number(),
      medianPx: z.number(),
      p95Px: z.number(),
      nccBefore: z.number(),
      nccAfter: z.number(),
      verdict: verdictSchema,
    }),
    example: { library: 'my-library', dataset: 'dataset-0a1b2c3d4e5f', model: 'elastic' },
  }),
  channels: job({
    doc: 'Array tomography: bring sessions that show the same sections (channels of light, EM) to one frame in nanometres, a new version of each. Undoable.',
    input: z.object({
      ...inLibrary,
      sessions: z
        .array(sessionSchema)
        .min(2)
        .max(64)
        .describe('datasets whose sections of one number are one section; the others are matched with the first'),
      frame: idSchema.optional().describe('the dataset that stays where it is; the first where left out'),
      model: alignModelSchema.default('elastic'),
      ...settings,
    }),
    output: registrationResultSchema,
    example: {
      library: 'my-library',
      sessions: [{ dataset: 'dataset-0a1b2c3d4e5f', channel: 'DAPI' }, { dataset: 'dataset-1a1b2c3d4e5f' }],
    },
  }),
  channelReport: query({
    doc: 'What bringing sessions to one frame found: each session, and each of its sections before and after.',
    input: z.object({ ...inLibrary, stack: idSchema.describe('the version of any of the sessions') }),
    output: registrationSchema,
    example: { library: 'my-library', stack: 'stack-0a1b2c3d4e5f' },
  }),
  report: query({
    doc: 'What the alignment of a stack version found: each pair of sections before and after, and each section.',
    input: z.object({ ...inLibrary, stack: idSchema }),
    output: alignmentSchema,
    example: { library: 'my-library', stack: 'stack-0a1b2c3d4e5f' },
  }),
};
