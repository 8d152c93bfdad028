import { z } from 'zod';
import { verdictSchema } from './library.ts';
import { idSchema } from './reference.ts';

/** Array tomography: the same sections imaged in several sessions, brought to one frame in nanometres. */

export const registeredSectionSchema = z.object({
  section: z.number(),
  /**
   * `frame`: stays where it is. `kept`: brought to the frame. `lost`: found in no other session. `weak`: too few of its
   * blocks matched. `missing`: the frame does not have this section, or the session does not.
   */
  state: z.enum(['frame', 'kept', 'lost', 'weak', 'missing']),
  /** The dataset that it was matched with; '' where with none. */
  via: z.string(),
  /** Blocks that matched, and those that were looked for. */
  blocks: z.number().int(),
  lookedFor: z.number().int(),
  /** Angle, size and handedness against the frame, as it lay. */
  turnedDegrees: z.number(),
  scale: z.number(),
  mirrored: z.boolean(),
  /** Distances between matched blocks as they lay and as they lie now. */
  movedNm: z.number(),
  medianNm: z.number(),
  p95Nm: z.number(),
  /** Correlation with `via` as they lay and as they lie now; null where that was not measured. */
  nccBefore: z.number().nullable(),
  nccAfter: z.number().nullable(),
  reason: z.string(),
});
export type RegisteredSection = z.infer<typeof registeredSectionSchema>;

export const registeredSessionSchema = z.object({
  dataset: idSchema,
  name: z.string(),
  /** The channel that was matched; '' = the tiles' own pictures. */
  channel: z.string(),
  /** The version that it was made of; null: the stage's places. */
  from: idSchema.nullable(),
  /** The version in the frame; null where no section could be brought there. */
  stack: idSchema.nullable(),
  isFrame: z.boolean(),
  /** Of its own pixels, and of the coarser ones of it and of what it was matched with: what residuals are to be held against. */
  pixelNm: z.number(),
  matchedNm: z.number(),
  contrast: z.enum(['levels', 'edges']),
  sections: z.array(registeredSectionSchema),
  /** Over its kept sections. */
  medianNm: z.number(),
  p95Nm: z.number(),
  verdict: verdictSchema,
  reasons: z.array(z.string()),
});
export type RegisteredSession = z.infer<typeof registeredSessionSchema>;

export const registrationSchema = z.object({
  /** The dataset whose places are those of all. */
  frame: idSchema,
  sessions: z.array(registeredSessionSchema),
});
export type Registration = z.infer<typeof registrationSchema>;

export const sessionSchema = z.object({
  dataset: idSchema,
  stack: idSchema.optional().describe('the version to bring to the frame; where the stage put the tiles, if left out'),
  channel: z.string().max(200).default('').describe("what is matched; the tiles' own pictures where left out"),
  contrast: z
    .enum(['auto', 'levels', 'edges'])
    .default('auto')
    .describe('edges: where bright and dark are others than in the first session; auto: whichever finds more sections'),
});

export const registrationResultSchema = z.object({
  /** One a session that could be brought to the frame, the frame itself too, in the order asked for. */
  stacks: z.array(z.object({ dataset: idSchema, stack: idSchema, verdict: verdictSchema })),
  /** Datasets of which nothing could be brought there. */
  failed: z.array(idSchema),
  sections: z.number().int(),
  kept: z.number().int(),
  medianNm: z.number(),
  p95Nm: z.number(),
  verdict: verdictSchema,
});
