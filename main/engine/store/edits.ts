import type { Db } from './database.ts';
import type { ReadHandle, Row, UndoableTable, WriteHandle } from './library-store.ts';
import { identifier } from './statements.ts';
import type { Statements } from './statements.ts';

/** The row before and after one write; null = there was, or is, no row. */
interface Change {
  readonly table: UndoableTable;
  readonly id: string;
  readonly before: Row | null;
  readonly after: Row | null;
}

interface HistoryRow {
  readonly id: number;
  readonly label: string;
  readonly changes: string;
}

/** Tables whose rows other rows point at: undoing an insert hides the row and keeps what hangs on it. */
const hiddenNotDeleted: ReadonlySet<UndoableTable> = new Set([
  'dataset',
  'stack',
  'volume',
  'publication',
  'block_set',
  'block_stack',
  'registration',
  'atlas',
  'region_result',
]);

const undoableTables: ReadonlySet<string> = new Set<UndoableTable>([
  'dataset',
  'tile_review',
  'stack',
  'volume',
  'annotation',
  'publication',
  'shape',
  'saved_view',
  'legend',
  'watch_limit',
  'alarm_seen',
  'block_set',
  'block_stack',
  'registration',
  'atlas',
  'region_result',
]);

/**
 * Transactions of a library, and their undoing. An edit's row images go to the table `history` in the edit's own
 * transaction, so undo and redo survive a restart and a kill. Undo and redo walk the history strictly in order; an
 * edit after an undo discards what could have been redone.
 */
export class Edits {
  readonly #db: Db;
  readonly #sql: Statements;
  readonly #now: () => Date;

  constructor(db: Db, sql: Statements, now: () => Date) {
    this.#db = db;
    this.#sql = sql;
    this.#now = now;
  }

  edit<T>(label: string, change: (tx: WriteHandle) => T): T {
    return this.#transaction(() => {
      const changes: Change[] = [];
      const result = change(this.#handle(changes));
      const kept = changes.filter(({ before, after }) => encode(before) !== encode(after));
      if (kept.length > 0) this.#remember(label, kept);
      return result;
    });
  }

  record<T>(change: (tx: WriteHandle) => T): T {
    return this.#transaction(() => change(this.#handle(null)));
  }

  undo(): string | null {
    return this.#transaction(() => {
      const step = this.#sql.get<HistoryRow>(
        'SELECT id, label, changes FROM history WHERE undone = 0 ORDER BY id DESC LIMIT 1',
      );
      if (!step) return null;
      for (const { table, id, before } of decodeChanges(step.changes).reverse()) this.#restore(table, id, before);
      this.#sql.run('UPDATE history SET undone = 1 WHERE id = ?', step.id);
      return step.label;
    });
  }

  redo(): string | null {
    return this.#transaction(() => {
      const step = this.#sql.get<HistoryRow>(
        'SELECT id, label, changes FROM history WHERE undone = 1 ORDER BY id LIMIT 1',
      );
      if (!step) return null;
      for (const { table, id, after } of decodeChanges(step.changes)) this.#restore(table, id, after);
      this.#sql.run('UPDATE history SET undone = 0 WHERE id = ?', step.id);
      return step.label;
    });
  }

  #transaction<T>(work: () => T): T {
    return this.#db.inTransaction ? work() : this.#db.transaction(work).immediate();
  }

  #remember(label: string, changes: readonly Change[]): void {
    this.#sql.run('DELETE FROM history WHERE undone = 1');
    this.#sql.run(
      'INSERT INTO history (label, changes, at) VALUES (?, ?, ?)',
      label,
      encode(changes),
      this.#now().toISOString(),
    );
  }

  #restore(table: UndoableTable, id: string, row: Row | null): void {
    if (row) this.#upsert(table, row);
    else if (hiddenNotDeleted.has(table)) this.#sql.run(`UPDATE ${identifier(table)} SET removed = 1 WHERE id = ?`, id);
    else this.#sql.run(`DELETE FROM ${identifier(table)} WHERE id = ?`, id);
  }

  #upsert(table: UndoableTable, row: Row): void {
    this.#sql.insert(table, row, orUpdate(row, ['id']));
  }

  #handle(changes: Change[] | null): WriteHandle {
    const sql = this.#sql;
    const rowOf = (table: UndoableTable, id: string): Row | null =>
      sql.get<Row>(`SELECT * FROM ${identifier(table)} WHERE id = ?`, id) ?? null;
    const noting = (table: UndoableTable, id: string, write: (before: Row | null) => void): void => {
      if (!undoableTables.has(table)) throw new TypeError(`the rows of ${table} are not undoable`);
      const before = rowOf(table, id);
      write(before);
      changes?.push({ table, id, before, after: rowOf(table, id) });
    };
    const read: ReadHandle = { all: sql.all.bind(sql), get: sql.get.bind(sql), each: sql.each.bind(sql) };
    return {
      ...read,
      put: (table, row) => noting(table, idOf(row), (before) => this.#upsert(table, { ...before, ...row })),
      remove: (table, key) => noting(table, key, () => sql.run(`DELETE FROM ${identifier(table)} WHERE id = ?`, key)),
      insertMany: (table, rows, key) => {
        for (const row of rows) sql.insert(table, row, key ? orUpdate(row, key) : '');
      },
      run: (text, ...values) => sql.run(text, ...values),
    };
  }
}

function orUpdate(row: Row, key: readonly string[]): string {
  const others = Object.keys(row)
    .filter((column) => !key.includes(column))
    .map(identifier);
  const updates = others.map((column) => `${column} = excluded.${column}`).join(', ');
  return `ON CONFLICT (${key.map(identifier).join(', ')}) DO ${updates === '' ? 'NOTHING' : `UPDATE SET ${updates}`}`;
}

function idOf(row: Row): string {
  const id = row['id'];
  if (typeof id !== 'string') throw new TypeError('an undoable row has a text id');
  return id;
}

/** JSON cannot hold bytes or big integers: they go as one-key objects. */
const encode = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return { $int: String(item) };
    return isBytesJson(item) ? { $bytes: Buffer.from(item.data).toString('base64') } : plainBytes(item);
  });

/** JSON.stringify has already called toJSON on a Buffer when the replacer sees it. */
function isBytesJson(item: unknown): item is { type: 'Buffer'; data: number[] } {
  return (
    typeof item === 'object' &&
    item !== null &&
    'type' in item &&
    item.type === 'Buffer' &&
    'data' in item &&
    Array.isArray(item.data)
  );
}

const plainBytes = (item: unknown): unknown =>
  item instanceof Uint8Array ? { $bytes: Buffer.from(item).toString('base64') } : item;

function decodeChanges(text: string): Change[] {
  return JSON.parse(text, (_key, item: unknown): unknown => {
    if (typeof item !== 'object' || item === null) return item;
    if ('$bytes' in item) return Buffer.from(String(item.$bytes), 'base64');
    return '$int' in item ? BigInt(String(item.$int)) : item;
  }) as Change[];
}
