import { z } from 'zod';
import { command, query, stream } from './define.ts';
import { wireErrorSchema } from './errors.ts';
import { inLibrary, isoTimeSchema, warningSchema } from './reference.ts';

export const jobStateSchema = z.enum([
  'queued',
  'running',
  'paused',
  'done',
  'done-with-warnings',
  'failed',
  'cancelled',
]);
export type JobState = z.infer<typeof jobStateSchema>;

export const isJobOver = (state: JobState): boolean =>
  state === 'done' || state === 'done-with-warnings' || state === 'failed' || state === 'cancelled';

/** A job as the jobs panel shows it. At most 10 updates a second; the last is always sent. */
export const jobSchema = z.object({
  id: z.string(),
  /** The procedure that started it, `stitch.start`. */
  kind: z.string(),
  /** What the user calls it: "Stitch VNC block 3". */
  label: z.string(),
  state: jobStateSchema,
  /** What is happening now: "Matching overlaps". */
  stage: z.string(),
  done: z.number(),
  total: z.number(),
  /** What is counted: tiles, pairs, bricks, parts. */
  unit: z.string(),
  /** Units a second, over the last seconds; 0 before it is known. */
  ratePerSec: z.number(),
  /** Seconds left in the whole job, or null before it can be said. */
  etaSecs: z.number().nullable(),
  /** Seconds of work so far, over all runs. */
  elapsedSecs: z.number(),
  warnings: z.array(warningSchema),
  /** The procedure's output once done. */
  result: z.unknown().nullable(),
  error: wireErrorSchema.nullable(),
  createdAt: isoTimeSchema,
  updatedAt: isoTimeSchema,
});
export type Job = z.infer<typeof jobSchema>;

const oneJob = z.object({ ...inLibrary, job: z.string() });
const exampleJob = { library: 'my-library', job: 'job-0a1b2c3d4e5f' };

export const jobProcedures = {
  list: query({
    doc: 'List the jobs of a library, newest first.',
    input: z.object(inLibrary),
    output: z.object({ jobs: z.array(jobSchema) }),
    example: { library: 'my-library' },
  }),
  watch: stream({
    doc: 'Follow every job of a library: all of them once, then each change.',
    input: z.object(inLibrary),
    output: jobSchema,
    example: { library: 'my-library' },
  }),
  pause: command({
    doc: 'Pause a job after the units in flight.',
    input: oneJob,
    output: jobSchema,
    example: exampleJob,
  }),
  resume: command({
    doc: 'Resume a paused, interrupted, failed or cancelled job; finished units are kept.',
    input: oneJob,
    output: jobSchema,
    example: exampleJob,
  }),
  cancel: command({
    doc: 'Cancel a job within a second; finished units are kept for a later resume.',
    input: oneJob,
    output: jobSchema,
    example: exampleJob,
  }),
};
