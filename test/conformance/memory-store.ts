import type { ByteStore } from '../../main/engine/formats/byte-store.ts';
import type { ChunkCodec } from '../../main/engine/formats/volume-format.ts';

/** A ByteStore in memory: enough for formats, which know nothing of disks. */
export function memoryStore(name = 'memory'): ByteStore & { readonly files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>();
  return {
    name,
    files,
    get: async (key, range) => {
      const bytes = files.get(key);
      return range ? bytes?.subarray(range.offset, range.offset + range.length) : bytes;
    },
    list: async (prefix) => [...files.keys()].filter((key) => key.startsWith(prefix)).toSorted(),
    put: async (key, bytes) => void files.set(key, bytes.slice()),
    delete: async (key) => void files.delete(key),
  };
}

const mark = 0xa5;

/** Not zstd: one byte before the voxels, so that nothing passes by being stored as it is. */
export const markCodec: ChunkCodec = {
  encode: async (voxels) => Uint8Array.from([mark, ...voxels]),
  decode: async (stored, decodedBytes) => {
    if (stored[0] !== mark || stored.byteLength !== decodedBytes + 1) throw new RangeError('it does not decode');
    return stored.slice(1);
  },
};
