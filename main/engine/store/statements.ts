import type Database from 'better-sqlite3';
import type { Db } from './database.ts';
import type { ReadHandle, Row, SqlValue } from './library-store.ts';

const KEPT = 300;

/** Prepared statements by their text, the ones used least recently dropped first. */
export class Statements implements ReadHandle {
  readonly #db: Db;
  readonly #prepared = new Map<string, Database.Statement<SqlValue[]>>();

  constructor(db: Db) {
    this.#db = db;
  }

  of(sql: string): Database.Statement<SqlValue[]> {
    const statement = this.#prepared.get(sql) ?? this.#db.prepare<SqlValue[]>(sql);
    this.#prepared.delete(sql);
    this.#prepared.set(sql, statement);
    if (this.#prepared.size > KEPT) this.#prepared.delete(this.#prepared.keys().next().value ?? '');
    return statement;
  }

  all<R extends object>(sql: string, ...values: readonly SqlValue[]): R[] {
    return this.of(sql).all(...values) as R[];
  }

  get<R extends object>(sql: string, ...values: readonly SqlValue[]): R | undefined {
    return this.of(sql).get(...values) as R | undefined;
  }

  /** Nothing can be written while a row is being looked at: take what is needed, and write after the loop. */
  each<R extends object>(sql: string, ...values: readonly SqlValue[]): IterableIterator<R> {
    return this.#db.prepare<SqlValue[]>(sql).iterate(...values) as IterableIterator<R>;
  }

  run(sql: string, ...values: readonly SqlValue[]): number {
    return this.of(sql).run(...values).changes;
  }

  insert(table: string, row: Row, onConflict = ''): void {
    const columns = Object.keys(row).map(identifier);
    const places = columns.map(() => '?').join(', ');
    this.run(
      `INSERT INTO ${identifier(table)} (${columns.join(', ')}) VALUES (${places}) ${onConflict}`,
      ...Object.values(row),
    );
  }
}

/** Names of tables and columns cannot be bound, so they are only ever plain words. */
export function identifier(name: string): string {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new TypeError(`not a name of a table or column: ${JSON.stringify(name)}`);
  return `"${name}"`;
}
