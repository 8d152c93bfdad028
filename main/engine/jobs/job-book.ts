import { LamellaError } from '../../../preload/contract/errors.ts';
import { isJobOver } from '../../../preload/contract/job.ts';
import type { Job } from '../../../preload/contract/job.ts';
import type { LibraryStore } from '../store/library-store.ts';
import { insertJob, readJobs, storedInput, updateJob } from './job-rows.ts';

/** What the scheduler holds of a job, over and above its row. */
export interface Entry {
  job: Job;
  /** With the signatures of addresses only while this process lives: the database has none. */
  input: unknown;
  /** Found running when the library was opened: the process that ran it died or was closed. */
  interrupted: boolean;
  run: Run | null;
}

/** A job at work. */
export interface Run {
  readonly cancel: AbortController;
  readonly pause: AbortController;
  /** Settles when the run has let go of everything, whatever became of it. */
  over: Promise<void>;
}

export interface BookOptions {
  readonly library: LibraryStore;
  readonly version: string;
  readonly now: () => Date;
  readonly log: (line: string) => void;
}

/** The jobs of a library as they stand: in memory, in the database, and told to whoever listens. */
export class JobBook {
  readonly #options: BookOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<(job: Job) => void>();

  constructor(options: BookOptions) {
    this.#options = options;
    for (const { job, input } of readJobs(options.library)) {
      const interrupted = !isJobOver(job.state) && job.state !== 'paused';
      this.#entries.set(job.id, {
        job: interrupted ? { ...job, state: 'paused' } : job,
        input,
        interrupted,
        run: null,
      });
    }
  }

  /** Newest first. */
  list(): readonly Job[] {
    return [...this.#entries.values()].map(({ job }) => job).sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  }

  /** Newest first. */
  interrupted(): readonly Entry[] {
    return [...this.#entries.values()].filter((entry) => entry.interrupted);
  }

  /** The newest job of a kind and input, where it did not come to its end and can go on. */
  unfinished(kind: string, input: unknown): Entry | undefined {
    const text = storedInput(input);
    const same = [...this.#entries.values()].filter((e) => e.job.kind === kind && storedInput(e.input) === text);
    const newest = same.reduce<Entry | undefined>(
      (a, b) => (a && a.job.createdAt > b.job.createdAt ? a : b),
      undefined,
    );
    return newest && canGoOn(newest) ? newest : undefined;
  }

  /** Throws 'not-found'. */
  find(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry) return entry;
    throw new LamellaError('not-found', `There is no job ${id} in this library.`, {
      hint: 'job list shows those there are.',
      fields: { job: id },
    });
  }

  add(job: Job, input: unknown): Entry {
    const { library, version } = this.#options;
    insertJob(library, job, input, version);
    const entry: Entry = { job, input: JSON.parse(JSON.stringify(input)) as unknown, interrupted: false, run: null };
    this.#entries.set(job.id, entry);
    return entry;
  }

  /** Calls `listener` for every change until the returned function is called. */
  watch(listener: (job: Job) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Settles once the job is over or paused. */
  settled(id: string): Promise<Job> {
    const isSettled = (job: Job): boolean => isJobOver(job.state) || job.state === 'paused';
    const { job } = this.find(id);
    if (isSettled(job)) return Promise.resolve(job);
    return new Promise((resolve) => {
      const stop = this.watch((changed) => {
        if (changed.id !== id || !isSettled(changed)) return;
        stop();
        resolve(changed);
      });
    });
  }

  /** A change that must survive a restart. */
  change(entry: Entry, change: Partial<Job>): void {
    this.tell(entry, change);
    this.save(entry);
  }

  /** A change that only the listeners need to know of. */
  tell(entry: Entry, change: Partial<Job>): void {
    entry.job = { ...entry.job, ...change, updatedAt: this.now() };
    for (const listener of this.#listeners) listener(entry.job);
  }

  /** A full disk must not take the job's state with it: the state lives on in memory. */
  save({ job }: Entry): void {
    try {
      this.#options.library.record((tx) => updateJob(tx, job));
    } catch (error) {
      this.#options.log(
        `The state of ${job.id} could not be saved: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  close(): void {
    this.#listeners.clear();
  }

  now(): string {
    return this.#options.now().toISOString();
  }
}

/** A result that was stored and found wanting is an end: doing it again, after a change, is another job. */
function canGoOn({ job, run }: Entry): boolean {
  if (run) return false;
  return (
    job.state === 'paused' ||
    job.state === 'cancelled' ||
    (job.state === 'failed' && job.error?.tag !== 'not-good-enough')
  );
}
