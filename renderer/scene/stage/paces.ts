/** Does a thing at most so often: what is asked for in between is done once, later. */
export class Pace {
  readonly #everyMs: number;
  readonly #work: () => void;
  #doneAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(everyMs: number, work: () => void) {
    [this.#everyMs, this.#work] = [everyMs, work];
  }

  /** Now, where that is long enough after the last time. */
  soon(): void {
    const wait = this.#doneAt + this.#everyMs - performance.now();
    if (wait <= 0) return this.now();
    this.#timer ??= setTimeout(() => this.now(), wait);
  }

  now(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#doneAt = performance.now();
    this.#work();
  }

  /** The next time comes at once. */
  forgetLast(): void {
    this.#doneAt = -Infinity;
  }

  /** Timers wait for as long as frames follow each other closely: asked for in each frame, it is not late. */
  catchUp(): void {
    if (this.#timer !== undefined) this.soon();
  }
}

/** Says when something has lasted for so long. */
export class Lasting {
  readonly #ms: number;
  readonly #then: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #has = false;

  constructor(ms: number, then: () => void) {
    [this.#ms, this.#then] = [ms, then];
  }

  /** Whether it has. */
  get has(): boolean {
    return this.#has;
  }

  note(is: boolean): void {
    if (this.#has) return;
    clearTimeout(this.#timer);
    if (!is) return;
    this.#timer = setTimeout(() => {
      this.#has = true;
      this.#then();
    }, this.#ms);
  }

  restart(): void {
    clearTimeout(this.#timer);
    this.#has = false;
  }
}
