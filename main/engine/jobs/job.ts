import { createHash } from 'node:crypto';
import type { TaskInput, TaskName, TaskOutput } from '../../../native-workers/tasks.ts';
import type { Job } from '../../../preload/contract/job.ts';
import type { Warning } from '../../../preload/contract/reference.ts';
import type { LibraryStore, WriteHandle } from '../store/library-store.ts';

/** Interactive work goes before previews, previews before batch. */
export type Lane = 'interactive' | 'preview' | 'batch';

export interface KernelResult<T extends TaskName> {
  readonly header: TaskOutput<T>;
  readonly outputs: readonly Uint8Array[];
}

/** The pool of workers, as jobs and journeys see it. */
export interface Kernels {
  run<T extends TaskName>(
    task: T,
    header: TaskInput<T>,
    options?: { readonly inputs?: readonly Uint8Array[]; readonly signal?: AbortSignal; readonly lane?: Lane },
  ): Promise<KernelResult<T>>;
  readonly threads: number;
}

/**
 * One piece of work that is done or not done. `key` = hash(kernel + version, parameters, input hashes): see `unitKey`.
 * `run` must leave nothing behind but what it returns and files that it wrote to a temporary name, fsynced and renamed.
 * R is plain JSON and is what the ledger keeps.
 */
export interface Unit<R> {
  readonly key: string;
  /** What a warning would name: the tile, the brick, the part. */
  readonly subject: string;
  run(signal: AbortSignal): Promise<R>;
  /** Says whether what an earlier run left behind (a file) is still there; asked before a ledger row is believed. */
  stillThere?(result: R): boolean;
}

export interface Stage<R> {
  /** "Matching overlaps" */
  readonly name: string;
  /** What is counted: tiles, pairs, bricks, parts. */
  readonly unit: string;
  readonly units: readonly Unit<R>[];
  /** Units in flight at once; one more than there are threads where left out. */
  readonly inFlight?: number;
  /** Share of the whole job's work, for the ETA; stages share alike where left out. */
  readonly weight?: number;
  /**
   * What to do when one unit fails: return a replacement and the job goes on with a warning, or rethrow to fail the
   * job. Never called for 'cancelled' or 'disk-full'.
   */
  onFailure?(error: unknown, unit: Unit<R>): R;
}

/** What a running job holds. */
export interface JobRun {
  readonly id: string;
  readonly signal: AbortSignal;
  readonly library: LibraryStore;
  readonly kernels: Kernels;
  /** Runs the units that the ledger lacks, in the given order, and gives the results of all, in the given order. */
  stage<R>(stage: Stage<R>): Promise<readonly R[]>;
  warn(warning: Warning): void;
  /** Throws where the job is to stop or pause. Stages ask by themselves; what waits between them asks now and then. */
  checkIn(): void;
  /** Warnings so far, those of earlier runs of this job that still hold included. */
  readonly warnings: readonly Warning[];
}

/** What a finished job leaves in the library, in one transaction with the job's own last row. */
export interface JobEnding<O> {
  /** For the history: "Import 96 tiles". */
  readonly label: string;
  commit(tx: WriteHandle): O;
}

/**
 * A kind of job. `run` plans and works; running it again for the same input skips what the ledger has, so the first
 * run and the resumed run are the same code.
 */
export interface JobKind<I, O> {
  readonly kind: Job['kind'];
  /** Waits for the world more than it works (a folder that is watched): it runs at once, beside the line of the others. */
  readonly runsBeside?: boolean;
  label(input: I): string;
  run(job: JobRun, input: I): Promise<JobEnding<O>>;
}

/** The key of a unit: SHA-256 of canonical JSON of its parts, in the given order. */
export function unitKey(kernel: string, version: number, ...parts: readonly unknown[]): string {
  return createHash('sha256')
    .update(JSON.stringify([kernel, version, ...parts]))
    .digest('hex')
    .slice(0, 40);
}
