import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { LamellaError } from '../../preload/contract/errors.ts';
import type { Job } from '../../preload/contract/job.ts';
import type { JobEnding, JobKind, JobRun, Stage, Unit } from '../../main/engine/jobs/job.ts';
import { unitKey } from '../../main/engine/jobs/job.ts';
import { Pool } from '../../main/engine/jobs/pool.ts';
import { Scheduler } from '../../main/engine/jobs/scheduler.ts';
import { Library } from '../../main/engine/store/library.ts';
import { libraryOptions, tempFolder, tempLibrary } from './temp-library.ts';

interface Input {
  readonly name: string;
}

interface Bench {
  readonly library: Library;
  readonly scheduler: Scheduler;
  readonly ran: string[];
  readonly updates: Job[];
}

type Work = (job: JobRun, input: Input, ran: string[]) => Promise<JobEnding<unknown>>;

const nothing = { label: 'Test', commit: () => ({ ok: true }) };

/** A scheduler whose one kind of job does `work`; `ran` lists the units that were begun. */
function bench(work: Work, folder = tempFolder()): Bench {
  const library = tempLibrary(folder);
  const pool = new Pool({
    workerFile: join(import.meta.dirname, 'test-worker.ts'),
    kernelsFile: 'none',
    threads: 2,
    log: () => undefined,
  });
  const [ran, updates]: [string[], Job[]] = [[], []];
  const kind: JobKind<Input, unknown> = {
    kind: 'test.start',
    label: ({ name }) => name,
    run: (job, input) => work(job, input, ran),
  };
  const kinds = new Map([
    ['test.start', { kind: kind as JobKind<unknown, unknown>, output: z.object({ ok: z.boolean() }) }],
  ]);
  const scheduler = new Scheduler({
    library,
    kernels: pool,
    kinds,
    version: '0',
    now: () => new Date(),
    log: () => undefined,
  });
  scheduler.watch((job) => updates.push(job));
  onTestFinished(async () => {
    await scheduler.close();
    await pool.close();
  });
  return { library, scheduler, ran, updates };
}

function unit(
  ran: string[],
  name: string,
  work: (signal: AbortSignal) => Promise<unknown> = () => Promise.resolve(name),
): Unit<unknown> {
  return {
    key: unitKey('test', 1, name),
    subject: name,
    run: (signal) => {
      ran.push(name);
      return work(signal);
    },
  };
}

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `unit ${i}`);

const stageOf = (units: readonly Unit<unknown>[], more: Partial<Stage<unknown>> = {}): Stage<unknown> => ({
  name: 'Testing',
  unit: 'units',
  units,
  ...more,
});

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('a job', () => {
  test('runs its units, tells its progress, and ends in one transaction with what it made', async () => {
    const { library, scheduler, ran, updates } = bench(async (job, _input, begun) => {
      const results = await job.stage(stageOf(names(300).map((name) => unit(begun, name))));
      expect(results).toEqual(names(300));
      return { label: 'Make one', commit: (tx) => (tx.run(`INSERT INTO meta VALUES ('made', 'yes')`), { ok: true }) };
    });
    const { id } = scheduler.start('test.start', { name: 'All' });
    const job = await scheduler.settled(id);
    expect(job).toMatchObject({
      state: 'done',
      stage: 'Testing',
      done: 300,
      total: 300,
      result: { ok: true },
      warnings: [],
    });
    expect(ran).toHaveLength(300);
    expect(updates.map(({ state }) => state)).toEqual(expect.arrayContaining(['queued', 'running', 'done']));
    // At most ten a second, but never none: the last one says that all are done.
    expect(updates.filter(({ state }) => state === 'running').length).toBeLessThan(150);
    expect(updates.findLast(({ state }) => state === 'running')).toMatchObject({ done: 300 });
    expect(library.read.get('SELECT state, result FROM job')).toEqual({ state: 'done', result: '{"ok":true}' });
    expect(library.read.all('SELECT * FROM meta')).toHaveLength(1);
  });

  test('goes on when one unit fails, and names it; a resumed run still does', async () => {
    let failFirst = true;
    const { scheduler, ran } = bench(async (job, _input, begun) => {
      const bad = unit(begun, 'bad', () =>
        Promise.reject(new LamellaError('bad-source', 'It is cut short.', { hint: 'Copy it again.' })),
      );
      const odd = unit(
        begun,
        'odd',
        () => (job.warn({ subject: 'odd', message: 'looks strange' }), Promise.resolve(1)),
      );
      const results = await job.stage(stageOf([odd, bad], { onFailure: () => 'replacement' }));
      expect(results).toEqual([1, 'replacement']);
      if (failFirst) throw new Error('the power went');
      return nothing;
    });
    const { id } = scheduler.start('test.start', { name: 'A' });
    const failed = await scheduler.settled(id);
    expect(failed.state).toBe('failed');
    const warnings = [
      { subject: 'odd', message: 'looks strange' },
      { subject: 'bad', message: 'It is cut short.', hint: 'Copy it again.' },
    ];
    expect(failed.warnings).toEqual(warnings);
    failFirst = false;
    scheduler.resume(id);
    expect(await scheduler.settled(id)).toMatchObject({ state: 'done-with-warnings', warnings });
    expect(ran).toEqual(['odd', 'bad']);
  });

  test('tries again what failed for reasons that may pass', async () => {
    let hasFailed = false;
    const { scheduler, ran } = bench(async (job, _input, begun) => {
      const flaky = unit(begun, 'flaky', () => Promise.reject(new LamellaError('worker-died', 'gone', { hint: '' })));
      await job.stage(stageOf([flaky], { onFailure: () => null }));
      if (!hasFailed) {
        hasFailed = true;
        throw new Error('once');
      }
      return nothing;
    });
    const { id } = scheduler.start('test.start', { name: 'A' });
    await scheduler.settled(id);
    scheduler.resume(id);
    expect((await scheduler.settled(id)).state).toBe('done-with-warnings');
    expect(ran).toEqual(['flaky', 'flaky']);
  });

  test.each([['disk-full'], ['cancelled']] as const)('never makes a warning of %s', async (tag) => {
    const { scheduler } = bench(async (job, _input, begun) => {
      await job.stage(
        stageOf([unit(begun, 'a', () => Promise.reject(new LamellaError(tag, 'x', { hint: 'y' })))], {
          onFailure: () => null,
        }),
      );
      return nothing;
    });
    const job = await scheduler.settled(scheduler.start('test.start', { name: 'A' }).id);
    expect(job.state).toBe('failed');
    expect(job.error?.tag).toBe(tag);
  });

  test('fails without a stack for the user, and leaves nothing when its ending fails', async () => {
    const { library, scheduler } = bench(() =>
      Promise.resolve({
        label: 'Half',
        commit: (tx) => (tx.run(`INSERT INTO meta VALUES ('half', '1')`), { ok: 'not a boolean' }),
      }),
    );
    const job = await scheduler.settled(scheduler.start('test.start', { name: 'A' }).id);
    expect(job.state).toBe('failed');
    expect(job.error?.tag).toBe('internal');
    expect(library.read.all('SELECT * FROM meta')).toEqual([]);
  });

  test('redoes a unit whose file is gone', async () => {
    let isThere = true;
    const { scheduler, ran } = bench(async (job, _input, begun) => {
      await job.stage(stageOf([{ ...unit(begun, 'file'), stillThere: () => isThere }]));
      return nothing;
    });
    await scheduler.settled(scheduler.start('test.start', { name: 'A' }).id);
    await scheduler.settled(scheduler.start('test.start', { name: 'A' }).id);
    expect(ran).toEqual(['file']);
    isThere = false;
    await scheduler.settled(scheduler.start('test.start', { name: 'A' }).id);
    expect(ran).toEqual(['file', 'file']);
  });

  test('gives results and warnings in the order of the units, however they finish', async () => {
    const { scheduler } = bench(async (job, _input, begun) => {
      const units = names(12).map((name, i) =>
        unit(begun, name, async () => {
          await new Promise((resolve) => setTimeout(resolve, (12 - i) * 2));
          job.warn({ subject: name, message: 'slow' });
          return i;
        }),
      );
      expect(await job.stage(stageOf(units, { inFlight: 6 }))).toEqual(names(12).map((_name, i) => i));
      return nothing;
    });
    const job = await scheduler.settled(scheduler.start('test.start', { name: 'A' }).id);
    expect(job.warnings.map(({ subject }) => subject)).toEqual(names(12));
  });
});

describe('pause, cancel, resume', () => {
  const slow: Work = async (job, _input, ran) => {
    await job.stage(
      stageOf(names(60).map((name) => unit(ran, name, () => new Promise((resolve) => setTimeout(resolve, 5))))),
    );
    return nothing;
  };

  test('a paused job keeps what it has, and goes on with the rest', async () => {
    const { scheduler, ran } = bench(slow);
    const { id } = scheduler.start('test.start', { name: 'A' });
    await until(() => ran.length > 10);
    expect(scheduler.pause(id).state).toBe('paused');
    scheduler.resume(id);
    expect((await scheduler.settled(id)).state).toBe('done');
    expect([...ran].sort()).toEqual(names(60).sort());
  });

  test('a cancelled job stops its units, and can be resumed', async () => {
    let isStuck = true;
    const { scheduler, ran } = bench(async (job, _input, begun) => {
      await job.stage(
        stageOf([
          unit(begun, 'quick'),
          unit(begun, 'stuck', (signal) => (isStuck ? untilAborted(signal) : Promise.resolve(1))),
        ]),
      );
      return nothing;
    });
    const { id } = scheduler.start('test.start', { name: 'A' });
    await until(() => ran.includes('stuck'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(scheduler.cancel(id)).toMatchObject({ state: 'cancelled', error: { tag: 'cancelled' } });
    isStuck = false;
    scheduler.resume(id);
    expect(await scheduler.settled(id)).toMatchObject({ state: 'done', error: null });
    expect(ran).toEqual(['quick', 'stuck', 'stuck']);
  });

  test('a job that was cancelled goes on when it is started again; one that ended is begun anew', async () => {
    let isStuck = true;
    const { scheduler, ran } = bench(async (job, _input, begun) => {
      const stuck = unit(begun, 'stuck', (signal) => (isStuck ? untilAborted(signal) : Promise.resolve(1)));
      await job.stage(stageOf([unit(begun, 'quick'), stuck]));
      return nothing;
    });
    const { id } = scheduler.start('test.start', { name: 'A' });
    await until(() => ran.includes('stuck'));
    scheduler.cancel(id);
    isStuck = false;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(scheduler.start('test.start', { name: 'B' }).id).not.toBe(id);
    expect(scheduler.start('test.start', { name: 'A' }).id).toBe(id);
    expect(await scheduler.settled(id)).toMatchObject({ state: 'done' });
    expect(scheduler.start('test.start', { name: 'A' }).id).not.toBe(id);
  });

  test('one job runs at a time, and a waiting one can be cancelled', async () => {
    const { scheduler, updates } = bench(slow);
    const [a, b, c] = ['A', 'B', 'C'].map((name) => scheduler.start('test.start', { name }).id);
    scheduler.cancel(b ?? '');
    expect((await scheduler.settled(c ?? '')).state).toBe('done');
    const running = new Set<string>();
    for (const { id, state } of updates) {
      if (state === 'running') running.add(id);
      else running.delete(id);
      expect(running.size).toBeLessThanOrEqual(1);
    }
    expect(scheduler.list().map(({ id, state }) => [id, state])).toEqual(
      expect.arrayContaining([
        [a, 'done'],
        [b, 'cancelled'],
      ]),
    );
  });

  test('says what cannot be done', async () => {
    const { scheduler } = bench(() => Promise.resolve(nothing));
    const { id } = scheduler.start('test.start', { name: 'A' });
    await scheduler.settled(id);
    expect(() => scheduler.resume(id)).toThrow('finished');
    expect(() => scheduler.pause(id)).toThrow('over');
    expect(() => scheduler.resume('job-none')).toThrow('no job');
    expect(() => scheduler.start('other.start', {})).toThrow('other.start');
  });
});

describe('over restarts', () => {
  const stuckAfter =
    (most: number): Work =>
    async (job, _input, ran) => {
      await job.stage(
        stageOf(
          names(20).map((name, i) =>
            unit(ran, name, (signal) => (i < most ? Promise.resolve(i) : untilAborted(signal))),
          ),
          { inFlight: 1 },
        ),
      );
      return nothing;
    };

  async function interruptedAfter(most: number, folder: string): Promise<string> {
    const first = bench(stuckAfter(most), folder);
    const { id } = first.scheduler.start('test.start', { name: 'A' });
    await until(() => first.ran.length > most);
    await first.scheduler.close();
    expect(first.library.read.get('SELECT state FROM job')).toEqual({ state: 'running' });
    first.library.close();
    return id;
  }

  test('an interrupted job is shown as paused, and goes on for the window', async () => {
    const folder = tempFolder();
    const id = await interruptedAfter(8, folder);
    const second = bench(stuckAfter(20), folder);
    expect(second.scheduler.list()).toMatchObject([{ id, state: 'paused' }]);
    second.scheduler.resumeInterrupted();
    expect((await second.scheduler.settled(id)).state).toBe('done');
    expect(second.ran).toEqual(names(20).slice(8));
  });

  test('starting the same again goes on with it; starting another does not', async () => {
    const folder = tempFolder();
    const id = await interruptedAfter(5, folder);
    const second = bench(stuckAfter(20), folder);
    expect(second.scheduler.start('test.start', { name: 'B' }).id).not.toBe(id);
    expect(second.scheduler.start('test.start', { name: 'A' }).id).toBe(id);
    expect((await second.scheduler.settled(id)).state).toBe('done');
    expect(second.ran).toEqual(names(20).slice(5));
  });

  test('a job that was paused on purpose stays paused', async () => {
    const folder = tempFolder();
    const first = bench(stuckAfter(5), folder);
    const { id } = first.scheduler.start('test.start', { name: 'A' });
    await until(() => first.ran.length > 5);
    first.scheduler.pause(id);
    await first.scheduler.close();
    first.library.close();
    const second = bench(stuckAfter(20), folder);
    second.scheduler.resumeInterrupted();
    expect(second.scheduler.list()).toMatchObject([{ id, state: 'paused' }]);
    expect(second.ran).toEqual([]);
  });

  test('a library that is read only starts no job', () => {
    const folder = tempFolder();
    tempLibrary(folder).close();
    const library = Library.open({ ...libraryOptions(folder), readOnly: true });
    onTestFinished(() => library.close());
    const pool = new Pool({ workerFile: 'none', kernelsFile: 'none', threads: 1, log: () => undefined });
    const scheduler = new Scheduler({
      library,
      kernels: pool,
      kinds: new Map(),
      version: '0',
      now: () => new Date(),
      log: () => undefined,
    });
    expect(() => scheduler.start('test.start', {})).toThrow('reading only');
  });
});
