import { rmSync, statSync } from 'node:fs';
import { openDatabase } from './database.ts';
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

const SCHEMA = `CREATE TABLE IF NOT EXISTS blob (
  key TEXT PRIMARY KEY, size INTEGER NOT NULL, used INTEGER NOT NULL, bytes BLOB NOT NULL
) STRICT; CREATE INDEX IF NOT EXISTS blob_by_use ON blob(used);`;

const BATCH_BYTES = 8 << 20;
const BATCH_MS = 200;
/** After evicting, the cache is this full, so that it does not evict for every put. */
const LOW_WATER = 0.9;
const PAUSE_AFTER_FAILURE_MS = 30_000;

/**
 * Blobs by key in a SQLite file of their own. Everything in it can be made again, so a damaged file is deleted and
 * a full disk only means that nothing is kept. No method throws.
 */
export class BrickCache implements BlobCache {
  readonly #options: CacheOptions;
  #db: Db | null = null;
  #sql: Statements | null = null;
  #bytes = 0;
  #entries = 0;
  #clock = 0;
  #soon = new Map<string, Uint8Array>();
  #soonBytes = 0;
  #touched = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #pausedUntil = 0;

  constructor(options: CacheOptions) {
    this.#options = options;
    this.#open();
  }

  get(key: string): Uint8Array | undefined {
    const waiting = this.#soon.get(key);
    if (waiting) return waiting;
    const row = this.#guard((sql) => sql.get<{ bytes: Buffer }>('SELECT bytes FROM blob WHERE key = ?', key));
    if (!row) return undefined;
    this.#touched.add(key);
    this.#schedule();
    return new Uint8Array(row.bytes.buffer, row.bytes.byteOffset, row.bytes.byteLength);
  }

  put(key: string, bytes: Uint8Array): void {
    this.putSoon(key, bytes);
    this.flush();
  }

  putSoon(key: string, bytes: Uint8Array): void {
    if (bytes.byteLength > this.#options.capBytes || Date.now() < this.#pausedUntil) return;
    this.#soonBytes += bytes.byteLength - (this.#soon.get(key)?.byteLength ?? 0);
    this.#soon.set(key, bytes);
    if (this.#soonBytes >= BATCH_BYTES) this.flush();
    else this.#schedule();
  }

  stats(): ReturnType<BlobCache['stats']> {
    return { entries: this.#entries, bytes: this.#bytes, capBytes: this.#options.capBytes };
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
        for (const [key, bytes] of blobs) this.#write(sql, key, bytes);
        this.#evict(sql);
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

  #write(sql: Statements, key: string, bytes: Uint8Array): void {
    const old = sql.get<{ size: number }>('SELECT size FROM blob WHERE key = ?', key);
    sql.run(
      'INSERT OR REPLACE INTO blob (key, size, used, bytes) VALUES (?, ?, ?, ?)',
      key,
      bytes.byteLength,
      ++this.#clock,
      bytes,
    );
    this.#bytes += bytes.byteLength - (old?.size ?? 0);
    this.#entries += old ? 0 : 1;
  }

  #evict(sql: Statements): void {
    if (this.#bytes <= this.#options.capBytes) return;
    const oldest = sql.all<{ key: string; size: number }>('SELECT key, size FROM blob ORDER BY used LIMIT 100');
    for (const { key, size } of oldest) {
      if (this.#bytes <= this.#options.capBytes * LOW_WATER) return;
      sql.run('DELETE FROM blob WHERE key = ?', key);
      this.#bytes -= size;
      this.#entries -= 1;
    }
    if (oldest.length > 0) this.#evict(sql);
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
        : openDatabase({ file, synchronous: 'OFF', nativeBinding }),
    );
  }

  #start(db: Db): void {
    try {
      db.exec(SCHEMA);
      const sql = new Statements(db);
      this.#count(sql);
      [this.#db, this.#sql] = [db, sql];
    } catch (error) {
      db.close();
      throw error;
    }
  }

  #remake(): void {
    this.#db?.close();
    [this.#db, this.#sql] = [null, null];
    if (this.#options.file !== null) removeDatabase(this.#options.file);
    this.#openOnce();
  }

  /** A file does not shrink by evicting: where the cap was lowered, it is made again. */
  #dropIfTooBig(file: string): void {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > this.#options.capBytes * 1.25 + (64 << 20)) removeDatabase(file);
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

function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
