import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { cancelWords, type TaskName, type WorkerRequest, type WorkerResponse } from '../../native-workers/tasks.ts';
import { wireErrorSchema } from '../../preload/contract/errors.ts';
import { encodePng } from '../engine/png.ts';

const kernels = join(import.meta.dirname, '../../native-workers/lamella-kernels.node');
const workerFile = join(import.meta.dirname, '../../native-workers/worker.ts');

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'lamella-worker-'))));
afterAll(() => rmSync(folder, { recursive: true }));

/** A worker thread that has said it is ready. */
async function readyWorker(): Promise<Worker> {
  const worker = new Worker(workerFile, { workerData: { kernels } });
  onTestFinished(() => void worker.terminate());
  expect(await nextAnswer(worker)).toEqual({ t: 'ready' });
  return worker;
}

const nextAnswer = (worker: Worker): Promise<WorkerResponse> =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });

const cancelOf = (): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(4 * cancelWords.length));

function ask(
  worker: Worker,
  task: TaskName,
  header: unknown,
  inputs: readonly Uint8Array[] = [],
  cancel = cancelOf(),
): Promise<WorkerResponse> {
  const answer = nextAnswer(worker);
  worker.postMessage({ id: 7, task, header, inputs, cancel } satisfies WorkerRequest);
  return answer;
}

function done(response: WorkerResponse): Extract<WorkerResponse, { t: 'done' }> {
  if (response.t !== 'done') throw new Error(JSON.stringify(response));
  return response;
}

const errorOf = (response: WorkerResponse) => wireErrorSchema.parse(response.t === 'failed' ? response.error : null);

describe('a worker thread', () => {
  test('runs a kernel on shared memory and gives buffers of its own', async () => {
    const worker = await readyWorker();
    const shared = new Uint8Array(new SharedArrayBuffer(100_000)).fill(9);
    const size = [100, 100, 10, 1, 1];
    const codecs = [{ name: 'zstd' }, { name: 'crc32c' }];
    const block = { dtype: 'uint8', size, chunk: size, edges: 'cut', codecs };
    const encoded = done(await ask(worker, 'encode-block', block, [shared]));
    expect(encoded.id).toBe(7);
    const chunk = encoded.outputs[0] ?? new Uint8Array();
    expect(encoded.header).toEqual({ chunks: [{ at: [0, 0, 0, 0, 0], bytes: chunk.byteLength }] });
    const decoded = done(await ask(worker, 'decode-voxels', { dtype: 'uint8', shape: size, codecs }, [chunk]));
    expect(decoded.outputs[0]).toEqual(new Uint8Array(100_000).fill(9));
  });

  test('beats while it works', async () => {
    const worker = await readyWorker();
    const cancel = cancelOf();
    const path = join(folder, 'beat.png');
    const header = { path, seed: 1, section: 0, sizePx: [256, 256], tissueFromTile: [1, 0, 0, 1, 0, 0] };
    done(await ask(worker, 'synthesize-tile', header, [], cancel));
    expect(cancel[cancelWords.beat]).toBeGreaterThan(100);
  });

  test('stops when it is told to', async () => {
    const worker = await readyWorker();
    const cancel = cancelOf();
    const path = join(folder, 'cancelled.png');
    const header = { path, seed: 1, section: 0, sizePx: [8192, 8192], tissueFromTile: [1, 0, 0, 1, 0, 0] };
    const answer = ask(worker, 'synthesize-tile', header, [], cancel);
    // The kernel has begun once it beats.
    while (Atomics.load(cancel, cancelWords.beat) < 10) await new Promise((resolve) => setTimeout(resolve, 5));
    Atomics.store(cancel, cancelWords.stop, 1);
    expect(errorOf(await answer).tag).toBe('cancelled');
  });

  test('names the header field that does not fit the table', async () => {
    const worker = await readyWorker();
    const error = errorOf(
      await ask(worker, 'downsample-voxels', {
        dtype: 'uint8',
        sizeXyz: [1, 1, 0],
        factorXyz: [1, 1, 1],
        method: 'mean',
      }),
    );
    expect(error.tag).toBe('invalid-input');
    expect(error.message).toContain('sizeXyz.2');
    expect(errorOf(await ask(worker, 'no-such-kernel' as TaskName, {})).tag).toBe('invalid-input');
    expect(
      errorOf(await ask(worker, 'decode-voxels', { dtype: 'uint8', shape: [1, 1, 1, 1, 1] }, [])).message,
    ).toContain('takes one input');
  });

  test('names the file that is bad, and goes on', async () => {
    const worker = await readyWorker();
    const path = join(folder, 'bad.tif');
    writeFileSync(path, 'no tile');
    const bad = errorOf(await ask(worker, 'inspect-tile', { path }));
    expect(bad).toMatchObject({ tag: 'bad-source', fields: { file: path } });
    expect(errorOf(await ask(worker, 'decode-tile', { path: join(folder, 'gone.png') })).tag).toBe('not-found');
    const chunk = { dtype: 'uint8', shape: [4, 1, 1, 1, 1], codecs: [{ name: 'crc32c' }] };
    const wrong = errorOf(await ask(worker, 'decode-voxels', chunk, [Uint8Array.of(1, 2, 3, 4, 5)]));
    expect(wrong.tag).toBe('verification-failed');
    const good = join(folder, 'good.tif');
    writeFileSync(good, encodePng({ width: 3, height: 2, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6) }));
    const { header, outputs } = done(await ask(worker, 'decode-tile', { path: good }));
    expect(header).toEqual({ sizePx: [3, 2], dtype: 'uint8' });
    expect([...(outputs[0] ?? [])]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
