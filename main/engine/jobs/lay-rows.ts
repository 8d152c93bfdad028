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
  do {
    const some: Row[] = [];
    for (let next = left.next(); ; next = left.next()) {
      if (next.done !== true) some.push(next.value);
      const isLast = next.done === true;
      if (!isLast && some.length < fewRows) continue;
      tx.insertMany(table, some, key);
      if (isLast) return true;
      break;
    }
  } while (performance.now() < until);
  return false;
}
