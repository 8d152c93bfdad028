import { randomUUID } from 'node:crypto';
import { lstat, mkdir, open, rename, stat, statfs, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { ByteSource, ByteStore } from '../formats/byte-store.ts';

/** A folder that can be read: what `openFolderSource` gives. */
export interface ReadableFolder extends ByteSource {
  readonly folder: string;
  pathOf(key: string): string;
  sizeOf(key: string): number | undefined;
}

export interface FolderTarget extends ByteStore, ReadableFolder {
  pathOf(key: string): string;
  sizeOf(key: string): number | undefined;
  /** Bytes that may still be written there, or null where the system does not say. */
  freeBytes(): Promise<number | null>;
  /** As many `put`s, with the fsyncs of their folders together after the last. */
  putAll(parts: ReadonlyArray<{ readonly key: string; readonly bytes: Uint8Array }>): Promise<void>;
}

/**
 * A folder as a target: made where it is absent. `put` writes a temporary file, fsyncs, renames, and fsyncs the folder,
 * so a key is there whole or not at all. Puts that end at the same time share one fsync of their folder.
 */
export function openFolderTarget(source: ReadableFolder): FolderTarget {
  const folders = new DurableFolders(source.folder, source.name);
  return {
    name: source.name,
    folder: source.folder,
    pathOf: (key) => source.pathOf(key),
    sizeOf: (key) => source.sizeOf(key),
    get: (key, range, signal) => source.get(key, range, signal),
    list: (prefix) => source.list(prefix),
    children: (prefix) => source.children(prefix),
    put: (key, bytes) => guarded(key, source.name, () => putDurably(source.pathOf(key), bytes, folders)),
    putAll: (parts) => putAllDurably(source, parts, folders),
    delete: (key) => guarded(key, source.name, () => remove(source.pathOf(key), folders)),
    freeBytes: () => freeBytesAt(source.folder),
  };
}

/**
 * Writes a file that the user named: whole, or not at all; replaces one that is there. Its folder must exist.
 * Throws 'not-found', 'not-writable', 'disk-full'.
 */
export async function writeFileDurably(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const folder = dirname(path);
  if (!(await lstat(folder).catch(() => null))) {
    throw new LamellaError(
      'not-found',
      `The folder ${folder} is not there, so "${basename(path)}" can't be written in it.`,
      { hint: 'Make the folder first, or name another.', fields: { folder } },
    );
  }
  await guarded(basename(path), folder, async () => {
    await writeRenamed(path, pieces);
    await syncFolder(folder);
  });
}

/** Temporary files begin with this; one that is found was left by a kill and may be removed. */
export const temporaryPrefix = '.lamella-part-';

async function putDurably(path: string, bytes: Uint8Array, folders: DurableFolders): Promise<void> {
  const folder = dirname(path);
  await folders.ensure(folder);
  await writeRenamed(path, [bytes]);
  await folders.sync(folder);
}

/** Files at once; more wait for the disk, not for each other. */
const filesAtOnce = 8;

async function putAllDurably(
  source: ReadableFolder,
  parts: ReadonlyArray<{ readonly key: string; readonly bytes: Uint8Array }>,
  folders: DurableFolders,
): Promise<void> {
  const left = parts.values();
  const touched = new Set<string>();
  const hand = async (): Promise<void> => {
    for (const { key, bytes } of left) {
      await guarded(key, source.name, async () => {
        const path = source.pathOf(key);
        await folders.ensure(dirname(path));
        await writeRenamed(path, [bytes]);
        touched.add(dirname(path));
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(filesAtOnce, parts.length) }, hand));
  await guarded('', source.name, async () => {
    await Promise.all([...touched].map((folder) => folders.sync(folder)));
  });
}

async function writeRenamed(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const temporary = join(dirname(path), `${temporaryPrefix}${randomUUID()}`);
  try {
    await writeSynced(temporary, pieces);
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

async function writeSynced(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    for (const piece of pieces) await writeFully(handle, piece);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** At byte `position` of the file; left out: where the last write ended. */
export async function writeFully(handle: FileHandle, bytes: Uint8Array, position?: number): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) {
    const place = position === undefined ? null : position + at;
    const { bytesWritten } = await handle.write(bytes, at, bytes.byteLength - at, place);
    at += bytesWritten;
  }
}

async function remove(path: string, folders: DurableFolders): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  await folders.sync(dirname(path));
}

/** Makes folders once, refuses links on the way, and lets puts share the fsync of a folder. */
class DurableFolders {
  readonly #root: string;
  readonly #name: string;
  readonly #made = new Map<string, Promise<void>>();
  readonly #syncs = new Map<string, { running: Promise<void>; next: Promise<void> | null }>();

  constructor(root: string, name: string) {
    this.#root = root;
    this.#name = name;
  }

  ensure(folder: string): Promise<void> {
    const known = this.#made.get(folder);
    if (known) return known;
    const making = this.#make(folder).catch((error: unknown) => {
      this.#made.delete(folder);
      throw error;
    });
    this.#made.set(folder, making);
    return making;
  }

  async #make(folder: string): Promise<void> {
    if (folder === this.#root) {
      if ((await stat(folder).catch(() => null))?.isDirectory() === false) throw notAFolder(folder);
      await makeFolder(folder);
      return syncFolder(dirname(folder));
    }
    await this.ensure(dirname(folder));
    try {
      await mkdir(folder);
      await this.sync(dirname(folder));
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      if (!(await lstat(folder)).isDirectory()) throw this.#notAFolder(folder);
    }
  }

  #notAFolder(folder: string): LamellaError {
    const key = relative(this.#root, folder);
    return new LamellaError(
      'conflict',
      `"${key}" of ${this.#name} is in the way: it is a file or a link, not a folder.`,
      {
        hint: 'Choose an empty folder, or remove it.',
        fields: { file: key },
      },
    );
  }

  /** Settles after an fsync that began after the call. */
  sync(folder: string): Promise<void> {
    const state = this.#syncs.get(folder);
    if (!state) {
      const running = this.#run(folder);
      this.#syncs.set(folder, { running, next: null });
      return running;
    }
    state.next ??= state.running
      .catch(() => undefined)
      .then(() => {
        const running = this.#run(folder);
        this.#syncs.set(folder, { running, next: null });
        return running;
      });
    return state.next;
  }

  async #run(folder: string): Promise<void> {
    try {
      await syncFolder(folder);
    } finally {
      const state = this.#syncs.get(folder);
      if (state && !state.next) this.#syncs.delete(folder);
    }
  }
}

const notAFolder = (folder: string): LamellaError =>
  new LamellaError('conflict', `"${folder}" is a file, so nothing can be written in it.`, {
    hint: 'Name a folder: an empty one, or one that is not there yet.',
    fields: { folder },
  });

/** Parents first, each by itself: Node's recursive mkdir never ends where a system folder refuses (/proc). */
async function makeFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory()) return;
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  await mkdir(folder).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST' || found) throw error;
  });
}

/** Makes names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows has no fsync of folders; its rename is journalled.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function freeBytesAt(folder: string): Promise<number | null> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || at === dirname(at)) return null;
    }
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

/** Runs `work`, and throws what the file system throws in Lamella's words: 'disk-full', 'not-writable'. */
export async function guarded<T>(key: string, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof LamellaError ? error : writeError(error, key, name);
  }
}

function writeError(error: unknown, key: string, name: string): LamellaError {
  const code = codeOf(error);
  const fields = { file: key, target: name, code };
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new LamellaError('disk-full', `The disk of ${name} is full: "${key}" was not written.`, {
      hint: 'Free some space, then resume: what is written stays.',
      fields,
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new LamellaError(
      'not-writable',
      `"${key}" of ${name} can't be written: ${code === 'EROFS' ? 'the disk is read-only' : 'you may not write there'}.`,
      {
        hint: 'Choose another folder, or change its permissions.',
        fields,
        cause: error,
      },
    );
  }
  const why = code === 'EIO' ? 'the disk fails to write it (EIO)' : `the system says ${code || String(error)}`;
  return new LamellaError('not-writable', `"${key}" of ${name} can't be written: ${why}.`, {
    hint: 'The disk or the network share may be failing: choose another folder.',
    fields,
    cause: error,
  });
}
