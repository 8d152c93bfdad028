import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LamellaError } from '../../preload/contract/errors.ts';
import { isNoWorker, Pool } from '../../main/engine/jobs/pool.ts';
import type { Lane } from '../../main/engine/jobs/job.ts';

function poolOf(threads: number, options: { kernelsFile?: string; silenceMs?: number; logged?: string[] } = {}): Pool {
  const { kernelsFile = 'none', silenceMs = 20_000, logged = [] } = options;
  const pool = new Pool({
    workerFile: join(import.meta.dirname, 'test-worker.ts'),
    kernelsFile,
    threads,
    silenceMs,
    log: (line) => logged.push(line),
  });
  onTestFinished(() => pool.close());
  return pool;
}

/** The worker of these tests answers any chunk with its input. */
const chunk = { dtype: 'uint8', shape: [1, 1, 1, 1, 1] } as const;

const ask = (pool: Pool, byte: number, options: { signal?: AbortSignal; lane?: Lane } = {}) =>
  pool.run('decode-voxels', chunk, { inputs: [Uint8Array.of(byte, 0, 7)], ...options });

async function errorOf(work: Promise<unknown>): Promise<LamellaError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof LamellaError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the pool', () => {
  test('answers, and leaves the caller its inputs', async () => {
    const pool = poolOf(2);
    const input = Uint8Array.of(0, 1, 2);
    const { header, outputs } = await pool.run('decode-voxels', chunk, { inputs: [input] });
    expect(header).toEqual({ bytes: 3 });
    expect([...(outputs[0] ?? [])]).toEqual([0, 1, 2]);
    expect([...input]).toEqual([0, 1, 2]);
  });

  test('sends only the part of a buffer that is asked about', async () => {
    const pool = poolOf(1);
    const large = new Uint8Array(1000).fill(0);
    const { outputs } = await pool.run('decode-voxels', chunk, { inputs: [large.subarray(10, 14)] });
    expect(outputs[0]?.buffer.byteLength).toBe(4);
  });

  test('carries errors over as they are', async () => {
    const error = await errorOf(ask(poolOf(1), 4));
    expect([error.tag, error.hint]).toEqual(['bad-source', 'Leave it out.']);
  });

  test('refuses a header that does not fit before it asks a worker', async () => {
    const error = await errorOf(poolOf(1).run('decode-voxels', { ...chunk, shape: [0, 1, 1, 1, 1] }));
    expect(error.tag).toBe('invalid-input');
  });

  test('tries once more when a worker dies', async () => {
    const logged: string[] = [];
    const pool = poolOf(1, { logged });
    const shared = new Uint8Array(new SharedArrayBuffer(2));
    shared[0] = 3;
    await pool.run('decode-voxels', chunk, { inputs: [shared] });
    expect(shared[1]).toBe(2);
    expect(logged).toHaveLength(1);
  });

  test('gives up when the second worker dies too, and works on', async () => {
    const pool = poolOf(2);
    const error = await errorOf(ask(pool, 1));
    expect(error.tag).toBe('worker-died');
    expect(isNoWorker(error)).toBe(false);
    await ask(pool, 0);
  });

  test('replaces a worker that hangs', async () => {
    const logged: string[] = [];
    const pool = poolOf(1, { silenceMs: 1500, logged });
    expect((await errorOf(ask(pool, 2))).tag).toBe('worker-died');
    expect(logged.join()).toContain('no sign of life');
    await ask(pool, 0);
  });

  test('lets a worker be that beats, however long it takes', async () => {
    const logged: string[] = [];
    const pool = poolOf(1, { silenceMs: 1500, logged });
    const cancel = new AbortController();
    const working = errorOf(ask(pool, 5, { signal: cancel.signal }));
    await new Promise((resolve) => setTimeout(resolve, 4000));
    cancel.abort();
    expect((await working).tag).toBe('cancelled');
    expect(logged).toEqual([]);
  });

  test('says so when no worker can be started', async () => {
    const pool = poolOf(2, { kernelsFile: 'broken' });
    const errors = await Promise.all(Array.from({ length: 6 }, () => errorOf(ask(pool, 0))));
    for (const error of errors) {
      expect(error.tag).toBe('worker-died');
      expect(error.message).toContain('the addon is missing');
      expect(isNoWorker(error)).toBe(true);
    }
  });

  test('cancels what waits and what runs', async () => {
    const pool = poolOf(1);
    const cancel = new AbortController();
    const all = [5, 5, 0].map((byte) => errorOf(ask(pool, byte, { signal: cancel.signal })));
    await new Promise((resolve) => setTimeout(resolve, 100));
    cancel.abort();
    for (const error of await Promise.all(all)) expect(error.tag).toBe('cancelled');
    await ask(pool, 0);
  });

  test('ends a worker that does not listen to a cancel', async () => {
    const pool = poolOf(1);
    const cancel = new AbortController();
    const deaf = errorOf(ask(pool, 6, { signal: cancel.signal }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    cancel.abort();
    expect((await deaf).tag).toBe('cancelled');
    await ask(pool, 0);
  });

  test('takes interactive work before previews, and previews before batch', async () => {
    const pool = poolOf(1);
    const order: string[] = [];
    const first = ask(pool, 0);
    const all = (['batch', 'preview', 'interactive', 'batch', 'interactive'] as const).map((lane, i) =>
      ask(pool, 0, { lane }).then(() => order.push(`${lane} ${i}`)),
    );
    await Promise.all([first, ...all]);
    expect(order).toEqual(['interactive 2', 'interactive 4', 'preview 1', 'batch 0', 'batch 3']);
  });

  test('leaves no promise open when it closes', async () => {
    const pool = poolOf(1);
    const all = [2, 0, 0].map((byte) => errorOf(ask(pool, byte)));
    await new Promise((resolve) => setTimeout(resolve, 150));
    await pool.close();
    for (const error of await Promise.all(all)) expect(error.tag).toBe('cancelled');
    expect((await errorOf(ask(pool, 0))).tag).toBe('cancelled');
  });

  test('takes many at once on few threads', async () => {
    const pool = poolOf(2);
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, i) => pool.run('decode-voxels', chunk, { inputs: [Uint8Array.of(0, i % 256)] })),
    );
    expect(answers.map(({ outputs }) => outputs[0]?.[1])).toEqual(Array.from({ length: 500 }, (_, i) => i % 256));
  });
});
