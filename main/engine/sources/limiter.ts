import { cancelled, checkSignal } from './keys.ts';

/**
 * How many requests one server gets at once: halves when it says that it is too much, grows by one for each round of
 * successes.
 */
export class Limiter {
  readonly #most: number;
  #limit: number;
  #active = 0;
  #good = 0;
  readonly #waiting: Array<() => void> = [];

  constructor(most: number) {
    this.#most = most;
    this.#limit = most;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Nothing runs and nothing waits. */
  get idle(): boolean {
    return this.#active === 0 && this.#waiting.length === 0 && this.#limit === this.#most;
  }

  /** Runs `work` when its turn comes. Throws 'cancelled' where the signal comes first. */
  async run<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    checkSignal(signal);
    if (this.#active >= this.#limit) await this.#turn(signal);
    else this.#active++;
    try {
      return await work();
    } finally {
      this.#active--;
      this.#wake();
    }
  }

  slower(): void {
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
    this.#good = 0;
  }

  succeeded(): void {
    if (this.#limit === this.#most || ++this.#good < this.#limit) return;
    this.#good = 0;
    this.#limit++;
    this.#wake();
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      const stop = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        reject(cancelled());
      };
      signal?.addEventListener('abort', stop, { once: true });
      this.#waiting.push(go);
    });
  }

  #wake(): void {
    while (this.#active < this.#limit) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#active++;
      next();
    }
  }
}
