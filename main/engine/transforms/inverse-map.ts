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
      if (map.slopesNow) leadProbes(probes, options.stepNm, (points) => map.slopesNow!(points));
      else await map.apply(probes, signal);
      search.take(probes);
    }
    points.set(search.found);
  },
});

/** Where probes lead, by the slopes of the map at the first of each four. */
function leadProbes(probes: Float64Array, stepNm: number, slopesNow: (points: Float64Array) => Float64Array): void {
  const points = new Float64Array(probes.length / 4);
  for (let i = 0; i < points.length; i++) points[i] = probes[12 * Math.floor(i / 3) + (i % 3)]!;
  const slopes = slopesNow(points);
  for (let n = 0; n < points.length / 3; n++)
    for (let row = 0; row < 3; row++) {
      const at = points[3 * n + row]!;
      probes[12 * n + row] = at;
      for (let column = 0; column < 3; column++)
        probes[12 * n + 3 * (column + 1) + row] = at + slopes[9 * n + 3 * row + column]! * stepNm;
    }
}

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
  readonly #slopes = new Float64Array(9);

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

  /** Whether it is worth going on. Numbers one by one: lists of three for each point take longer than the map does. */
  #takeOne(i: number, led: Float64Array): boolean {
    const [at, p] = [this.#at, 3 * i];
    const x = this.#wanted[p]! - led[0]!;
    const y = this.#wanted[p + 1]! - led[1]!;
    const z = this.#wanted[p + 2]! - led[2]!;
    const missed = Math.sqrt(x * x + y * y + z * z);
    if (!(missed < this.#missed[i]!)) return this.#shorten(i);
    this.#missed[i] = missed;
    this.#share[i] = 1;
    for (let k = 0; k < 3; k++) at[p + k] = this.#trial[p + k]!;
    const det = this.#slopesOf(led);
    if (missed <= this.#options.toleranceNm) {
      const isFolded = !(det * (this.#options.mirrors ? -1 : 1) > 0);
      if (!isFolded) for (let k = 0; k < 3; k++) this.found[p + k] = at[p + k]!;
      return false;
    }
    const [s, isFlat] = [this.#slopes, this.#isFlat(det)];
    for (let k = 0; k < 3; k++) {
      // A row of the adjugate: the cross product of two rows of slopes, its entries down a column.
      const [l, m] = [(k + 1) % 3, (k + 2) % 3];
      const along =
        x * (s[3 + l]! * s[6 + m]! - s[3 + m]! * s[6 + l]!) +
        y * (s[6 + l]! * s[m]! - s[6 + m]! * s[l]!) +
        z * (s[l]! * s[3 + m]! - s[m]! * s[3 + l]!);
      const step = isFlat ? (k === 0 ? x : k === 1 ? y : z) : along / det;
      this.#step[p + k] = step;
      this.#trial[p + k] = at[p + k]! + step;
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

  /** Puts 3 rows of 3 into `#slopes`, and gives their determinant. */
  #slopesOf(led: Float64Array): number {
    const s = this.#slopes;
    for (let row = 0; row < 3; row++)
      for (let column = 0; column < 3; column++)
        s[3 * row + column] = (led[3 + 3 * column + row]! - led[row]!) / this.#options.stepNm;
    return (
      s[0]! * (s[4]! * s[8]! - s[5]! * s[7]!) -
      s[1]! * (s[3]! * s[8]! - s[5]! * s[6]!) +
      s[2]! * (s[3]! * s[7]! - s[4]! * s[6]!)
    );
  }

  /** As `invertAffine3` sees it. */
  #isFlat(det: number): boolean {
    const s = this.#slopes;
    const column = (k: number): number => Math.sqrt(s[k]! * s[k]! + s[3 + k]! * s[3 + k]! + s[6 + k]! * s[6 + k]!);
    const size = column(0) * column(1) * column(2);
    return !Number.isFinite(det) || Math.abs(det) <= 1e-12 * size || size === 0;
  }
}
