interface Held<V> {
  readonly value: Promise<V>;
  bytes: number;
}

/** The last values made, by what they weigh. Whoever asks while one is being made waits for it; failures are forgotten. */
export class Remembered<V> {
  readonly #mostBytes: number;
  readonly #weigh: (value: V) => number;
  /** Oldest first. */
  readonly #held = new Map<string, Held<V>>();
  #bytes = 0;

  constructor(mostBytes: number, weigh: (value: V) => number) {
    this.#mostBytes = mostBytes;
    this.#weigh = weigh;
  }

  get(key: string, make: () => Promise<V>): Promise<V> {
    const found = this.#held.get(key);
    if (found) {
      this.#held.delete(key);
      this.#held.set(key, found);
      return found.value;
    }
    const held: Held<V> = { value: make(), bytes: 0 };
    this.#held.set(key, held);
    held.value.then(
      (value) => this.#weighed(key, held, this.#weigh(value)),
      () => this.#forget(key, held),
    );
    return held.value;
  }

  #weighed(key: string, held: Held<V>, bytes: number): void {
    if (this.#held.get(key) !== held) return;
    held.bytes = bytes;
    this.#bytes += bytes;
    for (const [oldest, old] of this.#held) {
      if (this.#bytes <= this.#mostBytes) return;
      this.#forget(oldest, old);
    }
  }

  #forget(key: string, held: Held<V>): void {
    if (this.#held.get(key) !== held) return;
    this.#held.delete(key);
    this.#bytes -= held.bytes;
  }
}
