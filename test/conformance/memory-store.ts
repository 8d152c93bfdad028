import type { ByteStore, Entry } from '../../main/engine/formats/byte-store.ts';

/** A ByteStore in memory: enough for formats, which know nothing of disks. */
export function memoryStore(name = 'memory'): ByteStore & { readonly files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>();
  const keys = (prefix: string): readonly string[] =>
    [...files.keys()].filter((key) => key.startsWith(prefix)).toSorted();
  return {
    name,
    files,
    get: async (key, range, signal) => {
      signal?.throwIfAborted();
      const bytes = files.get(key);
      return range ? bytes?.slice(range.offset, range.offset + range.length) : bytes?.slice();
    },
    sizeOf: (key) => files.get(key)?.byteLength,
    list: async (prefix) => keys(prefix),
    children: async (prefix) => entriesOf(keys(prefix).map((key) => key.slice(prefix.length))),
    // Not slice: that of a Buffer shares its memory.
    put: async (key, bytes) => void files.set(key, new Uint8Array(bytes)),
    delete: async (key) => void files.delete(key),
  };
}

function entriesOf(rest: readonly string[]): readonly Entry[] {
  const names = new Map(rest.map((key) => [key.split('/')[0] ?? '', key.includes('/')]));
  return [...names].map(([name, isFolder]) => ({ name, isFolder }));
}
