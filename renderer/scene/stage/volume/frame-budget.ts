/** How much finer a picture may be than the time for a frame allows at rest: its buffer is divided by one of these. */
export const divisors = [1, 2, 4, 8] as const;
export type Divisor = (typeof divisors)[number];

/** While the view moves, a picture should take at most this long. */
export const movingMs = 33;
/** A part of a picture at rest should take about this long, so that the worker stays quick to answer. */
export const stripMs = 40;
/** A finer picture must fit with room to spare, or the buffer would go to and fro. */
const spare = 0.8;
/** How much a new measure counts. */
const weight = 0.4;

/** Smoothed ms a pixel, and how far single frames are from that: most frames are to hold their time, not half of them. */
interface Cost {
  readonly mean: number;
  readonly swing: number;
}

/** Learns what pixels cost, and divides the buffer so that frames hold their time. Pure: it is told the times. */
export class FrameBudget {
  /** By divisor: a coarser picture reads coarser bricks, too. */
  readonly #msPerPx = new Map<Divisor, Cost>();
  #last: Divisor = 4;

  /** `ms`: of so many pixels of a buffer divided by `divisor`. */
  note(divisor: Divisor, pixels: number, ms: number): void {
    if (pixels <= 0) return;
    const before = this.#msPerPx.get(divisor);
    const now = ms / pixels;
    if (!before) return void this.#msPerPx.set(divisor, { mean: now, swing: 0 });
    const off = now - before.mean;
    const swing = before.swing + weight * (Math.abs(off) - before.swing);
    this.#msPerPx.set(divisor, { mean: before.mean + weight * off, swing });
  }

  /** What a frame of `pixels` at rest is divided by while the view moves. */
  divisorFor(pixels: number): Divisor {
    const fits = (divisor: Divisor): boolean => {
      const room = divisor < this.#last ? movingMs * spare : movingMs;
      return (this.#costOf(divisor) * pixels) / divisor ** 2 <= room;
    };
    this.#last = divisors.find(fits) ?? 8;
    return this.#last;
  }

  /** Rows of a picture at rest that fit a strip. */
  rowsFor(width: number): number {
    return Math.max(8, Math.floor(stripMs / Math.max(1e-9, this.#costOf(1) * width)));
  }

  /** Forgets: the scene is another. What was learned of one divisor is a guess for the rest. */
  forget(): void {
    this.#msPerPx.clear();
  }

  #costOf(divisor: Divisor): number {
    const known = this.#msPerPx.get(divisor);
    if (known) return known.mean + known.swing;
    // A pixel of twice the size meets half as many voxels.
    for (const other of [...divisors].toReversed()) {
      const cost = this.#msPerPx.get(other);
      if (cost) return ((cost.mean + cost.swing) * other) / divisor;
    }
    return 4e-4 / divisor;
  }
}
