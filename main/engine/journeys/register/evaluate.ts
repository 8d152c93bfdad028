import type { OutputOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Registration, registerProcedures } from '../../../../preload/contract/register.ts';
import type { Evaluation } from '../../../../preload/contract/registration-evaluation.ts';
import { levelAt } from '../../formats/pyramid.ts';
import type { JobEnding, JobRun } from '../../jobs/job.ts';
import { judgeEvaluation } from '../../registrations/judge-evaluation.ts';
import { workingResolutionNm } from '../../registrations/level-for.ts';
import { registrationById, registrationRow } from '../../registrations/registration-rows.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { type EvaluateInput, type Evaluating, openEvaluated } from './evaluated-pair.ts';
import { landmarkErrors } from './landmark-errors.ts';
import { compareLabels, compareLevels, lookAtChange } from './evaluation-stages.ts';

export type EvaluateOutput = OutputOf<typeof registerProcedures.evaluate>;

/** Looks at both volumes, at the map between them, at labels and landmarks; judges; keeps what was found with the registration. */
export async function evaluateRegistration(
  volumes: OpenVolumes,
  job: JobRun,
  input: EvaluateInput,
): Promise<JobEnding<EvaluateOutput>> {
  const registration = registrationById(job.library.read, input.registration);
  const against = input.against === undefined ? null : registrationById(job.library.read, input.against);
  const pair = await openEvaluated(volumes, job, { ...input, registration, against });
  try {
    const evaluation = await evaluated({ job, input, registration, pair, against });
    return finish(job, registration, evaluation);
  } finally {
    await pair.close();
  }
}

/** What is found, and what speaks against it. */
export async function evaluated(evaluating: Evaluating): Promise<Evaluation> {
  const { input, pair, registration, job } = evaluating;
  const finest = [pair.fixed, pair.moving].map(({ volume }) => levelAt(volume.plan, 0));
  const { affine, deformable } = registration.numbers;
  const asked = 1000 * (input.resolutionUm ?? deformable?.finestUm ?? affine?.resolutionUm ?? 0);
  const resolutionNm = asked > 0 ? asked : workingResolutionNm(finest);
  const levels = await compareLevels(evaluating, resolutionNm);
  const change = await lookAtChange(evaluating);
  const dice = await compareLabels(evaluating);
  const landmarksUm = input.landmarks && (await landmarkErrors(pair, input.landmarks, job.signal));
  const found = { ...levels, ...change, ...(dice && { dice }), ...(landmarksUm && { landmarksUm }) };
  return { at: new Date().toISOString(), ...found, ...judgeEvaluation(found, registration.kind, resolutionNm / 1000) };
}

/** What was found is kept also where it is bad; then the job fails. */
function finish(job: JobRun, evaluatedOne: Registration, evaluation: Evaluation): JobEnding<EvaluateOutput> {
  const { id, name } = evaluatedOne;
  const { verdict, reasons } = evaluation;
  const label = `Evaluate ${name}`;
  const row = () => {
    const now = registrationById(job.library.read, id);
    if (JSON.stringify(now.movingFromFixed) !== JSON.stringify(evaluatedOne.movingFromFixed)) throw moved(name, id);
    return registrationRow({ ...now, numbers: { ...now.numbers, evaluation } });
  };
  if (verdict === 'fail') {
    job.library.edit(label, (tx) => tx.put('registration', row()));
    throw new LamellaError('not-good-enough', `${name}: does not hold: ${reasons.join('; ')}.`, {
      hint: 'Look at it with register apply. Register again from --landmarks, with masks over what only one volume shows, or smoother.',
      fields: { registration: id },
    });
  }
  for (const reason of reasons) job.warn({ subject: name, message: `${reason}.` });
  return {
    label,
    commit: (tx) => {
      tx.put('registration', row());
      return { registration: id, evaluation };
    },
  };
}

const moved = (name: string, id: string): LamellaError =>
  new LamellaError('conflict', `${name} was moved while it was evaluated.`, {
    hint: 'Evaluate it again.',
    fields: { registration: id },
  });
