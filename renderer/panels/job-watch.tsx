import type { ReactNode } from 'react';
import type { Job } from '../../preload/contract/job.ts';
import { controlJob, setJobsPanel } from '../state/jobs.ts';
import { Button } from '../ui/button.tsx';
import { JobNumbers } from './job-numbers.tsx';

/** A job in the middle of the room that waits for it. */
export function JobWatch({ job, about }: { readonly job: Job; readonly about: string }): ReactNode {
  const paused = job.state === 'paused';
  return (
    <main className="room-main job-watch" aria-label={job.label}>
      <div className="stack">
        <h1>{job.label}</h1>
        <p className="muted">{about}</p>
        <JobNumbers job={job} />
        <div className="row">
          <Button onClick={() => void controlJob(paused ? 'resume' : 'pause', job.id)}>
            {paused ? 'Resume' : 'Pause'}
          </Button>
          <Button onClick={() => void controlJob('cancel', job.id)}>Cancel</Button>
          <Button tone="quiet" onClick={() => setJobsPanel(true)}>
            Show all jobs
          </Button>
        </div>
      </div>
    </main>
  );
}
