/** Where a job stands, as its stages tell it. */
export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  readonly ratePerSec: number;
  readonly etaSecs: number | null;
}

const WINDOW_SECS = 10;
const MAX_UPDATES_PER_SEC = 10;

/** Counts units against the clock: rate over a sliding window, and time left over the weights of the stages. */
export class Meter {
  readonly #secs: () => number;
  readonly #startedAt: number;
  #stage = { name: '', unit: '', weight: null as number | null, done: 0, total: 0, worked: 0 };
  /** Share of the whole job that earlier stages made up, and the part of it that this run really worked. */
  #weightBefore = 0;
  #workedBefore = 0;
  #ticks: { readonly at: number; readonly done: number }[] = [];

  /** `secs` is any clock that only goes forward. */
  constructor(secs: () => number) {
    this.#secs = secs;
    this.#startedAt = secs();
  }

  /** `kept` units were found in the ledger. */
  begin(name: string, unit: string, weight: number | null, total: number, kept: number): void {
    this.#weightBefore += this.#stage.weight ?? 0;
    this.#workedBefore += (this.#stage.weight ?? 0) * fraction(this.#stage.worked, this.#stage.total);
    this.#stage = { name, unit, weight, done: kept, total, worked: 0 };
    this.#ticks = [{ at: this.#secs(), done: kept }];
  }

  add(): void {
    this.#stage.done += 1;
    this.#stage.worked += 1;
    const now = this.#secs();
    this.#ticks.push({ at: now, done: this.#stage.done });
    while (this.#ticks.length > 2 && (this.#ticks[1]?.at ?? now) < now - WINDOW_SECS) this.#ticks.shift();
  }

  progress(): Progress {
    const { name, unit, done, total } = this.#stage;
    const ratePerSec = this.#rate();
    return { stage: name, done, total, unit, ratePerSec, etaSecs: this.#eta(ratePerSec) };
  }

  #rate(): number {
    const first = this.#ticks[0];
    if (!first || this.#stage.worked === 0) return 0;
    const secs = this.#secs() - first.at;
    return secs > 0 ? (this.#stage.done - first.done) / secs : 0;
  }

  #eta(ratePerSec: number): number | null {
    const { weight, done, total, worked } = this.#stage;
    if (ratePerSec === 0 || worked < 2) return null;
    const thisStage = (total - done) / ratePerSec;
    if (weight === null) return thisStage;
    const workedShare = this.#workedBefore + weight * fraction(worked, total);
    const laterShare = Math.max(0, 1 - this.#weightBefore - weight);
    return thisStage + (laterShare * (this.#secs() - this.#startedAt)) / workedShare;
  }
}

const fraction = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Calls at most ten times a second, and once more for what came last. */
export function throttled(call: () => void): { soon: () => void; now: () => void; stop: () => void } {
  let timer: NodeJS.Timeout | null = null;
  let last = -Infinity;
  const now = (): void => {
    stop();
    last = performance.now();
    call();
  };
  const stop = (): void => {
    if (timer) clearTimeout(timer);
    timer = null;
  };
  const soon = (): void => {
    const wait = last + 1000 / MAX_UPDATES_PER_SEC - performance.now();
    if (wait <= 0) now();
    else timer ??= setTimeout(now, wait);
  };
  return { soon, now, stop };
}
