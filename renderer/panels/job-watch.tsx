import type { ReactNode } from 'react';
import type { Job } from '../../preload/contract/job.ts';
import { JobButtons } from './job-buttons.tsx';
import { JobNumbers } from './job-numbers.tsx';

/** A job in the middle of the room that waits for it. */
export function JobWatch({ job, about }: { readonly job: Job; readonly about: string }): ReactNode {
  return (
    <main className="room-main job-watch" aria-label={job.label}>
      <div className="stack">
        <h1>{job.label}</h1>
        <p className="muted">{about}</p>
        <JobNumbers job={job} />
        <JobButtons job={job} size="normal" all="Show all jobs" />
      </div>
    </main>
  );
}
