import type { ReactNode } from 'react';
import type { Job } from '../../preload/contract/job.ts';
import { controlJob, setJobsPanel } from '../state/jobs.ts';
import { Button } from '../ui/button.tsx';

interface JobButtonsProps {
  readonly job: Job;
  readonly size: 'normal' | 'small';
  /** What the way to all jobs is called. */
  readonly all: string;
}

/** What can be done with a job where it is waited for. */
export function JobButtons({ job, size, all }: JobButtonsProps): ReactNode {
  const paused = job.state === 'paused';
  return (
    <div className="row">
      <Button size={size} onClick={() => void controlJob(paused ? 'resume' : 'pause', job.id)}>
        {paused ? 'Resume' : 'Pause'}
      </Button>
      <Button size={size} onClick={() => void controlJob('cancel', job.id)}>
        Cancel
      </Button>
      <Button size={size} tone="quiet" onClick={() => setJobsPanel(true)}>
        {all}
      </Button>
    </div>
  );
}
