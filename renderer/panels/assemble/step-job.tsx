import type { ReactNode } from 'react';
import type { Job } from '../../../preload/contract/job.ts';
import { controlJob, setJobsPanel } from '../../state/jobs.ts';
import { Button } from '../../ui/button.tsx';
import { JobNumbers } from '../job-numbers.tsx';

/** The job of a step, in the step: how far it is, how long it takes, and what can be done with it. */
export function StepJob({ job }: { readonly job: Job }): ReactNode {
  const paused = job.state === 'paused';
  return (
    <section className="step-job" aria-label={`${job.label}, under way`}>
      <p>
        <strong>{job.label}</strong>
      </p>
      <JobNumbers job={job} />
      <div className="row">
        <Button size="small" onClick={() => void controlJob(paused ? 'resume' : 'pause', job.id)}>
          {paused ? 'Resume' : 'Pause'}
        </Button>
        <Button size="small" onClick={() => void controlJob('cancel', job.id)}>
          Cancel
        </Button>
        <Button size="small" tone="quiet" onClick={() => setJobsPanel(true)}>
          All jobs
        </Button>
      </div>
    </section>
  );
}
