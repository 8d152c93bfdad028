import { parentPort, workerData } from 'node:worker_threads';
import { toWireError } from '../preload/contract/errors.ts';
import { loadKernels, runTask } from './load.ts';
import type { WorkerRequest, WorkerResponse, WorkerStart } from './tasks.ts';

/** The entry of a worker thread: it answers one request at a time, with kernels that it loads from `workerData.kernels`. */

const port = parentPort;
if (port === null) throw new Error('worker.ts runs as a worker thread, started with {workerData: {kernels: PATH}}.');

const kernels = loadKernels((workerData as WorkerStart).kernels);

function answer(response: WorkerResponse, transfer: readonly ArrayBuffer[] = []): void {
  port?.postMessage(response, transfer);
}

port.on('message', ({ id, task, header, inputs, cancel }: WorkerRequest) => {
  try {
    const ran = runTask(kernels, task, header, inputs, cancel);
    answer(
      { t: 'done', id, header: ran.header, outputs: ran.outputs },
      ran.outputs.map((o) => o.buffer as ArrayBuffer),
    );
  } catch (error) {
    answer({ t: 'failed', id, error: toWireError(error) });
  }
});

answer({ t: 'ready' });
