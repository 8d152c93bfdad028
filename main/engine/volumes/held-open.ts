import type { LibraryStore } from '../store/library-store.ts';

interface Held<T> {
  readonly library: LibraryStore;
  /** What it was opened from; another one is opened anew. */
  readonly row: string;
  readonly opened: Promise<T>;
}

/** Things of libraries that stay open while they are looked at, by an id; those looked at least recently are closed. */
export class HeldOpen<T extends { close(): Promise<void> }> {
  readonly #most: number;
  /** Least recently used first. */
  readonly #held = new Map<string, Held<T>>();

  /** `most`: open at once. */
  constructor(most: number) {
    this.#most = most;
  }

  /** What is open, else what `open` gives. A failure is tried again the next time. */
  get(library: LibraryStore, id: string, row: string, open: () => Promise<T>): Promise<T> {
    const key = keyOf(library, id);
    const held = this.#held.get(key);
    if (held?.library === library && held.row === row) {
      this.#held.delete(key);
      this.#held.set(key, held);
      return held.opened;
    }
    // Held before anything is waited for: who asks meanwhile waits for the same.
    const opened = this.forget(library, id).then(open);
    this.#held.set(key, { library, row, opened });
    opened.catch(() => void (this.#held.get(key)?.opened === opened && this.#held.delete(key)));
    this.#closeOldest();
    return opened;
  }

  /** Closes it, if it is open. */
  async forget(library: LibraryStore, id: string): Promise<void> {
    const key = keyOf(library, id);
    const held = this.#held.get(key);
    this.#held.delete(key);
    await held?.opened.then((opened) => opened.close()).catch(() => undefined);
  }

  /** Closes what is of a library, by its id; of all, where none is named. */
  async closeOf(library?: string): Promise<void> {
    const closed = [...this.#held].filter(([, held]) => library === undefined || held.library.id === library);
    for (const [key] of closed) this.#held.delete(key);
    await Promise.all(closed.map(([, { opened }]) => opened.then((one) => one.close()).catch(() => undefined)));
  }

  #closeOldest(): void {
    for (const [key, { opened }] of this.#held) {
      if (this.#held.size <= this.#most) return;
      this.#held.delete(key);
      void opened.then((one) => one.close()).catch(() => undefined);
    }
  }
}

const keyOf = (library: LibraryStore, id: string): string => `${library.folder}\0${id}`;
