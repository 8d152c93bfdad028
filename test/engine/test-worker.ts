// A worker without kernels, for the pool's tests. It answers `decode-voxels` as the first byte of the input says:
// 0 = answer, 1 = leave, 2 = hang, 3 = leave at the first try only, 4 = throw, 5 = beat until it is told to stop,
// 6 = deaf: beat, and never stop. With kernels 'broken' it cannot be loaded.
import { parentPort, workerData } from 'node:worker_threads';
import { cancelWords } from '../../native-workers/tasks.ts';
import type { WorkerRequest, WorkerStart } from '../../native-workers/tasks.ts';
import { LamellaError, toWireError } from '../../preload/contract/errors.ts';

const port = parentPort;
if (port === null) throw new Error('not a worker');
const { kernels } = workerData as WorkerStart;
if (kernels === 'broken') throw new Error('the addon is missing');

function beat(cancel: Int32Array, deaf: boolean): void {
  const nap = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    Atomics.add(cancel, cancelWords.beat, 1);
    if (!deaf && Atomics.load(cancel, cancelWords.stop) !== 0)
      throw new LamellaError('cancelled', 'Stopped.', { hint: '' });
    Atomics.wait(nap, 0, 0, 10);
  }
}

function carryOut({ inputs: [input = new Uint8Array(1)], cancel }: WorkerRequest): void {
  switch (input[0]) {
    case 1:
      return process.exit(3);
    case 2:
      for (;;);
    case 3:
      // The input is shared memory: its second byte counts the tries.
      if (Atomics.add(input, 1, 1) === 0) process.exit(3);
      return;
    case 4:
      throw new LamellaError('bad-source', 'The picture is broken.', { hint: 'Leave it out.' });
    case 5:
    case 6:
      return beat(cancel, input[0] === 6);
    case undefined:
    default:
  }
}

port.on('message', (request: WorkerRequest) => {
  try {
    carryOut(request);
    port.postMessage({
      t: 'done',
      id: request.id,
      header: { bytes: request.inputs[0]?.byteLength ?? 0 },
      outputs: [new Uint8Array(request.inputs[0] ?? [])],
    });
  } catch (error) {
    port.postMessage({ t: 'failed', id: request.id, error: toWireError(error) });
  }
});
port.postMessage({ t: 'ready' });
