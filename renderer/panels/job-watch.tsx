import type { ReactNode } from 'react';
import type { Job } from '../../preload/contract/job.ts';
import { controlJob, setJobsPanel } from '../state/jobs.ts';
import { Button } from '../ui/button.tsx';
import { formatCount, formatDuration, formatNumber } from '../ui/format.ts';
import { Progress } from '../ui/progress.tsx';

/** A job in the middle of the room that waits for it. */
export function JobWatch({ job, about }: { readonly job: Job; readonly about: string }): ReactNode {
  const paused = job.state === 'paused';
  return (
    <main className="room-main job-watch" aria-label={job.label}>
      <div className="stack">
        <h1>{job.label}</h1>
        <p className="muted">{about}</p>
        <Progress
          label={job.label}
          fraction={job.total > 0 ? job.done / job.total : 0}
          state={paused ? 'paused' : 'running'}
        />
        <p className="job-numbers muted">
          <span>{paused ? 'Paused' : job.stage || 'Waiting'}</span>
          <span className="mono">
            {formatCount(job.done)} of {formatCount(job.total)} {job.unit}
          </span>
          {job.ratePerSec > 0 && (
            <span className="mono">
              {formatNumber(job.ratePerSec)} {job.unit}/s
            </span>
          )}
          <span className="mono">{job.etaSecs === null ? '' : `${formatDuration(job.etaSecs)} left`}</span>
        </p>
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
