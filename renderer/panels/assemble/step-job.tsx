import type { ReactNode } from 'react';
import type { Job } from '../../../preload/contract/job.ts';
import { JobButtons } from '../job-buttons.tsx';
import { JobNumbers } from '../job-numbers.tsx';

/** The job of a step, in the step: how far it is, how long it takes, and what can be done with it. */
export function StepJob({ job }: { readonly job: Job }): ReactNode {
  return (
    <section className="step-job" aria-label={`${job.label}, under way`}>
      <p>
        <strong>{job.label}</strong>
      </p>
      <JobNumbers job={job} />
      <JobButtons job={job} size="small" all="All jobs" />
    </section>
  );
}
