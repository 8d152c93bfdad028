import { basename } from 'node:path';
import type { ByteStore } from '../formats/byte-store.ts';
import { openFolderSource } from '../sources/folder.ts';
import { openFolderTarget, temporaryPrefix } from '../targets/folder.ts';

/** A kill in the middle of a write leaves its temporary file. */
export async function removeHalfWritten(store: Pick<ByteStore, 'list' | 'delete'>): Promise<void> {
  const left = (await store.list('')).filter((key) => basename(key).startsWith(temporaryPrefix));
  for (const key of left) await store.delete(key);
}

/** The same in a folder of the library. */
export const removeHalfWrittenIn = (folder: string): Promise<void> =>
  removeHalfWritten(openFolderTarget(openFolderSource(folder, basename(folder))));
