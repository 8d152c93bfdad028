import type { ChunkCodec } from '../formats/volume-format.ts';
import type { Kernels, Lane } from './job.ts';

/** The codec of stored chunks, done by the pool. */
export function kernelCodec(
  kernels: Kernels,
  options: { readonly lane: Lane; readonly signal?: AbortSignal },
): ChunkCodec {
  const given = (input: Uint8Array, signal: AbortSignal | undefined) => ({
    ...options,
    ...(signal && { signal }),
    inputs: [input],
  });
  return {
    decode: async (request, stored, signal) =>
      single(await kernels.run('decode-voxels', request, given(stored, signal))),
    encode: async (request, voxels, signal) => {
      const ran = await kernels.run('encode-block', request, given(voxels, signal));
      const bytes = single(ran);
      let end = 0;
      return ran.header.chunks.map(({ at, bytes: length }) => ({ at, bytes: bytes.subarray(end, (end += length)) }));
    },
  };
}

function single({ outputs: [bytes] }: { readonly outputs: readonly Uint8Array[] }): Uint8Array {
  if (!bytes) throw new Error('the kernel gave no bytes');
  return bytes;
}
