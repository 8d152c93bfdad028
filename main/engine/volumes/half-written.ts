import { basename } from 'node:path';
import type { ByteStore } from '../formats/byte-store.ts';
import { temporaryPrefix } from '../targets/folder.ts';

/** A kill in the middle of a write leaves its temporary file. */
export async function removeHalfWritten(store: Pick<ByteStore, 'list' | 'delete'>): Promise<void> {
  const left = (await store.list('')).filter((key) => basename(key).startsWith(temporaryPrefix));
  for (const key of left) await store.delete(key);
}
