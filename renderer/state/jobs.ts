import { create } from 'zustand';
import type { Job } from '../../preload/contract/job.ts';
import { isJobOver } from '../../preload/contract/job.ts';
import { engine } from '../engine.ts';
import { changed, openLibraryId, useLibrary } from './library.ts';
import { attempt, toastError } from './toasts.ts';

interface JobsState {
  readonly jobs: Readonly<Record<string, Job>>;
  readonly panelOpen: boolean;
}

export const useJobs = create<JobsState>(() => ({ jobs: {}, panelOpen: false }));

export const setJobsPanel = (panelOpen: boolean): void => useJobs.setState({ panelOpen });

export const newestFirst = (jobs: JobsState['jobs']): readonly Job[] =>
  Object.values(jobs).toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
export const isActive = (job: Job): boolean => !isJobOver(job.state);

/** The job that ended last, where it failed. */
export function lastFailed(jobs: JobsState['jobs']): Job | null {
  const over = Object.values(jobs).filter((job) => !isActive(job));
  const [last] = over.toSorted((a, b) => b.updatedAt.localeCompare(a.updatedAt));
  return last?.state === 'failed' ? last : null;
}

/** Jobs that this window started or saw running: only their endings are announced. */
const seenRunning = new Set<string>();
const endings = new Map<string, (job: Job) => void>();
let announce: (job: Job) => void = () => undefined;

/** Says what to do when a job that was running is over: the toast with the next step. */
export function onJobOver(listener: (job: Job) => void): void {
  announce = listener;
}

/** Starts a job; `then` runs when it has ended well, instead of the usual toast. */
export async function startJob(
  start: () => Promise<{ readonly job: string }>,
  then?: (job: Job) => void,
): Promise<string | null> {
  const started = await attempt(start);
  if (!started) return null;
  seenRunning.add(started.job);
  if (then) endings.set(started.job, then);
  // A quick job may be over before the answer to its start was read.
  const known = useJobs.getState().jobs[started.job];
  if (known) noticeEnd(known);
  return started.job;
}

let watching: AbortController | null = null;

/** Follows the jobs of the open library until another one is opened. */
export function watchJobs(): void {
  watching?.abort();
  const watch = new AbortController();
  watching = watch;
  const library = useLibrary.getState().library?.library;
  useJobs.setState({ jobs: {} });
  if (library === undefined) return;
  const onValue = (job: Job): void => {
    if (!watch.signal.aborted) receive(job);
  };
  engine()
    .job.watch({ library }, { signal: watch.signal, onValue })
    .catch((error: unknown) => watch.signal.aborted || toastError(error));
}

function receive(job: Job): void {
  useJobs.setState(({ jobs }) => ({ jobs: { ...jobs, [job.id]: job } }));
  if (isActive(job)) seenRunning.add(job.id);
  else noticeEnd(job);
}

function noticeEnd(job: Job): void {
  if (isActive(job) || !seenRunning.delete(job.id)) return;
  const then = endings.get(job.id);
  endings.delete(job.id);
  void changed().then(() => {
    const good = job.state === 'done' || job.state === 'done-with-warnings';
    if (then && good) then(job);
    else announce(job);
  });
}

type Control = 'pause' | 'resume' | 'cancel';

export async function controlJob(control: Control, job: string): Promise<void> {
  const library = openLibraryId();
  const after = await attempt(() => engine().job[control]({ library, job }));
  if (after) receive(after);
}

/** The job of a kind that is on its way, if any: starting a second one would only be in its way. */
export const activeJob = (jobs: JobsState['jobs'], kind: string): Job | undefined =>
  Object.values(jobs).find((job) => job.kind === kind && isActive(job));

/** The output of a job that ended well, as its procedure declares it. */
export function resultOf<T>(
  job: Job,
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
): T | null {
  const parsed = schema.safeParse(job.result);
  return parsed.success ? parsed.data : null;
}
