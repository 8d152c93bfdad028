import { CirclePause, CirclePlay, CircleX, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import type { Job, JobState } from '../../../preload/contract/job.ts';
import { controlJob, isActive, lastFailed, newestFirst, setJobsPanel, useJobs } from '../../state/jobs.ts';
import { selectTile, tileNamed, useBoard } from '../../state/board.ts';
import { nextStepOf } from '../../state/next-steps.ts';
import { goTo } from '../../state/session.ts';
import { JobNumbers } from '../job-numbers.tsx';
import { Badge } from '../../ui/badge.tsx';
import type { Tone } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { formatAgo, formatDuration, formatTime, plural } from '../../ui/format.ts';

/** What is being worked on and what was: slides up from the status bar. */
export function JobsPanel(): ReactNode {
  const open = useJobs((s) => s.panelOpen);
  const jobs = useJobs((s) => s.jobs);
  if (!open) return null;
  const all = newestFirst(jobs);
  const failed = all.some(isActive) ? null : lastFailed(jobs)?.id;
  return (
    <section className="jobs-panel" aria-label="Jobs">
      <header>
        <h2>Jobs</h2>
        <span className="faint">They go on while you work, and after a restart.</span>
        <IconButton icon={X} label="Close jobs" onClick={() => setJobsPanel(false)} />
      </header>
      {all.length === 0 ? (
        <p className="muted pad">
          No job yet. Importing, stitching, fusing and publishing show here, with the time left.
        </p>
      ) : (
        <ul>
          {all.map((job) => (
            <JobRow key={job.id} job={job} lookedFor={job.id === failed} />
          ))}
        </ul>
      )}
    </section>
  );
}

const states: Readonly<Record<JobState, readonly [string, Tone]>> = {
  queued: ['Waiting', 'plain'],
  running: ['Running', 'plain'],
  paused: ['Paused', 'warn'],
  done: ['Done', 'good'],
  'done-with-warnings': ['Done, with warnings', 'warn'],
  failed: ['Failed', 'bad'],
  cancelled: ['Cancelled', 'plain'],
};

interface JobRowProps {
  readonly job: Job;
  /** Scrolled to when the panel opens: the status bar tells of it. */
  readonly lookedFor: boolean;
}

function JobRow({ job, lookedFor }: JobRowProps): ReactNode {
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (lookedFor) row.current?.scrollIntoView({ block: 'nearest' });
  }, [lookedFor]);
  const [word, tone] = states[job.state];
  const next = nextStepOf(job);
  return (
    <li ref={row} className="job" aria-label={job.label}>
      <div className="job-head">
        <strong className="truncate">{job.label}</strong>
        <Badge tone={tone}>{word}</Badge>
        <span className="faint" title={formatTime(job.createdAt)}>
          {isActive(job) ? '' : `${formatAgo(job.updatedAt)}, took ${formatDuration(job.elapsedSecs)}`}
        </span>
        <span className="job-controls">
          <Controls job={job} />
          {next && !isActive(job) && (
            <Button size="small" onClick={next.run}>
              {next.label}
            </Button>
          )}
        </span>
      </div>
      {isActive(job) && <JobNumbers job={job} />}
      {job.error && (
        <p className="job-error selectable">
          {job.error.message} <span className="muted">{job.error.hint}</span>
        </p>
      )}
      {job.warnings.length > 0 && <Warnings job={job} />}
    </li>
  );
}

function Controls({ job }: { readonly job: Job }): ReactNode {
  if (!isActive(job)) return null;
  return (
    <>
      {job.state === 'paused' ? (
        <IconButton icon={CirclePlay} label={`Resume ${job.label}`} onClick={() => void controlJob('resume', job.id)} />
      ) : (
        <IconButton icon={CirclePause} label={`Pause ${job.label}`} onClick={() => void controlJob('pause', job.id)} />
      )}
      <IconButton icon={CircleX} label={`Cancel ${job.label}`} onClick={() => void controlJob('cancel', job.id)} />
    </>
  );
}

function Warnings({ job }: { readonly job: Job }): ReactNode {
  return (
    <details className="job-warnings">
      <summary>{plural(job.warnings.length, 'warning')}</summary>
      <ul>
        {job.warnings.map((warning) => (
          <li key={`${warning.subject} ${warning.message}`} className="selectable">
            {!warning.message.startsWith(warning.subject) && <span className="mono">{warning.subject}: </span>}
            {warning.message} {warning.hint && <span className="muted">{warning.hint}</span>}{' '}
            <ShowTile name={warning.subject} />
          </li>
        ))}
      </ul>
    </details>
  );
}

/** The way from a warning to the tile that it names. */
function ShowTile({ name }: { readonly name: string }): ReactNode {
  const id = useBoard(() => tileNamed(name)?.id);
  if (id === undefined) return null;
  const show = (): void => {
    goTo('acquire');
    selectTile(id);
  };
  return (
    <Button tone="link" size="small" aria-label={`Show ${name}`} onClick={show}>
      Show
    </Button>
  );
}
