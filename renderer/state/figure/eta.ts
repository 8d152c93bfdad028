/** Seconds that are left, by the time that was taken so far. */
export class Eta {
  readonly #now: () => number;
  readonly #began: number;

  /** `now`: milliseconds of any clock. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#began = now();
  }

  /** Null before there is anything to go by. */
  of(done: number, total: number): number | null {
    if (done <= 0 || total <= 0) return null;
    return ((this.#now() - this.#began) / 1000 / done) * Math.max(0, total - done);
  }
}
