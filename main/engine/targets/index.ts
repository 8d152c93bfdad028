import type { ByteStore } from '../formats/byte-store.ts';
import { openFolderTarget, type ReadableFolder } from './folder.ts';

/** Where a dataset can be published. */
export interface PublishTarget extends ByteStore {
  /** Bytes of the file by that key, or undefined where there is none. */
  sizeOf(key: string): number | undefined;
  /** Many files at once, durable when the promise settles. */
  putAll(parts: ReadonlyArray<{ readonly key: string; readonly bytes: Uint8Array }>): Promise<void>;
  /** What the user calls the place of a key: a path. */
  pathOf(key: string): string;
  /** Bytes that may still be written there, or null where that is not known. */
  freeBytes(): Promise<number | null>;
}

/** Every target. To add one: one file, and one line here. */
export const targets = { folder: openFolderTarget } as const satisfies Record<
  string,
  (place: ReadableFolder) => PublishTarget
>;
