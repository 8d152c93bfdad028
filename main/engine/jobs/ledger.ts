import type { Warning } from '../../../preload/contract/reference.ts';
import type { LibraryStore } from '../store/library-store.ts';

/** What the ledger knows of a finished unit. */
export interface LedgerEntry {
  readonly output: unknown;
  readonly warnings: readonly Warning[];
}

interface Finished extends LedgerEntry {
  readonly key: string;
  readonly job: string;
  readonly onWritten: () => void;
  readonly onFailed: (error: unknown) => void;
}

/**
 * The finished units of a library, by key, whatever job finished them. `add` settles when the row is on the disk; units
 * that finish in the same turn of the event loop share one transaction.
 */
export class Ledger {
  readonly #library: LibraryStore;
  readonly #now: () => Date;
  #finished: Finished[] = [];

  constructor(library: LibraryStore, now: () => Date) {
    this.#library = library;
    this.#now = now;
  }

  find(key: string): LedgerEntry | undefined {
    const row = this.#library.read.get<{ output: string; warning: string | null }>(
      'SELECT output, warning FROM unit WHERE key = ?',
      key,
    );
    if (!row) return undefined;
    return {
      output: JSON.parse(row.output) as unknown,
      warnings: row.warning === null ? [] : (JSON.parse(row.warning) as Warning[]),
    };
  }

  /** Throws 'disk-full' or 'not-writable'; then the unit counts as not done. */
  add(job: string, key: string, entry: LedgerEntry): Promise<void> {
    return new Promise((onWritten, onFailed) => {
      if (this.#finished.length === 0) setImmediate(() => this.#write());
      this.#finished.push({ ...entry, job, key, onWritten, onFailed });
    });
  }

  #write(): void {
    const finished = this.#finished;
    this.#finished = [];
    try {
      const at = this.#now().toISOString();
      this.#library.record((tx) => {
        for (const { key, job, output, warnings } of finished) {
          const warning = warnings.length > 0 ? JSON.stringify(warnings) : null;
          tx.run(
            'INSERT OR REPLACE INTO unit (key, job, output, warning, done_at) VALUES (?, ?, ?, ?, ?)',
            key,
            job,
            JSON.stringify(output ?? null),
            warning,
            at,
          );
        }
      });
      for (const { onWritten } of finished) onWritten();
    } catch (error) {
      for (const { onFailed } of finished) onFailed(error);
    }
  }
}
