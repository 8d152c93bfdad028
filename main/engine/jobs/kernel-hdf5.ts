import type { Hdf5Files } from '../formats/volume-format.ts';
import type { Kernels, Lane } from './job.ts';

/** HDF5 files, read by the pool. */
export function kernelHdf5(
  kernels: Kernels,
  options: { readonly lane: Lane; readonly signal?: AbortSignal },
): Hdf5Files {
  const given = (signal: AbortSignal | undefined) => ({ ...options, ...(signal && { signal }) });
  return {
    describe: async (path, signal) => (await kernels.run('hdf5-describe', { path }, given(signal))).header,
    read: async ({ path, dataset, dtype, at, size }, signal) => {
      const { outputs } = await kernels.run(
        'hdf5-read',
        { path, dataset, dtype, at: [...at], size: [...size] },
        given(signal),
      );
      const [bytes] = outputs;
      if (!bytes) throw new Error('the worker gave no bytes');
      return bytes;
    },
  };
}
