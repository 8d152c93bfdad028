import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { AffineNumbers, Registration, registerProcedures } from '../../../../preload/contract/register.ts';
import { levelAt } from '../../formats/pyramid.ts';
import type { JobEnding, JobRun } from '../../jobs/job.ts';
import { affineStep } from '../../registrations/chain-of.ts';
import { nmMap } from '../../registrations/kernel-space.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import type { Affine3 } from '../../transforms/affine3.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { ending } from './ending.ts';
import { fittingVoxelSizeNm, judgeAffine, seenShare, stretchOf } from './judge.ts';
import { openPair, type Pair } from './pair.ts';
import { type Answer, searchUnit } from './search.ts';
import { startMap } from './start-map.ts';

export type AffineInput = ParsedOf<typeof registerProcedures.affine>;
export type AffineOutput = OutputOf<typeof registerProcedures.affine>;

/** Reads both volumes at the level that the resolution asks for, searches, judges, stores. */
export async function registerAffine(
  volumes: OpenVolumes,
  job: JobRun,
  input: AffineInput,
): Promise<JobEnding<AffineOutput>> {
  const hint =
    'Look at it with register apply; then begin from --landmarks, leave out with masks what only one shows, check the sizes of voxels, or allow mirrored orientations (--orientations axes48).';
  return ending(job, { result: await findAffine(volumes, job, input, idOfJob('registration', job.id)), hint });
}

/** The same, not stored yet: one stage of one unit. `weight`: its share of the job. */
export async function findAffine(
  volumes: OpenVolumes,
  job: JobRun,
  input: AffineInput,
  id: string,
  weight?: number,
): Promise<Registration> {
  refuseSame(input);
  const start = startMap(job.library.read, input);
  const pair = await openPair(volumes, job, input);
  try {
    const units = [searchUnit(job, pair, input, start?.movingFromFixed ?? null)];
    const [answer] = await job.stage<Answer>({ name: 'Registering', unit: 'pairs', units, ...(weight && { weight }) });
    if (!answer) throw new Error('a stage of one unit has no result');
    return { ...registrationOf(job, input, pair, answer, start?.parent ?? null), id };
  } finally {
    await pair.close();
  }
}

export function refuseSame({ fixed, moving }: Pick<AffineInput, 'fixed' | 'moving'>): void {
  if (fixed !== moving) return;
  throw new LamellaError('invalid-input', 'A volume is not registered to itself.', {
    hint: 'Name two volumes.',
    fields: { volume: fixed },
  });
}

function registrationOf(
  job: JobRun,
  input: AffineInput,
  pair: Pair,
  answer: Answer,
  parent: string | null,
): Registration {
  const { fixed, moving } = pair;
  const fixedFromMoving = nmMap(answer.fixedFromMoving, fixed.grid, moving.grid);
  const affine = numbersOf(input, pair, answer, fixedFromMoving);
  const [onto, seen] = [fixed, moving].map(({ opened }) => opened.stored.volume.name);
  return {
    id: idOfJob('registration', job.id),
    name: input.name ?? `${seen} onto ${onto}`.slice(0, 200),
    fixed: input.fixed,
    moving: input.moving,
    kind: 'affine',
    parent,
    movingFromFixed: [affineStep(nmMap(answer.movingFromFixed, moving.grid, fixed.grid))],
    fixedFromMoving: [affineStep(fixedFromMoving)],
    numbers: { affine },
    ...judgeAffine(answer, affine, input.orientations),
    job: job.id,
    createdAt: new Date().toISOString(),
  };
}

function numbersOf(input: AffineInput, { fixed, moving }: Pair, answer: Answer, map: Affine3): AffineNumbers {
  const { miBefore, mi, shared, overlap, best, runnerUp, ambiguous, mirrored, volumeRatio } = answer;
  const stretchXyz = stretchOf(map);
  const { voxelSizeNm } = levelAt(moving.opened.volume.plan, 0);
  return {
    model: input.model,
    ...{ miBefore, mi, shared, overlap, best, runnerUp, ambiguous, mirrored, volumeRatio, stretchXyz },
    seen: seenShare(map, fixed.grid, moving.grid),
    fittingVoxelSizeNm: fittingVoxelSizeNm(stretchXyz, voxelSizeNm),
    resolutionUm: answer.resolutionUm,
    samples: answer.samples,
    fixedLevel: fixed.level,
    movingLevel: moving.level,
  };
}
