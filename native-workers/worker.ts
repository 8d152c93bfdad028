import { parentPort, workerData } from 'node:worker_threads';
import { toWireError } from '../preload/contract/errors.ts';
import { loadKernels, type Ran, runTask } from './load.ts';
import { shapeTasks } from './shape-tasks.ts';
import type { TaskName, WorkerRequest, WorkerResponse, WorkerStart } from './tasks.ts';

/** The entry of a worker thread: it answers one request at a time, with kernels that it loads from `workerData.kernels`. */

const port = parentPort;
if (port === null) throw new Error('worker.ts runs as a worker thread, started with {workerData: {kernels: PATH}}.');

const kernels = loadKernels((workerData as WorkerStart).kernels);

function answer(response: WorkerResponse, transfer: readonly ArrayBuffer[] = []): void {
  port?.postMessage(response, transfer);
}

async function run({ task, header, inputs, cancel }: WorkerRequest): Promise<Ran<TaskName>> {
  // The libraries are large, and most workers never need them.
  if (Object.hasOwn(shapeTasks, task)) {
    const { runShapes } = await import('./shapes/run.ts');
    return runShapes(task as keyof typeof shapeTasks, header, inputs, cancel);
  }
  if (task !== 'hdf5-describe' && task !== 'hdf5-read') return runTask(kernels, task, header, inputs, cancel);
  const { runHdf5 } = await import('./hdf5.ts');
  return runHdf5(task, header, cancel);
}

type Detachable = { transfer?: (bytes: number) => unknown };

/** What came in is this thread's own and done with; left to the collector, tens of blocks would pile up. */
function release(inputs: readonly Uint8Array[]): void {
  for (const { buffer } of inputs) if (buffer instanceof ArrayBuffer) (buffer as unknown as Detachable).transfer?.(0);
}

async function serve(request: WorkerRequest): Promise<void> {
  const { id } = request;
  try {
    const ran = await run(request);
    release(request.inputs);
    answer(
      { t: 'done', id, header: ran.header, outputs: ran.outputs },
      ran.outputs.map((o) => o.buffer as ArrayBuffer),
    );
  } catch (error) {
    answer({ t: 'failed', id, error: toWireError(error) });
  }
}

port.on('message', (request: WorkerRequest) => void serve(request));

answer({ t: 'ready' });
