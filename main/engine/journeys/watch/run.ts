import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { isLamellaError } from '../../../../preload/contract/errors.ts';
import type { watchProcedures } from '../../../../preload/contract/watch.ts';
import { listSource } from '../../intake/source-files.ts';
import { refuseVoxelSize } from '../../intake/voxel-size.ts';
import type { JobEnding, JobKind, JobRun } from '../../jobs/job.ts';
import type { WatchHub } from './hub.ts';
import { lookOnce, readLayoutAgain } from './look.ts';
import { placesOf } from './places.ts';
import { restore } from './restore.ts';
import { Session } from './session.ts';
import { watchIdOf, type WatchRow } from './watch-rows.ts';

type Input = z.output<typeof watchProcedures.start.input>;
type Output = z.output<typeof watchProcedures.start.output>;

/** Watching: look, take what rested, compare, raise alarms, wait; until it is stopped. Resumes from the library's rows. */
export const watchKind = (hub: WatchHub): JobKind<Input, Output> => ({
  kind: 'watch.start',
  runsBeside: true,
  label: ({ name, source }) => `Watch ${nameOf(name, source)}`,
  run: async (job, input) => {
    refuseVoxelSize(input.voxelSizeNm);
    const places = placesOf(input.layout, input.source);
    const row = rowOf(job) ?? (await begin(job, input));
    const session = new Session({
      job,
      hub,
      watch: row.id,
      dataset: row.dataset,
      name: nameOf(input.name, input.source),
      folder: input.source,
      places,
      settleMs: 1000 * input.settleSecs,
      giveUpMs: 1000 * input.giveUpSecs,
    });
    const leave = hub.begin(row.id, () => {
      session.readLimits();
      return session.limits.all();
    });
    try {
      await watchUntilStopped(session, input);
    } catch (error) {
      if (isLamellaError(job.signal.reason, 'cancelled')) setState(job, row.id, 'stopped');
      throw error;
    } finally {
      leave();
    }
    return ending(session);
  },
});

const nameOf = (name: string | undefined, source: string): string => name?.trim() || basename(source);

const rowOf = (job: JobRun): WatchRow | undefined =>
  job.library.read.get<WatchRow>('SELECT * FROM watch WHERE id = ?', watchIdOf(job.id));

/** A folder that is not there at the start is a slip of the pen; later, it is an alarm. */
async function begin(job: JobRun, input: Input): Promise<WatchRow> {
  await listSource(input.source);
  const dataset = `dataset-${createHash('sha256').update(job.id).digest('hex').slice(0, 12)}`;
  const created_at = new Date().toISOString();
  const row: WatchRow = { id: watchIdOf(job.id), dataset, job: job.id, state: 'watching', waiting: 0, created_at };
  job.library.edit(`Watch ${nameOf(input.name, input.source)}`, (tx) => {
    tx.put('dataset', {
      id: dataset,
      name: nameOf(input.name, input.source),
      source: input.source,
      layout: input.layout,
      voxel_size_nm: JSON.stringify(input.voxelSizeNm),
      job: job.id,
      created_at,
      removed: 0,
    });
    tx.insertMany('watch', [{ ...row }]);
  });
  return row;
}

async function watchUntilStopped(session: Session, { pollSecs, stopAfterSecs }: Input): Promise<void> {
  const { job, watch, dataset } = session.options;
  readLayoutAgain(session);
  session.readLimits();
  await restore(session);
  if (!isStopping(session)) setState(job, watch, 'watching');
  let lastCame = performance.now();
  while (!isStopping(session)) {
    job.checkIn();
    if (job.library.read.get<{ removed: number }>('SELECT removed FROM dataset WHERE id = ?', dataset)?.removed === 1) {
      session.warn({
        subject: session.options.name,
        message: 'Its dataset was taken out of the library, so the watch has ended.',
      });
      return;
    }
    if ((await lookOnce(session)) > 0) lastCame = performance.now();
    else if (stopAfterSecs !== undefined && performance.now() - lastCame > 1000 * stopAfterSecs) return;
    await sleep(1000 * pollSecs, undefined, { signal: job.signal });
  }
}

const isStopping = ({ options: { job, watch } }: Session): boolean =>
  job.library.read.get<{ state: string }>('SELECT state FROM watch WHERE id = ?', watch)?.state === 'stopping';

const setState = (job: JobRun, watch: string, state: WatchRow['state']): void =>
  void job.library.record((tx) => tx.run('UPDATE watch SET state = ?, waiting = 0 WHERE id = ?', state, watch));

function ending({ options: { job, watch, dataset, name } }: Session): JobEnding<Output> {
  return {
    label: `End the watch of ${name}`,
    commit: (tx) => {
      tx.run(`UPDATE watch SET state = 'stopped', waiting = 0 WHERE id = ?`, watch);
      const count = (sql: string, id: string): number => tx.get<{ n: number }>(sql, id)?.n ?? 0;
      return {
        watch,
        dataset,
        tiles: count('SELECT COUNT(*) AS n FROM tile WHERE dataset = ?', dataset),
        alarms: count('SELECT COUNT(*) AS n FROM alarm WHERE watch = ? AND resolved_at IS NULL', watch),
        warnings: [...job.warnings],
      };
    },
  };
}
