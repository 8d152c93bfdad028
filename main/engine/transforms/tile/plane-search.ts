import type { PlaneMap } from './plane-map.ts';

const mostRounds = 60;
/** A step that leads no nearer is halved, until this little of it is left. */
const leastShare = 1 / 1024;
/** The search ends where the next step would be shorter than this. */
const tolerancePx = 1e-7;

/**
 * From where a map leads to each wanted point: Newton's method with halved steps, all points at once. NaN where it is not
 * found, and where the map turns the plane over although it does not (or not, although it does) in general.
 */
export class PlaneSearch {
  readonly #map: PlaneMap;
  readonly #wanted: Float64Array;
  readonly #sign: 1 | -1;
  readonly #trial: Float64Array;
  readonly #at: Float64Array;
  readonly #step: Float64Array;
  readonly #missed: Float64Array;
  readonly #share: Float64Array;
  readonly #found: Float64Array;
  /** Of each point found: whether the map turns over there. */
  readonly turned: Uint8Array;

  /** `begin` is written over. */
  constructor(map: PlaneMap, wanted: Float64Array, begin: Float64Array, isMirrored: boolean) {
    const n = wanted.length;
    [this.#map, this.#wanted, this.#trial, this.#sign] = [map, wanted.slice(), begin, isMirrored ? -1 : 1];
    [this.#at, this.#step] = [new Float64Array(n), new Float64Array(n)];
    this.#found = new Float64Array(n).fill(NaN);
    this.#missed = new Float64Array(n / 2).fill(Infinity);
    this.#share = new Float64Array(n / 2).fill(1);
    this.turned = new Uint8Array(n / 2);
  }

  /** Writes what was found; with `isAnyWay` also the places where the map turns over (see `turned`). */
  run(out: Float64Array, isAnyWay = false): void {
    let active = Array.from({ length: this.#wanted.length / 2 }, (_, i) => i);
    for (let round = 0; round < mostRounds && active.length > 0; round++) {
      const points = Float64Array.from(
        { length: 2 * active.length },
        (_, k) => this.#trial[2 * active[k >> 1]! + (k & 1)]!,
      );
      const slopes = Float64Array.from({ length: 4 * active.length }, (_, k) => (k % 4 === 0 || k % 4 === 3 ? 1 : 0));
      this.#map.lead(points, slopes);
      active = active.filter((i, slot) => this.#take(i, 2 * slot, points, slopes));
    }
    out.set(this.#found);
    if (!isAnyWay) this.turned.forEach((turned, i) => turned && out.fill(NaN, 2 * i, 2 * i + 2));
  }

  /** Whether it is worth going on with this point. */
  #take(i: number, slot: number, led: Float64Array, slopes: Float64Array): boolean {
    const x = this.#wanted[2 * i]! - led[slot]!;
    const y = this.#wanted[2 * i + 1]! - led[slot + 1]!;
    const missed = Math.hypot(x, y);
    if (!(missed < this.#missed[i]!)) return this.#shorten(i);
    const [xx, xy, yx, yy] = [slopes[2 * slot]!, slopes[2 * slot + 1]!, slopes[2 * slot + 2]!, slopes[2 * slot + 3]!];
    const det = xx * yy - xy * yx;
    const [stepX, stepY] = [(yy * x - xy * y) / det, (xx * y - yx * x) / det];
    this.#missed[i] = missed;
    this.#share[i] = 1;
    for (const k of [2 * i, 2 * i + 1]) this.#at[k] = this.#trial[k]!;
    if (!Number.isFinite(stepX) || !Number.isFinite(stepY)) return false;
    this.#step[2 * i] = stepX;
    this.#step[2 * i + 1] = stepY;
    for (const k of [2 * i, 2 * i + 1]) this.#trial[k] = this.#at[k]! + this.#step[k]!;
    return Math.hypot(stepX, stepY) < tolerancePx ? this.#finish(i, det) : true;
  }

  #finish(i: number, det: number): false {
    for (const k of [2 * i, 2 * i + 1]) this.#found[k] = this.#at[k]! + this.#step[k]!;
    this.turned[i] = det * this.#sign > 0 ? 0 : 1;
    return false;
  }

  /** Where rounding alone keeps a point from coming nearer, it has been found. */
  #shorten(i: number): boolean {
    const k = 2 * i;
    this.#share[i]! /= 2;
    if (this.#share[i]! < leastShare || !Number.isFinite(this.#missed[i]!)) return this.#settle(i);
    for (const j of [k, k + 1]) this.#trial[j] = this.#at[j]! + this.#share[i]! * this.#step[j]!;
    return true;
  }

  #settle(i: number): false {
    const isNear = Math.hypot(this.#step[2 * i]!, this.#step[2 * i + 1]!) < 10 * tolerancePx;
    if (!isNear || !Number.isFinite(this.#missed[i]!)) return false;
    const slopes = Float64Array.of(1, 0, 0, 1);
    this.#map.lead(this.#at.slice(2 * i, 2 * i + 2), slopes);
    return this.#finish(i, slopes[0]! * slopes[3]! - slopes[1]! * slopes[2]!);
  }
}
