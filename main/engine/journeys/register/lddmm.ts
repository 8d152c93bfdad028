import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { type Registration, registerProcedures } from '../../../../preload/contract/register.ts';
import type { JobEnding, JobRun } from '../../jobs/job.ts';
import { checkpointsIn, writeCheckpoint } from '../../registrations/checkpoint.ts';
import { registrationById } from '../../registrations/registration-rows.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { type AffineInput, findAffine, refuseSame } from './affine.ts';
import { fieldUnit, type Told } from './deform-fields.ts';
import { firstCheckpoint, levelUnits } from './deform-level.ts';
import { openDeformation } from './deformation.ts';
import { deformedRegistration } from './deformed-registration.ts';
import { ending } from './ending.ts';

export type LddmmInput = ParsedOf<typeof registerProcedures.lddmm>;
export type LddmmOutput = OutputOf<typeof registerProcedures.lddmm>;

/** What the job begins from. */
export interface Start {
  readonly from: Registration;
  /** It was made by this job, and is stored with its result. */
  readonly isNew: boolean;
}

/** Where it failed. */
const hints = {
  affine: 'Register the two with register affine until they lie over each other, and begin from that with --start.',
  deformable:
    'Look at it with register apply. A better start, masks, another metric (mi between kinds of image) or a larger --smooth-um may help.',
} as const;

/** An affine map first, where none is given; then level after level, coarse to fine; then fields both ways. */
export async function registerLddmm(
  volumes: OpenVolumes,
  job: JobRun,
  input: LddmmInput,
): Promise<JobEnding<LddmmOutput>> {
  const start = await startOf(volumes, job, input);
  if (start.isNew && start.from.verdict === 'fail') return ending(job, { result: start.from, hint: hints.affine });
  const opened = await openDeformation(volumes, job, input, start);
  try {
    const { deformation } = opened;
    if (checkpointsIn(deformation.folder).length === 0)
      await writeCheckpoint(deformation.folder, firstCheckpoint(deformation.levels));
    for (const [level, { resolutionNm }] of deformation.levels.entries()) {
      const [name, unit] = [`Bending at ${Number((resolutionNm / 1000).toPrecision(3))} µm`, 'rounds'];
      const weight = opened.weights[level] ?? 0;
      await job.stage({ name, unit, units: levelUnits(job, deformation, level), inFlight: 1, weight });
    }
    const units = [fieldUnit(job, deformation, opened.finest)];
    const [told] = await job.stage<Told>({ name: 'Writing the fields', unit: 'fields', units, weight: 0.1 });
    if (!told) throw new Error('a stage of one unit has no result');
    const result = await deformedRegistration(job, input.name, start.from, opened, told);
    return ending(job, { result, before: start.isNew ? start.from : undefined, hint: hints.deformable });
  } finally {
    await opened.close();
  }
}

async function startOf(volumes: OpenVolumes, job: JobRun, input: LddmmInput): Promise<Start> {
  if (input.start !== undefined) {
    const from = registrationById(job.library.read, input.start);
    const isOther = (given: string | undefined, own: string): boolean => given !== undefined && given !== own;
    if (isOther(input.fixed, from.fixed) || isOther(input.moving, from.moving))
      throw invalid(`The registration ${from.id} is one of other volumes.`, 'Leave --fixed and --moving out.');
    return { from, isNew: false };
  }
  const { fixed, moving } = input;
  if (fixed === undefined || moving === undefined)
    throw invalid('It is not said what is registered.', 'Give --start, or both --fixed and --moving.');
  refuseSame({ fixed, moving });
  const id = idOfJob('registration', `${job.id}/affine`);
  return { from: await findAffine(volumes, job, affineInput(input, fixed, moving), id, 0.1), isNew: true };
}

/** The defaults of `register.affine`. */
function affineInput(input: LddmmInput, fixed: string, moving: string): AffineInput {
  const { library, fixedChannel, movingChannel, fixedTime, movingTime, fixedMask, movingMask, landmarks } = input;
  const channels = { fixedChannel, movingChannel, fixedTime, movingTime };
  const own = { library, fixed, moving, ...channels, fixedMask, movingMask };
  return registerProcedures.affine.input.parse({ ...own, ...(input.landmarkUse === 'start' && { landmarks }) });
}

const invalid = (message: string, hint: string): LamellaError => new LamellaError('invalid-input', message, { hint });
