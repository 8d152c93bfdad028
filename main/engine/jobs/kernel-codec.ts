import type { ChunkCodec } from '../formats/volume-format.ts';
import type { Kernels, Lane } from './job.ts';

/** The codec of stored chunks, done by the pool. */
export function kernelCodec(
  kernels: Kernels,
  options: { readonly lane: Lane; readonly signal?: AbortSignal },
): ChunkCodec {
  return {
    encode: async (voxels) =>
      single(await kernels.run('encode-chunk', { zstdLevel: 1, crc32c: true }, { ...options, inputs: [voxels] })),
    decode: async (stored, decodedBytes, crc32c) =>
      single(await kernels.run('decode-chunk', { decodedBytes, crc32c }, { ...options, inputs: [stored] })),
  };
}

function single({ outputs: [bytes] }: { readonly outputs: readonly Uint8Array[] }): Uint8Array {
  if (!bytes) throw new Error('the kernel gave no bytes');
  return bytes;
}
