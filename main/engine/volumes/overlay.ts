import type { ByteRange, ByteSource, Entry } from '../formats/byte-store.ts';
import type { Part } from '../formats/volume-format.ts';

/**
 * A source with a few files laid over it. A dataset that is being written has no metadata yet; with that laid over what
 * is there, its own format reads its finished levels.
 */
export function overlay(source: ByteSource, files: readonly Part[]): ByteSource {
  const over = new Map(files.map(({ key, bytes }) => [key, bytes]));
  const keysBelow = (prefix: string): readonly string[] => [...over.keys()].filter((key) => key.startsWith(prefix));
  return {
    name: source.name,
    get: (key, range, signal) => {
      const bytes = over.get(key);
      return bytes ? Promise.resolve(cut(bytes, range)) : source.get(key, range, signal);
    },
    sizeOf: (key, signal) => over.get(key)?.byteLength ?? source.sizeOf(key, signal),
    list: async (prefix) => [...new Set([...(await source.list(prefix)), ...keysBelow(prefix)])].toSorted(),
    // Only metadata is laid over, and nobody reads that by its path.
    ...(source.pathOf && { pathOf: (key: string) => source.pathOf?.(key) ?? '' }),
    children: async (prefix) => {
      const found = await source.children(prefix);
      return (
        found &&
        merged(
          found,
          keysBelow(prefix).map((key) => entryOf(key.slice(prefix.length))),
        )
      );
    },
  };
}

const cut = (bytes: Uint8Array, range: ByteRange | undefined): Uint8Array =>
  range ? bytes.subarray(range.offset, range.offset + range.length) : bytes;

function entryOf(key: string): Entry {
  const [name = '', ...rest] = key.split('/');
  return { name, isFolder: rest.length > 0 };
}

function merged(found: readonly Entry[], added: readonly Entry[]): readonly Entry[] {
  const byName = new Map([...added, ...found].map((entry) => [entry.name, entry]));
  return [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
