import type { z } from 'zod';
import { LamellaError, toWireError } from '../../../preload/contract/errors.ts';
import { isJobOver } from '../../../preload/contract/job.ts';
import type { Job } from '../../../preload/contract/job.ts';
import { JobBook } from './job-book.ts';
import type { BookOptions, Entry, Run } from './job-book.ts';
import type { JobEnding, JobKind, Kernels } from './job.ts';
import { newJob, updateJob } from './job-rows.ts';
import { Ledger } from './ledger.ts';
import { Meter, throttled } from './progress.ts';
import { Paused, Runner } from './runner.ts';

/** A kind of job with what its result must look like. Input and output are erased: the contract has checked them. */
export interface KnownKind {
  readonly kind: JobKind<unknown, unknown>;
  readonly output: z.ZodType;
}

export interface SchedulerOptions extends BookOptions {
  readonly kernels: Kernels;
  readonly kinds: ReadonlyMap<string, KnownKind>;
}

const SAVE_EVERY_MS = 1000;
/** Units in flight may finish after a pause; what takes longer is dropped and done again later. */
const PAUSE_GRACE_MS = 5000;
const CLOSE_GRACE_MS = 5000;

/** No longer at work, so there is nothing to foresee. */
const atRest = { ratePerSec: 0, etaSecs: null } as const;

/**
 * The jobs of one library. One runs at a time, the others wait in line, but for kinds that run beside it; each change is told to the listeners, at most
 * ten times a second, the last always. A job that is running when the process dies is found interrupted at the next
 * opening, and goes on when it is resumed or started again with the same input.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #book: JobBook;
  readonly #ledger: Ledger;
  readonly #queue: Entry[] = [];
  readonly #atWork = new Set<Entry>();
  #closed = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#book = new JobBook(options);
    this.#ledger = new Ledger(options.library, options.now);
  }

  /** Newest first. */
  list(): readonly Job[] {
    return this.#book.list();
  }

  /** Calls `listener` for every change until the returned function is called. */
  watch(listener: (job: Job) => void): () => void {
    return this.#book.watch(listener);
  }

  /** Settles once the job is over or paused. */
  settled(id: string): Promise<Job> {
    return this.#book.settled(id);
  }

  /** Begins a job, or goes on with the newest one of the same kind and input where that did not come to its end. */
  start(kind: string, input: unknown): Job {
    this.#refuseIfReadOnly();
    const job = (): Job => newJob(kind, this.#kind(kind).kind.label(input), this.#book.now());
    const before = this.#book.unfinished(kind, input);
    // Signatures of addresses were not kept with it.
    if (before) before.input = input;
    return this.#enqueue(before ?? this.#book.add(job(), input));
  }

  /** Resumes what was running when the library was last closed or its process died. */
  resumeInterrupted(): void {
    if (this.#options.library.readOnly) return;
    for (const entry of [...this.#book.interrupted()].reverse()) this.#enqueue(entry);
  }

  resume(id: string): Job {
    this.#refuseIfReadOnly();
    const entry = this.#book.find(id);
    const { state } = entry.job;
    if (state === 'running' || state === 'queued') return entry.job;
    if (state === 'done' || state === 'done-with-warnings') {
      throw conflict(entry.job, 'is finished', 'Start it again if you want it done again.');
    }
    return this.#enqueue(entry);
  }

  pause(id: string): Job {
    const entry = this.#book.find(id);
    if (isJobOver(entry.job.state)) throw conflict(entry.job, 'is over', 'There is nothing left to pause.');
    this.#leaveQueue(entry);
    this.#book.change(entry, { state: 'paused', ...atRest });
    const { run } = entry;
    if (run) {
      run.pause.abort();
      setTimeout(() => run.cancel.abort(new Paused('paused')), PAUSE_GRACE_MS).unref();
    }
    return entry.job;
  }

  cancel(id: string): Job {
    const entry = this.#book.find(id);
    if (isJobOver(entry.job.state)) return entry.job;
    this.#leaveQueue(entry);
    const error = cancelled(entry.job);
    this.#book.change(entry, { state: 'cancelled', error: toWireError(error), ...atRest });
    entry.run?.cancel.abort(error);
    return entry.job;
  }

  /** Drops the units in flight. The running job's row goes on saying 'running', so the next opening finds it. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#queue.length = 0;
    const running = [...this.#atWork].flatMap(({ run }) => run ?? []);
    for (const { cancel } of running) cancel.abort(new Paused('closed'));
    await Promise.race([
      Promise.all(running.map(({ over }) => over)),
      new Promise((resolve) => setTimeout(resolve, CLOSE_GRACE_MS).unref()),
    ]);
    this.#book.close();
  }

  #enqueue(entry: Entry): Job {
    entry.interrupted = false;
    this.#book.change(entry, { state: 'queued', error: null });
    this.#queue.push(entry);
    setImmediate(() => this.#next());
    return entry.job;
  }

  #leaveQueue(entry: Entry): void {
    entry.interrupted = false;
    const at = this.#queue.indexOf(entry);
    if (at >= 0) this.#queue.splice(at, 1);
  }

  /** Begins what can begin: the head of the line once nothing of the line is at work, and all that runs beside it. */
  #next(): void {
    if (this.#closed) return;
    const isLineBusy = [...this.#atWork].some((entry) => !this.#runsBeside(entry));
    const canBegin = (entry: Entry): boolean => !this.#atWork.has(entry) && (!isLineBusy || this.#runsBeside(entry));
    const at = this.#queue.findIndex(canBegin);
    const [entry] = at < 0 ? [] : this.#queue.splice(at, 1);
    if (!entry) return;
    void this.#begin(entry);
    this.#next();
  }

  async #begin(entry: Entry): Promise<void> {
    this.#atWork.add(entry);
    const run: Run = { cancel: new AbortController(), pause: new AbortController(), over: Promise.resolve() };
    entry.run = run;
    run.over = this.#work(entry, run).catch((error: unknown) =>
      this.#options.log(`A job could not be put down: ${describe(error)}`),
    );
    await run.over;
    entry.run = null;
    this.#atWork.delete(entry);
    this.#next();
  }

  #runsBeside({ job }: Entry): boolean {
    return this.#options.kinds.get(job.kind)?.kind.runsBeside === true;
  }

  async #work(entry: Entry, run: Run): Promise<void> {
    const secs = stopwatch();
    const elapsedBefore = entry.job.elapsedSecs;
    const meter = new Meter(secs);
    const report = throttled(() => {
      if (entry.job.state !== 'running') return;
      const elapsedSecs = elapsedBefore + secs();
      // Who waits for the world can't tell when it ends.
      const open = this.#runsBeside(entry) ? { etaSecs: null } : {};
      this.#book.tell(entry, { ...meter.progress(), ...open, elapsedSecs, warnings: [...runner.warnings] });
    });
    const runner = this.#runner(entry, run, meter, report.soon);
    this.#book.change(entry, { state: 'running', stage: '', done: 0, total: 0 });
    const saving = setInterval(() => this.#book.save(entry), SAVE_EVERY_MS);
    try {
      const ending = await this.#kind(entry.job.kind).kind.run(runner, entry.input);
      run.cancel.signal.throwIfAborted();
      report.now();
      this.#finish(entry, runner, ending);
    } catch (error) {
      report.now();
      this.#fail(entry, runner, error);
    } finally {
      clearInterval(saving);
      report.stop();
    }
  }

  #runner({ job }: Entry, run: Run, meter: Meter, onProgress: () => void): Runner {
    const { library, kernels } = this.#options;
    const [signal, pausing] = [run.cancel.signal, run.pause.signal];
    return new Runner({ id: job.id, signal, pausing, library, kernels, ledger: this.#ledger, meter, onProgress });
  }

  /** The job's rows and its own last state are one transaction: either both are there after a kill or neither. */
  #finish(entry: Entry, runner: Runner, ending: JobEnding<unknown>): void {
    const warnings = [...runner.warnings];
    const state = warnings.length > 0 ? 'done-with-warnings' : 'done';
    const last = this.#options.library.edit(ending.label, (tx) => {
      const result = this.#kind(entry.job.kind).output.parse(ending.commit(tx));
      const done = entry.job.total;
      const job: Job = { ...entry.job, state, result, warnings, done, ratePerSec: 0, etaSecs: 0 };
      updateJob(tx, { ...job, updatedAt: this.#book.now() }, runner.kernelsUsed);
      return job;
    });
    // It may have been paused, and even resumed, while its last units were in flight.
    this.#leaveQueue(entry);
    this.#book.tell(entry, last);
  }

  #fail(entry: Entry, runner: Runner, error: unknown): void {
    const { state } = entry.job;
    // Queued: paused and resumed before this run had let go, so the next run waits in line already.
    if (this.#closed || state === 'queued') return;
    const warnings = [...runner.warnings];
    if (state === 'paused' || state === 'cancelled') return this.#book.change(entry, { warnings });
    this.#options.log(`${entry.job.kind} failed: ${describe(error)}`);
    this.#book.change(entry, { state: 'failed', error: toWireError(error), warnings, ...atRest });
  }

  #kind(kind: string): KnownKind {
    const known = this.#options.kinds.get(kind);
    if (known) return known;
    throw new LamellaError('not-found', `This Lamella does not know jobs of the kind ${kind}.`, {
      hint: 'Open the library with the Lamella that started the job.',
      fields: { kind },
    });
  }

  #refuseIfReadOnly(): void {
    if (this.#options.library.readOnly) this.#options.library.record(() => undefined);
  }
}

function stopwatch(): () => number {
  const startedAt = performance.now();
  return () => (performance.now() - startedAt) / 1000;
}

/** Our own errors tell what happened; a stack helps only with the others. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof LamellaError ? error.message : (error.stack ?? error.message);
}

function conflict(job: Job, why: string, hint: string): LamellaError {
  return new LamellaError('conflict', `${job.label} (${job.id}) ${why}.`, {
    hint,
    fields: { job: job.id, state: job.state },
  });
}

const cancelled = ({ id, label }: Job): LamellaError =>
  new LamellaError('cancelled', `${label} was cancelled.`, {
    hint: 'Resume it to go on: what was finished is kept.',
    fields: { job: id },
  });
