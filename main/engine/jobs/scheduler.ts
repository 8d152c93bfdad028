import type { z } from 'zod';
import { LamellaError, toWireError } from '../../../preload/contract/errors.ts';
import { isJobOver } from '../../../preload/contract/job.ts';
import type { Job } from '../../../preload/contract/job.ts';
import type { LibraryStore } from '../store/library-store.ts';
import type { JobEnding, JobKind, Kernels } from './job.ts';
import { insertJob, newJob, readJobs, updateJob } from './job-rows.ts';
import { Ledger } from './ledger.ts';
import { Meter, throttled } from './progress.ts';
import { Paused, Runner } from './runner.ts';

/** A kind of job with what its result must look like. Input and output are erased: the contract has checked them. */
export interface KnownKind {
  readonly kind: JobKind<unknown, unknown>;
  readonly output: z.ZodType;
}

export interface SchedulerOptions {
  readonly library: LibraryStore;
  readonly kernels: Kernels;
  readonly kinds: ReadonlyMap<string, KnownKind>;
  readonly version: string;
  readonly now: () => Date;
  readonly log: (line: string) => void;
}

/** What the scheduler holds of a job, over and above its row. */
interface Entry {
  job: Job;
  readonly input: unknown;
  /** Found running when the library was opened: the process that ran it died or was closed. */
  interrupted: boolean;
  run: Run | null;
}

interface Run {
  readonly cancel: AbortController;
  readonly pause: AbortController;
  /** Settles when the run has let go of everything, whatever became of it. */
  over: Promise<void>;
}

const SAVE_EVERY_MS = 1000;
/** Units in flight may finish after a pause; what takes longer is dropped and done again later. */
const PAUSE_GRACE_MS = 5000;
const CLOSE_GRACE_MS = 5000;

/**
 * The jobs of one library. One runs at a time, the others wait in line; each change is told to the listeners, at most
 * ten times a second, the last always. A job that is running when the process dies is found interrupted at the next
 * opening, and goes on when it is resumed or started again with the same input.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #ledger: Ledger;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<(job: Job) => void>();
  readonly #queue: Entry[] = [];
  #busy: Entry | null = null;
  #closed = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#ledger = new Ledger(options.library, options.now);
    for (const { job, input } of readJobs(options.library)) {
      const interrupted = !isJobOver(job.state) && job.state !== 'paused';
      this.#entries.set(job.id, { job: interrupted ? { ...job, state: 'paused' } : job, input, interrupted, run: null });
    }
  }

  /** Newest first. */
  list(): readonly Job[] {
    return [...this.#entries.values()].map(({ job }) => job).sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  }

  /** Calls `listener` for every change until the returned function is called. */
  watch(listener: (job: Job) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Begins a job, or goes on with an interrupted one of the same kind and input. */
  start(kind: string, input: unknown): Job {
    this.#refuseIfReadOnly();
    const text = JSON.stringify(input);
    const same = [...this.#entries.values()].find((e) => e.interrupted && e.job.kind === kind && JSON.stringify(e.input) === text);
    if (same) return this.#enqueue(same);
    const job = newJob(kind, this.#kind(kind).kind.label(input), this.#now());
    insertJob(this.#options.library, job, input, this.#options.version);
    const entry: Entry = { job, input: JSON.parse(text) as unknown, interrupted: false, run: null };
    this.#entries.set(job.id, entry);
    return this.#enqueue(entry);
  }

  /** Resumes what was running when the library was last closed or its process died. */
  resumeInterrupted(): void {
    if (this.#options.library.readOnly) return;
    for (const entry of [...this.#entries.values()].reverse()) if (entry.interrupted) this.#enqueue(entry);
  }

  interrupted(): readonly Job[] {
    return [...this.#entries.values()].filter((entry) => entry.interrupted).map(({ job }) => job);
  }

  resume(id: string): Job {
    this.#refuseIfReadOnly();
    const entry = this.#entry(id);
    const { state } = entry.job;
    if (state === 'running' || state === 'queued') return entry.job;
    if (state === 'done' || state === 'done-with-warnings') throw conflict(entry.job, 'is finished', 'Start it again if you want it done again.');
    return this.#enqueue(entry);
  }

  pause(id: string): Job {
    const entry = this.#entry(id);
    if (isJobOver(entry.job.state)) throw conflict(entry.job, 'is over', 'There is nothing left to pause.');
    entry.interrupted = false;
    this.#leaveQueue(entry);
    this.#change(entry, { state: 'paused', ratePerSec: 0, etaSecs: null });
    const { run } = entry;
    if (run) {
      run.pause.abort();
      setTimeout(() => run.cancel.abort(new Paused('paused')), PAUSE_GRACE_MS).unref();
    }
    return entry.job;
  }

  cancel(id: string): Job {
    const entry = this.#entry(id);
    if (isJobOver(entry.job.state)) return entry.job;
    entry.interrupted = false;
    this.#leaveQueue(entry);
    const error = new LamellaError('cancelled', `${entry.job.label} was cancelled.`, { hint: 'Resume it to go on: what was finished is kept.', fields: { job: id } });
    this.#change(entry, { state: 'cancelled', ratePerSec: 0, etaSecs: null, error: toWireError(error) });
    entry.run?.cancel.abort(error);
    return entry.job;
  }

  /** Settles once the job is over or paused. */
  settled(id: string): Promise<Job> {
    const isSettled = (job: Job): boolean => isJobOver(job.state) || job.state === 'paused';
    const { job } = this.#entry(id);
    if (isSettled(job)) return Promise.resolve(job);
    return new Promise((resolve) => {
      const stop = this.watch((changed) => {
        if (changed.id !== id || !isSettled(changed)) return;
        stop();
        resolve(changed);
      });
    });
  }

  /** Drops the units in flight. The running job's row goes on saying 'running', so the next opening finds it. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#queue.length = 0;
    const running = this.#busy?.run;
    running?.cancel.abort(new Paused('closed'));
    await Promise.race([running?.over, new Promise((resolve) => setTimeout(resolve, CLOSE_GRACE_MS).unref())]);
    this.#listeners.clear();
  }

  #enqueue(entry: Entry): Job {
    entry.interrupted = false;
    this.#change(entry, { state: 'queued', error: null });
    this.#queue.push(entry);
    setImmediate(() => void this.#next());
    return entry.job;
  }

  #leaveQueue(entry: Entry): void {
    const at = this.#queue.indexOf(entry);
    if (at >= 0) this.#queue.splice(at, 1);
  }

  async #next(): Promise<void> {
    if (this.#busy || this.#closed) return;
    const entry = this.#queue.shift();
    if (!entry) return;
    this.#busy = entry;
    const run: Run = { cancel: new AbortController(), pause: new AbortController(), over: Promise.resolve() };
    entry.run = run;
    run.over = this.#work(entry, run).catch((error: unknown) => this.#options.log(`A job could not be put down: ${String(error)}`));
    await run.over;
    entry.run = null;
    this.#busy = null;
    await this.#next();
  }

  async #work(entry: Entry, run: Run): Promise<void> {
    const startedAt = performance.now();
    const elapsedBefore = entry.job.elapsedSecs;
    const secs = (): number => (performance.now() - startedAt) / 1000;
    const meter = new Meter(secs);
    const report = throttled(() => {
      if (entry.run !== run || entry.job.state !== 'running') return;
      this.#tell(entry, { ...meter.progress(), elapsedSecs: elapsedBefore + secs(), warnings: [...runner.warnings] });
    });
    const runner = new Runner({
      id: entry.job.id, signal: run.cancel.signal, pausing: run.pause.signal, library: this.#options.library,
      kernels: this.#options.kernels, ledger: this.#ledger, meter, onProgress: report.soon,
    });
    this.#change(entry, { state: 'running', stage: '', done: 0, total: 0 });
    const saving = setInterval(() => this.#save(entry), SAVE_EVERY_MS);
    try {
      const ending = await this.#kind(entry.job.kind).kind.run(runner, entry.input);
      run.cancel.signal.throwIfAborted();
      report.now();
      this.#finish(entry, runner, ending);
    } catch (error) {
      report.now();
      this.#fail(entry, run, runner, error);
    } finally {
      clearInterval(saving);
      report.stop();
    }
  }

  /** The job's rows and its own last state are one transaction: either both are there after a kill or neither. */
  #finish(entry: Entry, runner: Runner, ending: JobEnding<unknown>): void {
    const { library } = this.#options;
    const state = runner.warnings.length > 0 ? 'done-with-warnings' : 'done';
    const last = library.edit(ending.label, (tx) => {
      const result = this.#kind(entry.job.kind).output.parse(ending.commit(tx));
      const warnings = [...runner.warnings];
      const job: Job = { ...entry.job, state, result, warnings, ratePerSec: 0, etaSecs: 0, done: entry.job.total, updatedAt: this.#now() };
      updateJob(tx, job, runner.kernelsUsed);
      return job;
    });
    // It may have been paused, and even resumed, while its last units were in flight.
    this.#leaveQueue(entry);
    this.#tell(entry, last);
  }

  #fail(entry: Entry, run: Run, runner: Runner, error: unknown): void {
    if (entry.run !== run || this.#closed) return;
    if (entry.job.state === 'paused' || entry.job.state === 'cancelled') return this.#change(entry, { warnings: [...runner.warnings] });
    // Paused and resumed again before the first run had let go: the second run waits in line.
    if (entry.job.state === 'queued') return;
    this.#options.log(`${entry.job.kind} failed: ${describe(error)}`);
    this.#change(entry, { state: 'failed', error: toWireError(error), ratePerSec: 0, etaSecs: null, warnings: [...runner.warnings] });
  }

  #change(entry: Entry, change: Partial<Job>): void {
    this.#tell(entry, change);
    this.#save(entry);
  }

  #tell(entry: Entry, change: Partial<Job>): void {
    entry.job = { ...entry.job, ...change, updatedAt: this.#now() };
    for (const listener of this.#listeners) listener(entry.job);
  }

  /** A full disk must not take the job's state with it: the state lives on in memory. */
  #save(entry: Entry): void {
    try {
      this.#options.library.record((tx) => updateJob(tx, entry.job, undefined));
    } catch (error) {
      this.#options.log(`The state of ${entry.job.id} could not be saved: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw new LamellaError('not-found', `There is no job ${id} in this library.`, { hint: 'job list shows those there are.', fields: { job: id } });
    return entry;
  }

  #kind(kind: string): KnownKind {
    const known = this.#options.kinds.get(kind);
    if (!known) throw new LamellaError('not-found', `This Lamella does not know jobs of the kind ${kind}.`, { hint: 'Open the library with the Lamella that started the job.', fields: { kind } });
    return known;
  }

  #refuseIfReadOnly(): void {
    if (this.#options.library.readOnly) this.#options.library.record(() => undefined);
  }

  #now(): string {
    return this.#options.now().toISOString();
  }
}

/** Our own errors tell what happened; a stack helps only with the others. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof LamellaError ? error.message : (error.stack ?? error.message);
}

function conflict(job: Job, why: string, hint: string): LamellaError {
  return new LamellaError('conflict', `${job.label} (${job.id}) ${why}.`, { hint, fields: { job: job.id, state: job.state } });
}
