import type { ByteSource, Entry } from '../../main/engine/formats/byte-store.ts';

/** Files in memory as a source; counts how often and how much is read of it. */
export function memorySource(
  files: Readonly<Record<string, Uint8Array>>,
): ByteSource & { reads: number; bytes: number } {
  const keys = Object.keys(files).toSorted();
  const source = {
    name: 'memory',
    ...{ reads: 0, bytes: 0 },
    get: (key: string, range?: { readonly offset: number; readonly length: number }) => {
      const whole = files[key];
      const part = whole && range ? whole.slice(range.offset, range.offset + range.length) : whole;
      source.reads += 1;
      source.bytes += part?.length ?? 0;
      return Promise.resolve(part);
    },
    sizeOf: (key: string) => files[key]?.length,
    list: (prefix: string) => Promise.resolve(keys.filter((key) => key.startsWith(prefix))),
    children: (prefix: string) => {
      const names = new Map<string, boolean>();
      for (const key of keys.filter((one) => one.startsWith(prefix))) {
        const [name = '', ...rest] = key.slice(prefix.length).split('/');
        names.set(name, rest.length > 0);
      }
      return Promise.resolve([...names].map(([name, isFolder]): Entry => ({ name, isFolder })));
    },
  };
  return source;
}
