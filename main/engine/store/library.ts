import { createHash } from 'node:crypto';
import { accessSync, constants, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import { LamellaError, isLamellaError } from '../../../preload/contract/errors.ts';
import { BrickCache } from './brick-cache.ts';
import { openDatabase } from './database.ts';
import type { Db } from './database.ts';
import { Edits } from './edits.ts';
import { DB_FILE, OURS, prepareFolder, refuseEmptied } from './library-folder.ts';
import { forgetHolder, holderOf, locked, nameHolder, refuseIfHeld } from './folder-lock.ts';
import { cacheCapKey, type LibraryStore, type WriteHandle } from './library-store.ts';
import { migrate, schemaState } from './migrate.ts';
import { asLibraryError } from './sqlite-errors.ts';
import { Statements } from './statements.ts';

export interface OpenLibrary {
  readonly folder: string;
  /** Make a library where none is; 'not-found' where this is false and there is none. */
  readonly create: boolean;
  /** Open it for reading even where it could be written. */
  readonly readOnly?: boolean;
  readonly cacheBytes: number;
  readonly nativeBinding?: string | undefined;
  readonly now: () => Date;
  readonly log: (line: string) => void;
}

/** A cache in memory, for a library that cannot be written. */
const MEMORY_CACHE_BYTES = 64 << 20;

type WhyReadOnly = 'asked' | 'folder' | 'newer';

/** An open library folder. One process at a time may have it. */
export class Library implements LibraryStore {
  readonly id: string;
  readonly folder: string;
  readonly name: string;
  readonly read: Statements;
  readonly cache: BrickCache;
  readonly #db: Db;
  readonly #edits: Edits;
  readonly #whyReadOnly: WhyReadOnly | null;
  readonly #onClose: () => void;

  private constructor(options: OpenLibrary, opened: Opened) {
    this.folder = options.folder;
    this.id = libraryId(options.folder);
    this.name = basename(options.folder) || options.folder;
    this.#db = opened.db;
    this.#whyReadOnly = opened.whyReadOnly;
    this.#onClose = opened.onClose;
    this.read = new Statements(opened.db);
    this.#edits = new Edits(opened.db, this.read, options.now);
    const { nativeBinding, log } = options;
    const cacheBytes = this.#keptCap() ?? options.cacheBytes;
    this.cache = new BrickCache(
      opened.whyReadOnly === null || opened.whyReadOnly === 'newer'
        ? { file: join(options.folder, 'cache.db'), capBytes: cacheBytes, nativeBinding, log }
        : { file: null, capBytes: Math.min(cacheBytes, MEMORY_CACHE_BYTES), nativeBinding, log },
    );
  }

  /**
   * Opens a library folder. Throws 'not-found', 'conflict' (something else is there), 'library-locked',
   * 'library-damaged', 'not-writable', 'disk-full'.
   */
  static open(asked: OpenLibrary): Library {
    const folder = prepareFolder(resolve(asked.folder), asked.create);
    const options = { ...asked, folder };
    try {
      const library = new Library(options, openFiles(options));
      if (!library.readOnly) for (const name of OURS) mkdirSync(join(folder, name), { recursive: true });
      return library;
    } catch (error) {
      if (isLamellaError(error, 'library-locked')) throw locked(folder, holderOf(folder), error.hint);
      throw asLibraryError(error, join(folder, DB_FILE));
    }
  }

  get readOnly(): boolean {
    return this.#whyReadOnly !== null;
  }

  edit<T>(label: string, change: (tx: WriteHandle) => T): T {
    return this.#writing(() => this.#edits.edit(label, change));
  }

  record<T>(change: (tx: WriteHandle) => T): T {
    return this.#writing(() => this.#edits.record(change));
  }

  undo(): string | null {
    return this.#writing(() => this.#edits.undo());
  }

  redo(): string | null {
    return this.#writing(() => this.#edits.redo());
  }

  pathOf(...parts: readonly string[]): string {
    const path = resolve(this.folder, ...parts);
    const inside = relative(this.folder, path);
    if (inside.startsWith('..') || isAbsolute(inside) || path.includes('\0')) {
      throw new LamellaError('forbidden', `${parts.join('/')} leads out of the library.`, {
        hint: 'The library is damaged or was made by hand: run library check.',
        fields: { path: parts.join('/') },
      });
    }
    return path;
  }

  /** Every problem that SQLite finds in library.db; slow for a large one. */
  problems(): string[] {
    const rows = this.#db.pragma('integrity_check(100)') as readonly { integrity_check: string }[];
    const dangling = this.#db.pragma('foreign_key_check') as readonly { table: string; parent: string }[];
    return [
      ...rows.map((row) => row.integrity_check).filter((text) => text !== 'ok'),
      ...dangling.map(({ table, parent }) => `a row of ${table} points at a missing row of ${parent}`),
    ];
  }

  close(): void {
    if (!this.#db.open) return;
    this.cache.close();
    this.#db.close();
    this.#onClose();
  }

  /** The cap of the cache that the user set for this library. */
  #keptCap(): number | null {
    const row = this.read.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', cacheCapKey);
    const bytes = Number(row?.value);
    return row && Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null;
  }

  #writing<T>(work: () => T): T {
    if (this.#whyReadOnly) throw readOnlyError(this.folder, this.#whyReadOnly);
    try {
      return work();
    } catch (error) {
      throw asLibraryError(error, join(this.folder, DB_FILE));
    }
  }
}

interface Opened {
  readonly db: Db;
  readonly whyReadOnly: WhyReadOnly | null;
  readonly onClose: () => void;
}

/** The id of a library is that of its folder, so the window can go on naming it after the engine restarted. */
export function libraryId(folder: string): string {
  return `library-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
}

function openFiles(options: OpenLibrary): Opened {
  const file = join(options.folder, DB_FILE);
  refuseEmptied(options.folder, file);
  if (options.readOnly) return openReadOnly(options, 'asked');
  if (existsSync(file) && !(isWritable(options.folder) && isWritable(file))) return openReadOnly(options, 'folder');
  refuseIfHeld(options.folder);
  const db = openDatabase({ file, synchronous: 'FULL', nativeBinding: options.nativeBinding });
  try {
    // SQLite's lock is ours now, so whoever the lock file names is gone.
    nameHolder(options.folder);
    const newer = schemaState(db, file) === 'newer';
    if (newer) {
      db.pragma('query_only = ON');
      options.log(readOnlyError(options.folder, 'newer').message);
    } else {
      migrate(db, file);
    }
    return { db, whyReadOnly: newer ? 'newer' : null, onClose: () => forgetHolder(options.folder) };
  } catch (error) {
    db.close();
    forgetHolder(options.folder);
    throw error;
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * A database in WAL mode needs side files, which a read-only folder cannot hold, so a copy is read: a library.db holds
 * rows, not pixels. The log is copied with it, for the commits that are not in the file yet.
 */
function openReadOnly(options: OpenLibrary, why: WhyReadOnly): Opened {
  const copy = mkdtempSync(join(tmpdir(), 'lamella-read-'));
  const onClose = (): void => rmSync(copy, { recursive: true, force: true });
  try {
    for (const suffix of ['', '-wal']) {
      const file = join(options.folder, DB_FILE + suffix);
      if (existsSync(file)) copyFileSync(file, join(copy, DB_FILE + suffix));
    }
    const file = join(copy, DB_FILE);
    const db = openDatabase({ file, synchronous: 'OFF', nativeBinding: options.nativeBinding });
    if (schemaState(db, file) !== 'newer') migrate(db, file);
    db.pragma('query_only = ON');
    return { db, whyReadOnly: why, onClose };
  } catch (error) {
    onClose();
    throw error;
  }
}

function readOnlyError(folder: string, why: WhyReadOnly): LamellaError {
  if (why === 'newer') {
    return new LamellaError(
      'library-newer',
      `The library ${folder} was written by a newer Lamella, so this one only reads it.`,
      { hint: 'Install the newer Lamella to change it.', fields: { folder } },
    );
  }
  const hint =
    why === 'folder'
      ? 'Ask for the right to write in the folder, or copy the library to a place of your own.'
      : 'Open it without asking for read-only.';
  return new LamellaError('not-writable', `The library ${folder} is open for reading only.`, {
    hint,
    fields: { folder },
  });
}
