import { randomBytes } from 'node:crypto';
import type { Job, JobState } from '../../../preload/contract/job.ts';
import type { WireError } from '../../../preload/contract/errors.ts';
import type { Warning } from '../../../preload/contract/reference.ts';
import { redacted } from '../sources/redact.ts';
import type { LibraryStore, WriteHandle } from '../store/library-store.ts';

interface JobRow {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly input: string;
  readonly state: JobState;
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  readonly elapsed_secs: number;
  readonly warnings: string;
  readonly result: string | null;
  readonly error: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** A job with the input that it was started with. */
export interface StoredJob {
  readonly job: Job;
  /** Plain JSON, path references already resolved. */
  readonly input: unknown;
}

export function newJob(kind: string, label: string, at: string): Job {
  return {
    id: `job-${randomBytes(6).toString('hex')}`,
    kind,
    label,
    state: 'queued',
    stage: '',
    done: 0,
    total: 0,
    unit: '',
    ratePerSec: 0,
    etaSecs: null,
    elapsedSecs: 0,
    warnings: [],
    result: null,
    error: null,
    createdAt: at,
    updatedAt: at,
  };
}

/** The jobs of a library as the database has them, newest first. */
export function readJobs(library: LibraryStore): StoredJob[] {
  return library.read
    .all<JobRow>('SELECT * FROM job ORDER BY created_at DESC, rowid DESC')
    .map((row) => ({ job: jobOf(row), input: JSON.parse(row.input) as unknown }));
}

export function insertJob(library: LibraryStore, job: Job, input: unknown, version: string): void {
  library.record((tx) =>
    tx.insertMany('job', [
      {
        id: job.id,
        kind: job.kind,
        label: job.label,
        input: storedInput(input),
        state: job.state,
        lamella_version: version,
        created_at: job.createdAt,
        updated_at: job.updatedAt,
      },
    ]),
  );
}

/** An input as JSON, without what is secret in the address of a source. */
export const storedInput = (input: unknown): string =>
  JSON.stringify(input, (key, value: unknown) =>
    key === 'source' && typeof value === 'string' && value.includes('://') ? redacted(value) : value,
  );

/** Writes what changes while a job lives. `kernels`: name and version of those that its last run used. */
export function updateJob(tx: WriteHandle, job: Job, kernels?: ReadonlyMap<string, number>): void {
  const { stage, done, total, unit, elapsedSecs, result, error } = job;
  tx.run(
    `UPDATE job SET state = ?, stage = ?, done = ?, total = ?, unit = ?, elapsed_secs = ?, warnings = ?, result = ?, error = ?, updated_at = ? WHERE id = ?`,
    job.state,
    stage,
    done,
    total,
    unit,
    elapsedSecs,
    JSON.stringify(job.warnings),
    orNull(result),
    orNull(error),
    job.updatedAt,
    job.id,
  );
  if (kernels && kernels.size > 0)
    tx.run(
      'UPDATE job SET kernels = json_patch(kernels, ?) WHERE id = ?',
      JSON.stringify(Object.fromEntries([...kernels].sort(([a], [b]) => (a < b ? -1 : 1)))),
      job.id,
    );
}

const orNull = (value: unknown): string | null =>
  value === null || value === undefined ? null : JSON.stringify(value);

function jobOf(row: JobRow): Job {
  const { id, kind, label, state, stage, done, total, unit } = row;
  return {
    id,
    kind,
    label,
    state,
    stage,
    done,
    total,
    unit,
    ratePerSec: 0,
    etaSecs: null,
    elapsedSecs: row.elapsed_secs,
    warnings: JSON.parse(row.warnings) as Warning[],
    result: row.result === null ? null : (JSON.parse(row.result) as unknown),
    error: row.error === null ? null : (JSON.parse(row.error) as WireError),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
