import Database from 'better-sqlite3';
import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { inLibraryWords } from './sqlite-errors.ts';

export type Db = Database.Database;

export interface OpenDatabase {
  readonly file: string;
  /** `FULL`: a committed row survives a power cut. `OFF`: only for what can be made again. */
  readonly synchronous: 'FULL' | 'OFF';
  /** Of a new file; SQLite's own 4096 where left out. */
  readonly pageBytes?: number;
  /** The compiled binding, where the shipped one does not load (Node-API below 10). */
  readonly nativeBinding?: string | undefined;
}

/** `LMLA`: marks library.db as ours (PRAGMA application_id). */
export const APPLICATION_ID = 0x4c4d4c41;

/** The first SQLite whose WAL reset cannot lose commits. */
const OLDEST_SQLITE = [3, 51, 3] as const;

/**
 * Opens a SQLite database with the pragmas that every open needs, and looks it over. The connection holds the file
 * for itself (locking_mode EXCLUSIVE): the operating system drops the lock when the process dies, however it dies.
 * Throws 'library-damaged', 'library-locked', 'not-writable', 'disk-full'.
 */
export function openDatabase(options: OpenDatabase): Db {
  return inLibraryWords(options.file, () => {
    refuseForeignFile(options.file);
    const { nativeBinding } = options;
    const db = new Database(options.file, { timeout: 1000, ...(nativeBinding ? { nativeBinding } : {}) });
    try {
      if (options.pageBytes !== undefined) db.pragma(`page_size = ${options.pageBytes}`);
      setPragmas(db, options.synchronous);
      lookOver(db, options.file);
    } catch (error) {
      db.close();
      throw error;
    }
    return db;
  });
}

/** Deletes a database that can be made again, with the files that SQLite keeps beside it. */
export function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
}

function setPragmas(db: Db, synchronous: 'FULL' | 'OFF'): void {
  db.pragma('trusted_schema = OFF');
  db.pragma('cell_size_check = ON');
  db.pragma('foreign_keys = ON');
  db.pragma('locking_mode = EXCLUSIVE');
  db.pragma('journal_mode = WAL');
  db.pragma(`journal_size_limit = ${64 << 20}`);
  // better-sqlite3 is compiled to fall back to NORMAL for a WAL database on every open.
  db.pragma(`synchronous = ${synchronous}`);
}

function lookOver(db: Db, file: string): void {
  const version = String(db.prepare('SELECT sqlite_version()').pluck().get());
  if (isOlder(version)) {
    throw new LamellaError('internal', `SQLite ${version} is too old: it can lose commits.`, {
      hint: `Lamella needs SQLite ${OLDEST_SQLITE.join('.')} or newer: run npm ci again.`,
      fields: { version },
    });
  }
  const problems = db.pragma('quick_check(3)') as readonly { quick_check: string }[];
  if (problems[0]?.quick_check !== 'ok') {
    throw new LamellaError('library-damaged', `${file} is damaged: ${problems.map((p) => p.quick_check).join('; ')}.`, {
      hint: 'Close Lamella, copy the folder, then put the newest library.db.backup-… of the folder in the place of library.db.',
      fields: { file },
    });
  }
}

function isOlder(version: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [i, least] of OLDEST_SQLITE.entries()) {
    if ((parts[i] ?? 0) !== least) return (parts[i] ?? 0) < least;
  }
  return false;
}

/** A file that does not start as SQLite's do is never opened, so never overwritten. Empty counts as new. */
function refuseForeignFile(file: string): void {
  const head = Buffer.alloc(16);
  let read = 0;
  try {
    const fd = openSync(file, 'r');
    try {
      read = readSync(fd, head, 0, 16, 0);
    } finally {
      closeSync(fd);
    }
  } catch {
    return;
  }
  if (read > 0 && head.toString('latin1') !== 'SQLite format 3\0') {
    throw new LamellaError('library-damaged', `${file} is not a SQLite database.`, {
      hint: 'Put the newest library.db.backup-… of the folder in its place, or choose another folder.',
      fields: { file },
    });
  }
}
