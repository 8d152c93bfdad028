import { join } from 'node:path';
import type { ChunkCodec } from '../../main/engine/formats/volume-format.ts';
import { kernelCodec as codecOf } from '../../main/engine/jobs/kernel-codec.ts';
import { loadKernels, runTask } from '../../native-workers/load.ts';

/** The compiled codecs, on this thread. */
export function kernelCodec(): ChunkCodec {
  const kernels = loadKernels(join(import.meta.dirname, '../../native-workers/lamella-kernels.node'));
  const cancel = new Int32Array(new SharedArrayBuffer(8));
  return codecOf(
    { threads: 1, run: async (task, header, { inputs = [] } = {}) => runTask(kernels, task, header, inputs, cancel) },
    { lane: 'batch' },
  );
}
