import { closeSync, fstatSync, openSync, readSync, type BigIntStats } from 'node:fs';
import * as h5wasm from 'h5wasm/node';
import { LamellaError } from '../preload/contract/errors.ts';

/** Files that stay open between tasks: the last four, for half a minute. */
interface OpenFile {
  readonly file: h5wasm.File;
  /** Changes whenever the file does. */
  readonly mark: string;
  lastUsed: number;
}

const most = 4;
const idleMs = 30_000;
const open = new Map<string, OpenFile>();
let sweeper: NodeJS.Timeout | undefined;

const ready = h5wasm.ready.then((module) => {
  module.activate_throwing_error_handler();
  tellApart(module.FS as unknown as LibraryFiles);
  return module.FS as unknown as LibraryFiles;
});

/** The library, which then throws what it would only print. */
export async function hdf5(): Promise<typeof h5wasm> {
  await ready;
  return h5wasm;
}

/** The files below the library, as far as they matter here. */
interface LibraryFiles {
  /** One of each open file; the first three are those of the process. */
  readonly streams: readonly unknown[];
  fstat(descriptor: number): { ino: number };
}

/**
 * Gives each opening an inode of its own. The library takes two openings of one inode for the same file, and where it
 * could not close the first (as after most damage) would go on giving what that one held, long after the file changed.
 */
function tellApart(files: LibraryFiles): void {
  const fstat = files.fstat.bind(files);
  let opened = 0;
  files.fstat = (descriptor) => Object.assign(fstat(descriptor), { ino: ++opened });
}

/** How many files the library failed on and still holds on to. */
export async function neverClosed(): Promise<number> {
  const { streams } = await ready;
  return streams.filter(Boolean).length - 3 - open.size;
}

/** Opened read-only. Throws 'bad-source' for what is no HDF5 file, is cut short, or is still being written. */
export function fileAt(path: string): h5wasm.File {
  const mark = checkedMark(path);
  const kept = open.get(path);
  if (kept?.mark === mark) {
    open.delete(path);
    open.set(path, { ...kept, lastUsed: Date.now() });
    return kept.file;
  }
  close(path);
  const file = new h5wasm.File(path, 'r');
  if (file.file_id < 0n) throw new Error('the file could not be opened');
  open.set(path, { file, mark, lastUsed: Date.now() });
  for (const oldest of open.keys()) {
    if (open.size <= most) break;
    close(oldest);
  }
  sweeper ??= setInterval(sweep, idleMs / 2).unref();
  return file;
}

function close(path: string): void {
  open.get(path)?.file.close();
  open.delete(path);
}

function sweep(): void {
  for (const [path, { lastUsed }] of open) if (Date.now() - lastUsed > idleMs) close(path);
}

const signature = Buffer.from('894844460d0a1a0a', 'hex');

/** Looks at the file before the library does, for errors that say more. */
function checkedMark(path: string): string {
  const descriptor = openSync(path, 'r');
  try {
    const stats = fstatSync(descriptor, { bigint: true });
    checkHead(path, descriptor, stats);
    return `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
  } finally {
    closeSync(descriptor);
  }
}

function checkHead(path: string, descriptor: number, { size }: BigIntStats): void {
  const head = Buffer.alloc(16);
  for (let at = 0; at <= 2 ** 20 && at + 16 <= size; at = at === 0 ? 512 : at * 2) {
    readSync(descriptor, head, 0, 16, at);
    if (!head.subarray(0, 8).equals(signature)) continue;
    const [version = 0, flags = 0] = [head[8], head[11]];
    if (version >= 2 && (flags & 0b101) !== 0) throw beingWritten(path);
    return;
  }
  throw badHdf5(path, 'it does not begin as an HDF5 file does');
}

const beingWritten = (path: string): LamellaError =>
  new LamellaError('bad-source', `"${path}" is being written by another program, or was not closed properly.`, {
    hint: 'Wait until the microscope has finished. If nothing writes it any more, clear its mark with "h5clear -s".',
    fields: { file: path },
  });

export const badHdf5 = (path: string, what: string, cause?: unknown): LamellaError =>
  new LamellaError('bad-source', `"${path}" can't be read as HDF5: ${what}.`, {
    hint: 'The file is damaged, cut short, or of a kind that Lamella does not read: copy it again, or save it as OME-Zarr.',
    fields: { file: path },
    cause,
  });
