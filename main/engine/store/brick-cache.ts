import { statSync } from 'node:fs';
import { cachePageBytes, spaceOf } from './cache-space.ts';
import { crc32Of } from '../../../native-workers/crc32.ts';
import { openDatabase, removeDatabase } from './database.ts';
import type { Db } from './database.ts';
import type { BlobCache } from './library-store.ts';
import { isDamaged } from './sqlite-errors.ts';
import { Statements } from './statements.ts';
import Database from 'better-sqlite3';

export interface CacheOptions {
  /** null: in memory, for a library whose folder cannot be written. */
  readonly file: string | null;
  readonly capBytes: number;
  readonly nativeBinding?: string | undefined;
  readonly log: (line: string) => void;
}

const SCHEMA_VERSION = 2;
const SCHEMA = `CREATE TABLE IF NOT EXISTS blob (
  key TEXT PRIMARY KEY, size INTEGER NOT NULL, crc INTEGER NOT NULL, pinned INTEGER NOT NULL, used INTEGER NOT NULL, bytes BLOB NOT NULL
) STRICT; CREATE INDEX IF NOT EXISTS blob_by_use ON blob(pinned, used); PRAGMA user_version = ${SCHEMA_VERSION};`;

const BATCH_BYTES = 8 << 20;
const BATCH_MS = 200;
/** After evicting, the cache is this full, so that it does not evict for every put. */
const LOW_WATER = 0.9;
/** Of the cap: what waits to be written at once, and what is kept free for the write-ahead log beside the file. */
const [BATCH_SHARE, LOG_SHARE] = [1 / 64, 1 / 12];
const PAUSE_AFTER_FAILURE_MS = 30_000;
const MOST_SOUND = 100_000;

interface Waiting {
  readonly bytes: Uint8Array;
  readonly pinned: boolean;
}

/**
 * Blobs by key in a SQLite file of their own, whose size with its log stays below the cap. Everything in it can be made
 * again, so a damaged file is deleted, a blob that is not what was put (CRC-32) counts as absent, and a full disk only
 * means that nothing is kept. No method throws.
 */
export class BrickCache implements BlobCache {
  readonly #options: CacheOptions;
  #cap: number;
  #db: Db | null = null;
  #sql: Statements | null = null;
  #bytes = 0;
  #entries = 0;
  #clock = 0;
  #soon = new Map<string, Waiting>();
  #soonBytes = 0;
  #touched = new Set<string>();
  /** Keys whose blobs were read and were what was put. */
  #sound = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #pausedUntil = 0;

  constructor(options: CacheOptions) {
    this.#options = options;
    this.#cap = options.capBytes;
    this.#open();
  }

  get(key: string): Uint8Array | undefined {
    const waiting = this.#soon.get(key);
    if (waiting) return waiting.bytes;
    const row = this.#guard((sql) =>
      sql.get<{ bytes: Buffer; crc: number }>('SELECT bytes, crc FROM blob WHERE key = ?', key),
    );
    if (!row) return undefined;
    if (!this.#sound.has(key) && !this.#isSound(key, row)) return this.#forgetDamaged(key);
    this.#touched.add(key);
    this.#schedule();
    return new Uint8Array(row.bytes.buffer, row.bytes.byteOffset, row.bytes.byteLength);
  }

  /** Disks rot while nobody looks, so what was sound once since the cache was opened is not summed up again. */
  #isSound(key: string, { bytes, crc }: { readonly bytes: Buffer; readonly crc: number }): boolean {
    if (crc32Of(bytes) !== crc) return false;
    if (this.#sound.size >= MOST_SOUND) this.#sound.clear();
    this.#sound.add(key);
    return true;
  }

  put(key: string, bytes: Uint8Array): void {
    this.putSoon(key, bytes);
    this.flush();
  }

  putSoon(key: string, bytes: Uint8Array, options: { readonly pinned?: boolean } = {}): void {
    if (bytes.byteLength > this.#room() || Date.now() < this.#pausedUntil) return;
    this.#soonBytes += bytes.byteLength - (this.#soon.get(key)?.bytes.byteLength ?? 0);
    this.#sound.delete(key);
    this.#soon.set(key, { bytes, pinned: options.pinned ?? false });
    if (this.#soonBytes >= Math.min(BATCH_BYTES, this.#cap * BATCH_SHARE)) this.flush();
    else this.#schedule();
  }

  /** Takes out every blob whose key begins so. */
  removeBelow(prefix: string): void {
    this.flush();
    this.#guard((sql) => {
      const end = `${prefix}\u{10ffff}`;
      sql.run('DELETE FROM blob WHERE key >= ? AND key < ?', prefix, end);
      this.#count(sql);
    });
  }

  clear(): void {
    [this.#soon, this.#touched, this.#soonBytes] = [new Map(), new Set(), 0];
    this.#guard(() => this.#remake());
  }

  setCap(capBytes: number): void {
    this.flush();
    this.#cap = capBytes;
    this.#guard((sql) => {
      this.#limitLog();
      this.#db?.transaction(() => this.#evict(sql, 0))();
      if (this.#pages().file > this.#cap) this.#db?.exec('VACUUM');
    });
  }

  stats(): ReturnType<BlobCache['stats']> {
    return { entries: this.#entries, bytes: this.#bytes, capBytes: this.#cap };
  }

  /** Writes what waits, in one transaction, and evicts what was used least recently until the cap is kept. */
  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const [blobs, touched] = [this.#soon, this.#touched];
    [this.#soon, this.#touched, this.#soonBytes] = [new Map(), new Set(), 0];
    if (blobs.size + touched.size === 0) return;
    const written = this.#guard((sql) => {
      this.#db?.transaction(() => {
        for (const key of touched) sql.run('UPDATE blob SET used = ? WHERE key = ?', ++this.#clock, key);
        // Before the writing, so that the file never grows beyond the cap: what is deleted now is written over.
        this.#evict(sql, spaceOf(blobs.values()));
        for (const [key, waiting] of blobs) this.#write(sql, key, waiting);
      })();
      return true;
    });
    if (written !== true) this.#guard((sql) => this.#count(sql));
  }

  close(): void {
    this.flush();
    this.#db?.close();
    this.#db = null;
    this.#sql = null;
  }

  #write(sql: Statements, key: string, { bytes, pinned }: Waiting): void {
    const old = sql.get<{ size: number }>('SELECT size FROM blob WHERE key = ?', key);
    sql.run(
      'INSERT OR REPLACE INTO blob (key, size, crc, pinned, used, bytes) VALUES (?, ?, ?, ?, ?, ?)',
      key,
      bytes.byteLength,
      crc32Of(bytes),
      pinned ? 1 : 0,
      ++this.#clock,
      bytes,
    );
    this.#bytes += bytes.byteLength - (old?.size ?? 0);
    this.#entries += old ? 0 : 1;
  }

  /** Deletes the least recently used, pinned ones last, until `incoming` bytes of pages fit. */
  #evict(sql: Statements, incoming: number): void {
    if (this.#pages().used + incoming <= this.#room()) return;
    for (;;) {
      const rows = sql.all<{ key: string; size: number }>('SELECT key, size FROM blob ORDER BY pinned, used LIMIT 100');
      if (rows.length === 0) return;
      for (const { key, size } of rows) {
        sql.run('DELETE FROM blob WHERE key = ?', key);
        this.#bytes -= size;
        this.#entries -= 1;
        if (this.#pages().used + incoming <= this.#room() * LOW_WATER) return;
      }
    }
  }

  /** What the file may take up. */
  #room(): number {
    return this.#cap * (1 - LOG_SHARE);
  }

  /** Bytes of the file's pages: all, and those that hold something. */
  #pages(): { readonly file: number; readonly used: number } {
    const value = (name: string): number => Number(this.#db?.pragma(name, { simple: true }) ?? 0);
    const [pages, size] = [value('page_count'), value('page_size')];
    return { file: pages * size, used: (pages - value('freelist_count')) * size };
  }

  #limitLog(): void {
    const batch = Math.min(BATCH_BYTES, this.#cap * BATCH_SHARE);
    this.#db?.pragma(`journal_size_limit = ${Math.floor(batch)}`);
    this.#db?.pragma(`wal_autocheckpoint = ${Math.max(16, Math.floor(batch / cachePageBytes))}`);
  }

  #forgetDamaged(key: string): undefined {
    this.#options.log(`The brick cache held ${key} damaged; it is read again.`);
    this.#guard((sql) => {
      sql.run('DELETE FROM blob WHERE key = ?', key);
      this.#count(sql);
    });
    return undefined;
  }

  #count(sql: Statements): void {
    const row = sql.get<{ n: number; bytes: number; used: number }>(
      'SELECT count(*) AS n, coalesce(sum(size), 0) AS bytes, coalesce(max(used), 0) AS used FROM blob',
    );
    [this.#entries, this.#bytes, this.#clock] = [row?.n ?? 0, row?.bytes ?? 0, row?.used ?? 0];
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.flush(), BATCH_MS).unref();
  }

  #open(): void {
    const { file, nativeBinding } = this.#options;
    if (file !== null) this.#dropIfTooBig(file);
    try {
      this.#openOnce();
    } catch (error) {
      this.#options.log(`The brick cache could not be opened and is made again: ${messageOf(error)}`);
      try {
        this.#remake();
      } catch (again) {
        this.#options.log(`Bricks are kept in memory only: ${messageOf(again)}`);
        this.#start(new Database(':memory:', nativeBinding ? { nativeBinding } : {}));
      }
    }
  }

  #openOnce(): void {
    const { file, nativeBinding } = this.#options;
    this.#start(
      file === null
        ? new Database(':memory:', nativeBinding ? { nativeBinding } : {})
        : openDatabase({ file, synchronous: 'OFF', pageBytes: cachePageBytes, nativeBinding }),
    );
  }

  #start(db: Db): void {
    try {
      const version = db.pragma('user_version', { simple: true });
      if (version !== SCHEMA_VERSION) db.exec('DROP TABLE IF EXISTS blob');
      db.exec(SCHEMA);
      const sql = new Statements(db);
      this.#count(sql);
      [this.#db, this.#sql] = [db, sql];
      this.#limitLog();
    } catch (error) {
      db.close();
      throw error;
    }
  }

  #remake(): void {
    this.#db?.close();
    this.#sound.clear();
    [this.#db, this.#sql] = [null, null];
    if (this.#options.file !== null) removeDatabase(this.#options.file);
    this.#openOnce();
  }

  /** A file does not shrink by evicting: where the cap was lowered, it is made again. */
  #dropIfTooBig(file: string): void {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > this.#cap * 1.25 + (64 << 20)) removeDatabase(file);
  }

  #guard<T>(work: (sql: Statements) => T): T | undefined {
    if (!this.#sql) return undefined;
    try {
      return work(this.#sql);
    } catch (error) {
      this.#options.log(`The brick cache failed: ${messageOf(error)}`);
      this.#pausedUntil = Date.now() + PAUSE_AFTER_FAILURE_MS;
      if (isDamaged(error)) this.#recover();
      return undefined;
    }
  }

  #recover(): void {
    try {
      this.#remake();
      this.#pausedUntil = 0;
    } catch (error) {
      this.#options.log(`The brick cache could not be made again: ${messageOf(error)}`);
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
