/** A library folder that is open: `library.db` (the user's work), `cache.db` (disposable), `volumes/`, `blobs/`. */
export interface LibraryStore {
  /** Short id for the wire. */
  readonly id: string;
  readonly folder: string;
  readonly name: string;
  readonly readOnly: boolean;
  /** Reads. Prepared statements are kept. Parameters are always bound. */
  readonly read: ReadHandle;
  /** Decoded bricks and thumbnails; losing it loses nothing. */
  readonly cache: BlobCache;
  /**
   * One undoable step: everything that `change` does through the handle is one transaction and one entry of the
   * history. Throws LamellaError 'not-writable' where the library is read-only, 'disk-full' where it is.
   */
  edit<T>(label: string, change: (tx: WriteHandle) => T): T;
  /** A transaction that is not undoable: job rows, the ledger, things derived from files. */
  record<T>(change: (tx: WriteHandle) => T): T;
  undo(): string | null;
  redo(): string | null;
  /** `volumes/<volumeId>` and such; always inside the library folder. */
  pathOf(...parts: readonly string[]): string;
}

/** Row of the table `meta` that holds the cap of the cache, in bytes. */
export const cacheCapKey = 'cache-cap-bytes';

export type SqlValue = string | number | bigint | Uint8Array | null;
export type Row = Readonly<Record<string, SqlValue>>;

export interface ReadHandle {
  all<R extends object>(sql: string, ...values: readonly SqlValue[]): R[];
  get<R extends object>(sql: string, ...values: readonly SqlValue[]): R | undefined;
  /** Rows one at a time, for what does not fit in memory. */
  each<R extends object>(sql: string, ...values: readonly SqlValue[]): IterableIterator<R>;
}

/**
 * Writes by primary key, so that each step knows its own inverse: `before` and `after` images of every row touched in
 * an `edit` go to the history. Bulk rows that belong to an undoable parent row (tiles of a dataset, links of a stack)
 * are written with `insertMany` and never undone themselves: undoing hides the parent (`removed = 1`).
 */
export interface WriteHandle extends ReadHandle {
  /** Inserts, or replaces the row of the same primary key. */
  put(table: UndoableTable, row: Row): void;
  /** Deletes by primary key. */
  remove(table: UndoableTable, key: string): void;
  /** `key`: columns by which a row that is there already is found, and changed. */
  insertMany(table: string, rows: Iterable<Row>, key?: readonly string[]): void;
  /** Not undoable; only inside `record` and for derived rows. */
  run(sql: string, ...values: readonly SqlValue[]): number;
}

/** Tables whose rows are the user's decisions; each has a single-column primary key `id`. */
export type UndoableTable =
  | 'dataset'
  | 'tile_review'
  | 'stack'
  | 'volume'
  | 'annotation'
  | 'publication'
  | 'shape'
  | 'saved_view'
  | 'legend'
  | 'watch_limit'
  | 'alarm_seen'
  | 'block_set'
  | 'block_stack'
  | 'registration'
  | 'atlas'
  | 'region_result';

/** `cache.db`: blobs by key, capped, least recently used out first, pinned ones last. */
export interface BlobCache {
  get(key: string): Uint8Array | undefined;
  put(key: string, bytes: Uint8Array): void;
  /** Written later, together with others in one transaction; lost in a crash without harm. */
  putSoon(key: string, bytes: Uint8Array, options?: { readonly pinned?: boolean }): void;
  /** Takes out every blob whose key begins so. */
  removeBelow(prefix: string): void;
  clear(): void;
  /** At most this much from now on, for as long as the library is open; see `cacheCapKey`. */
  setCap(capBytes: number): void;
  stats(): { readonly entries: number; readonly bytes: number; readonly capBytes: number };
}
