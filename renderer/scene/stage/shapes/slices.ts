/** Work in pieces: whoever yields may be stopped there and go on later. Returns what it made. */
export type Sliced<T> = Generator<undefined, T, undefined>;

/** How many rounds of a loop pass before it yields: some tens of microseconds. */
export const roundsPerSlice = 4096;

/** Pieces of work in the order they came. */
export class SlicedWork {
  readonly #queue: { readonly key: object; readonly work: Sliced<void> }[] = [];

  add(key: object, work: Sliced<void>): void {
    this.#queue.push({ key, work });
  }

  /** Takes back what is not done for a key. */
  drop(isDropped: (key: object) => boolean): void {
    for (let i = this.#queue.length - 1; i >= 0; i--) if (isDropped(this.#queue[i]!.key)) this.#queue.splice(i, 1);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Works until the time is up (`performance.now()`); true while there is more. */
  run(until: number): boolean {
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      do {
        if (performance.now() >= until) return true;
      } while (next.work.next().done !== true);
      this.#queue.shift();
    }
    return false;
  }
}

/** All of it at once. */
export function finish<T>(work: Sliced<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
