import { invertAffine3 } from './affine3.ts';
import type { PointMap } from './point-map.ts';

export interface InverseOptions {
  /** How near to where it must lead a point is found. */
  readonly toleranceNm: number;
  /** Over which slopes are measured: a small part of a voxel. */
  readonly stepNm: number;
  /** Whether the map turns left hands into right ones everywhere. */
  readonly mirrors?: boolean;
  /** Where to begin to look: the inverse of a map that is close. The point itself where left out. */
  readonly guess?: PointMap;
}

const mostRounds = 60;
/** A step that leads no nearer is halved, until this little of it is left. */
const leastStep = 1 / 256;

/**
 * The other way around, by Newton's method with halved steps. NaN where none is found within the tolerance, and where the
 * map is folded: there it turns space inside out.
 */
export const inverseOf = (map: PointMap, options: InverseOptions): PointMap => ({
  apply: async (points, signal) => {
    const search = new Search(points.slice(), options);
    await options.guess?.apply(points, signal);
    search.begin(points);
    for (let round = 0; round < mostRounds && search.active.length > 0; round++) {
      signal?.throwIfAborted();
      const probes = search.probes();
      await map.apply(probes, signal);
      search.take(probes);
    }
    points.set(search.found);
  },
});

class Search {
  readonly #wanted: Float64Array;
  readonly #options: InverseOptions;
  /** Where each has come to; NaN until it is found. */
  readonly found: Float64Array;
  active: number[] = [];
  readonly #at: Float64Array;
  readonly #trial: Float64Array;
  readonly #step: Float64Array;
  readonly #missed: Float64Array;
  readonly #share: Float64Array;

  constructor(wanted: Float64Array, options: InverseOptions) {
    [this.#wanted, this.#options] = [wanted, options];
    const n = wanted.length;
    this.found = new Float64Array(n).fill(NaN);
    [this.#at, this.#trial, this.#step] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
    this.#missed = new Float64Array(n / 3).fill(Infinity);
    this.#share = new Float64Array(n / 3).fill(1);
  }

  begin(guess: Float64Array): void {
    this.#trial.set(guess);
    this.active = Array.from({ length: guess.length / 3 }, (_, i) => i).filter((i) =>
      [0, 1, 2].every((k) => Number.isFinite(guess[3 * i + k]!) && Number.isFinite(this.#wanted[3 * i + k]!)),
    );
  }

  /** Each trial, and a step from it along each axis. */
  probes(): Float64Array {
    const out = new Float64Array(this.active.length * 12);
    this.active.forEach((i, slot) => {
      for (let probe = 0; probe < 4; probe++)
        for (let k = 0; k < 3; k++)
          out[slot * 12 + probe * 3 + k] = this.#trial[3 * i + k]! + (probe === k + 1 ? this.#options.stepNm : 0);
    });
    return out;
  }

  take(probes: Float64Array): void {
    const still: number[] = [];
    this.active.forEach((i, slot) => {
      if (this.#takeOne(i, probes.subarray(slot * 12, slot * 12 + 12))) still.push(i);
    });
    this.active = still;
  }

  /** Whether it is worth going on. */
  #takeOne(i: number, led: Float64Array): boolean {
    const rest = [0, 1, 2].map((k) => this.#wanted[3 * i + k]! - led[k]!) as [number, number, number];
    const missed = Math.hypot(...rest);
    if (!(missed < this.#missed[i]!)) return this.#shorten(i);
    this.#missed[i] = missed;
    this.#share[i] = 1;
    for (let k = 0; k < 3; k++) this.#at[3 * i + k] = this.#trial[3 * i + k]!;
    const slopes = this.#slopes(led);
    const inverse = invertAffine3(slopes.matrix);
    if (missed <= this.#options.toleranceNm) {
      const isFolded = !(slopes.det * (this.#options.mirrors ? -1 : 1) > 0);
      if (!isFolded) for (let k = 0; k < 3; k++) this.found[3 * i + k] = this.#at[3 * i + k]!;
      return false;
    }
    for (let k = 0; k < 3; k++) {
      const row = inverse ? inverse.slice(4 * k, 4 * k + 3) : [k === 0 ? 1 : 0, k === 1 ? 1 : 0, k === 2 ? 1 : 0];
      const step = row[0]! * rest[0] + row[1]! * rest[1] + row[2]! * rest[2];
      this.#step[3 * i + k] = step;
      this.#trial[3 * i + k] = this.#at[3 * i + k]! + step;
    }
    return true;
  }

  #shorten(i: number): boolean {
    this.#share[i]! /= 2;
    if (this.#share[i]! < leastStep || !Number.isFinite(this.#missed[i]!)) return false;
    for (let k = 0; k < 3; k++)
      this.#trial[3 * i + k] = this.#at[3 * i + k]! + this.#share[i]! * this.#step[3 * i + k]!;
    return true;
  }

  #slopes(led: Float64Array): { readonly matrix: readonly number[]; readonly det: number } {
    const s = (row: number, column: number): number => (led[3 + 3 * column + row]! - led[row]!) / this.#options.stepNm;
    const matrix = [0, 1, 2].flatMap((row) => [s(row, 0), s(row, 1), s(row, 2), 0]);
    const det =
      s(0, 0) * (s(1, 1) * s(2, 2) - s(1, 2) * s(2, 1)) -
      s(0, 1) * (s(1, 0) * s(2, 2) - s(1, 2) * s(2, 0)) +
      s(0, 2) * (s(1, 0) * s(2, 1) - s(1, 1) * s(2, 0));
    return { matrix, det };
  }
}
