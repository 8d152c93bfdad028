import type { OutputOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Registration, registerProcedures } from '../../../../preload/contract/register.ts';
import type { JobEnding, JobRun } from '../../jobs/job.ts';
import { registrationRow } from '../../registrations/registration-rows.ts';

export interface Made {
  readonly result: Registration;
  /** What it began from, where the job made that, too. */
  readonly before?: Registration | undefined;
  /** What to do where it failed. */
  readonly hint: string;
}

/** A registration that failed its verdict is stored all the same, so that it can be looked at; then the job fails. */
export function ending(
  job: JobRun,
  { result, before, hint }: Made,
): JobEnding<OutputOf<typeof registerProcedures.affine>> {
  const { id: registration, name, verdict, reasons } = result;
  const label = `Register ${name}`;
  const rows = (before ? [before, result] : [result]).map(registrationRow);
  if (verdict === 'fail') {
    job.library.edit(label, (tx) => rows.forEach((row) => tx.put('registration', row)));
    throw new LamellaError('not-good-enough', `${name}: not registered well: ${reasons.join('; ')}.`, {
      hint,
      fields: { registration },
    });
  }
  for (const reason of reasons) job.warn({ subject: name, message: `${reason}.` });
  return {
    label,
    commit: (tx) => {
      for (const row of rows) tx.put('registration', row);
      return { registration, verdict, reasons };
    },
  };
}
