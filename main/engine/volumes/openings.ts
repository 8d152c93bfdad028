import { gunzipSync, gzipSync } from 'node:zlib';
import { openingSchema, type Opening } from '../sources/opening.ts';
import type { LibraryStore, ReadHandle, WriteHandle } from '../store/library-store.ts';

/** What opening a volume read the last time; undefined where that is not known, or can't be read any more. */
export function openingOf(read: ReadHandle, volume: string): Opening | undefined {
  const row = read.get<{ reads: Uint8Array }>('SELECT reads FROM opening WHERE id = ?', volume);
  if (!row) return undefined;
  try {
    return openingSchema.parse(JSON.parse(gunzipSync(row.reads, { maxOutputLength: mostJson }).toString()));
  } catch {
    return undefined;
  }
}

const mostJson = 2 ** 20;

export function putOpening(tx: WriteHandle, volume: string, opening: Opening): void {
  tx.run('INSERT OR REPLACE INTO opening (id, reads) VALUES (?, ?)', volume, gzipSync(JSON.stringify(opening)));
}

/** Lost without harm where the library can only be read. */
export function forgetOpening(library: LibraryStore, volume: string): void {
  if (!library.readOnly) library.record((tx) => tx.run('DELETE FROM opening WHERE id = ?', volume));
}
