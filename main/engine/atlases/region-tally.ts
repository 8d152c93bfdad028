/** What lies in one region on one side. Plain JSON: the ledger keeps those of each block. */
export interface RegionTally {
  /** As `preload/contract/atlas-map.ts` has it: 0 is background, any other one more than the region's `at`. */
  readonly value: number;
  /** 0 not told, 1 left, 2 right. */
  readonly side: number;
  readonly voxels: number;
  /** Of these, those that a segment has. */
  readonly covered: number;
  /** Points or segments. */
  readonly found: number;
  /** Voxels with a number; where there are none, the rest is 0. */
  readonly samples: number;
  readonly mean: number;
  /** Sum of the squared differences from the mean. */
  readonly spread: number;
  readonly least: number;
  readonly most: number;
}

export type Numbers = ArrayLike<number>;

/** The regions of some voxels and the sides that these lie on; x fastest. */
export interface PlacedVoxels {
  readonly count: number;
  /** Empty: all are background. */
  readonly values: Uint16Array;
  /** Null: not told. */
  readonly sides: Uint16Array | null;
}

/** A place of the list of tallies for each value and side; all -1 between calls, which none waits in. */
const placeOf = new Int32Array(3 * 2 ** 16).fill(-1);

/** `grey`: a number a voxel; null where none are measured. Two passes, so that spreads are exact. O(voxels). */
export function tallyVoxels(
  { count, values, sides }: PlacedVoxels,
  grey: Numbers | null,
  covered: (i: number) => boolean = () => false,
): readonly RegionTally[] {
  const keys: number[] = [];
  const places = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const value = values[i] ?? 0;
    const side = sides && value > 0 ? sides[i]! : 0;
    const key = 3 * value + (side <= 2 ? side : 0);
    let place = placeOf[key]!;
    if (place < 0) {
      place = keys.push(key) - 1;
      placeOf[key] = place;
    }
    places[i] = place;
  }
  for (const key of keys) placeOf[key] = -1;
  const voxels = new Float64Array(keys.length);
  const over = new Float64Array(keys.length);
  for (let i = 0; i < count; i++) {
    voxels[places[i]!]! += 1;
    if (covered(i)) over[places[i]!]! += 1;
  }
  const seen = grey && greyOf(places, keys.length, grey);
  return keys.map((key, at) => ({
    ...{ value: Math.floor(key / 3), side: key % 3, voxels: voxels[at]!, covered: over[at]!, found: 0 },
    ...(seen ? seen(at) : noGrey),
  }));
}

const noGrey = { samples: 0, mean: 0, spread: 0, least: 0, most: 0 };

function greyOf(places: Int32Array, many: number, grey: Numbers): (at: number) => typeof noGrey {
  const [samples, sum, spread] = [new Float64Array(many), new Float64Array(many), new Float64Array(many)];
  const [least, most] = [new Float64Array(many).fill(Infinity), new Float64Array(many).fill(-Infinity)];
  for (let i = 0; i < places.length; i++) {
    const [at, level] = [places[i]!, grey[i]!];
    if (!Number.isFinite(level)) continue;
    samples[at]! += 1;
    sum[at]! += level;
    if (level < least[at]!) least[at] = level;
    if (level > most[at]!) most[at] = level;
  }
  const mean = sum.map((total, at) => total / Math.max(1, samples[at]!));
  for (let i = 0; i < places.length; i++) {
    const off = grey[i]! - mean[places[i]!]!;
    if (Number.isFinite(off)) spread[places[i]!]! += off * off;
  }
  return (at) =>
    samples[at] === 0
      ? noGrey
      : { samples: samples[at]!, mean: mean[at]!, spread: spread[at]!, least: least[at]!, most: most[at]! };
}

/** Both together: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm" (1979). */
export function withTally(a: RegionTally, b: RegionTally): RegionTally {
  const samples = a.samples + b.samples;
  const counts = {
    voxels: a.voxels + b.voxels,
    covered: a.covered + b.covered,
    found: a.found + b.found,
  };
  if (a.samples === 0 || b.samples === 0) {
    const { mean, spread, least, most } = a.samples === 0 ? b : a;
    return { ...a, ...counts, samples, mean, spread, least, most };
  }
  const off = b.mean - a.mean;
  return {
    ...a,
    ...counts,
    samples,
    mean: a.mean + (off * b.samples) / samples,
    spread: a.spread + b.spread + (off * off * a.samples * b.samples) / samples,
    least: Math.min(a.least, b.least),
    most: Math.max(a.most, b.most),
  };
}

/** One tally for each value and side, in their order: the same whatever was done at once, as blocks come in theirs. */
export function merged(tallies: Iterable<RegionTally>): readonly RegionTally[] {
  const all = new Map<number, RegionTally>();
  for (const tally of tallies) {
    const key = 3 * tally.value + tally.side;
    const before = all.get(key);
    all.set(key, before ? withTally(before, tally) : tally);
  }
  return [...all].toSorted(([a], [b]) => a - b).map(([, tally]) => tally);
}

/** Points or segments that lie there. */
export const foundAt = (value: number, side: number): RegionTally => ({
  ...{ value, side: value === 0 ? 0 : side, voxels: 0, covered: 0, found: 1 },
  ...noGrey,
});
