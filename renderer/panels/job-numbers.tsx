import type { ReactNode } from 'react';
import type { Job } from '../../preload/contract/job.ts';
import { formatCount, formatDuration, formatNumber } from '../ui/format.ts';
import { Progress } from '../ui/progress.tsx';

/** How far a job is, how fast, and how long it still takes. */
export function JobNumbers({ job }: { readonly job: Job }): ReactNode {
  const paused = job.state === 'paused';
  return (
    <>
      <Progress
        label={`${job.label}: ${job.stage}`}
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
    </>
  );
}
