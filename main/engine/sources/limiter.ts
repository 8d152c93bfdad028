import { cancelled, checkSignal } from './keys.ts';

/** Places lent at once, for each place there is. */
export const mostLent = 3;

/**
 * How many requests one server gets at once: halves when it says that it is too much, grows by one for each round of
 * successes.
 */
export class Limiter {
  readonly #most: number;
  #limit: number;
  #active = 0;
  #good = 0;
  /** Running, but their places were given to others. */
  #lent = 0;
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
    return this.#active + this.#lent === 0 && this.#waiting.length === 0 && this.#limit === this.#most;
  }

  /**
   * Runs `work` when its turn comes. What turns out to be stuck calls `lend`, and another takes its place meanwhile: a
   * few that never end must not stop all others. Throws 'cancelled' where the signal comes first.
   */
  async run<T>(signal: AbortSignal | undefined, work: (lend: () => void) => Promise<T>): Promise<T> {
    checkSignal(signal);
    if (this.#active >= this.#limit) await this.#turn(signal);
    else this.#active++;
    let holds = true;
    const lend = (): void => {
      if (!holds || this.#lent >= this.#most * mostLent) return;
      holds = false;
      this.#lent++;
      this.#leave();
    };
    try {
      return await work(lend);
    } finally {
      if (holds) this.#leave();
      else this.#lent--;
    }
  }

  #leave(): void {
    this.#active--;
    this.#wake();
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
