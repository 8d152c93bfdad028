import { LamellaError, isLamellaError } from '../../../preload/contract/errors.ts';
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
    decode: async (request, stored, signal) => {
      try {
        return single(await kernels.run('decode-voxels', request, given(stored, signal)));
      } catch (error) {
        throw asBadSource(error);
      }
    },
    encode: async (request, voxels, signal) => {
      const ran = await kernels.run('encode-block', request, given(voxels, signal));
      const bytes = single(ran);
      let end = 0;
      return ran.header.chunks.map(({ at, bytes: length }) => ({ at, bytes: bytes.subarray(end, (end += length)) }));
    },
  };
}

/** A kernel tells that bytes are not what was said of them; here they are those of a source. */
const asBadSource = (error: unknown): unknown =>
  isLamellaError(error, 'verification-failed')
    ? new LamellaError('bad-source', error.message, { hint: error.hint, fields: error.fields, cause: error })
    : error;

function single({ outputs: [bytes] }: { readonly outputs: readonly Uint8Array[] }): Uint8Array {
  if (!bytes) throw new Error('the kernel gave no bytes');
  return bytes;
}
