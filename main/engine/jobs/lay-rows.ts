import type { LibraryStore, Row, WriteHandle } from '../store/library-store.ts';

/** Of one transaction: others of the engine wait no longer than for that and its way to the disk. */
const transactionMs = 30;
/** Rows between two looks at the clock. */
const fewRows = 32;

export interface Laying {
  readonly library: LibraryStore;
  readonly signal: AbortSignal;
}

/**
 * Writes the many rows of a parent that is hidden (`removed = 1`) until the job's last transaction shows it: in short
 * transactions, so that the engine goes on answering meanwhile. `key`: rows of the same key, left by a run that was
 * killed, are written over.
 */
export async function layRows(
  { library, signal }: Laying,
  table: string,
  rows: Iterable<Row>,
  key?: readonly string[],
): Promise<void> {
  const left = rows[Symbol.iterator]();
  for (let isDone = false; !isDone;) {
    isDone = library.record((tx) => laySome(tx, table, left, key));
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
}

/** Says whether that were all. */
function laySome(tx: WriteHandle, table: string, left: Iterator<Row>, key?: readonly string[]): boolean {
  const until = performance.now() + transactionMs;
  for (let rows = 1; ; rows++) {
    const next = left.next();
    if (next.done === true) return true;
    tx.insertMany(table, [next.value], key);
    if (rows % fewRows === 0 && performance.now() >= until) return false;
  }
}
