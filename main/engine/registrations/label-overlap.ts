import type { VoxelType } from '../../../preload/contract/space.ts';
import { typedVoxels } from '../../../preload/contract/typed-voxels.ts';

/** Voxels of the first volume, of the second, and of both. */
type Shared = [first: number, second: number, both: number];

export interface Overlap {
  /** With any label: 0 is none. */
  readonly inside: Readonly<Shared>;
  /** By label, decimal, from the least. */
  readonly labels: readonly (readonly [id: string, first: number, second: number, both: number])[];
}

interface Voxels {
  readonly bytes: Uint8Array;
  readonly dtype: VoxelType;
}

/** Ids are never negative: a type with a sign is read without. */
const unsigned: Readonly<Partial<Record<VoxelType, VoxelType>>> = {
  int8: 'uint8',
  int16: 'uint16',
  int32: 'uint32',
  int64: 'uint64',
};
const idsOf = ({ bytes, dtype }: Voxels): ArrayLike<number | bigint> => typedVoxels(bytes, unsigned[dtype] ?? dtype);

/** Of two boxes of as many voxels. Ids are exact, whatever their type; runs of the same two labels are counted at once. */
export function overlapOf(first: Voxels, second: Voxels): Overlap {
  const [a, b] = [idsOf(first), idsOf(second)];
  const counts = new Counts();
  for (let from = 0, to = 0; from < a.length; from = to) {
    const [u, v] = [a[from], b[from]];
    do to += 1;
    while (to < a.length && a[to] === u && b[to] === v);
    counts.addRun(String(u), String(v), to - from);
  }
  return counts.listed();
}

export function addedUp(overlaps: Iterable<Overlap>): Overlap {
  const counts = new Counts();
  for (const overlap of overlaps) counts.addAll(overlap);
  return counts.listed();
}

class Counts {
  readonly #inside: Shared = [0, 0, 0];
  readonly #labels = new Map<string, Shared>();

  addRun(u: string, v: string, length: number): void {
    const [isFirst, isSecond] = [u === '0' ? 0 : length, v === '0' ? 0 : length];
    add(this.#inside, [isFirst, isSecond, Math.min(isFirst, isSecond)]);
    if (u === v) {
      if (isFirst > 0) add(this.#of(u), [length, length, length]);
      return;
    }
    if (isFirst > 0) add(this.#of(u), [length, 0, 0]);
    if (isSecond > 0) add(this.#of(v), [0, length, 0]);
  }

  addAll({ inside, labels }: Overlap): void {
    add(this.#inside, inside);
    for (const [id, ...shared] of labels) add(this.#of(id), shared);
  }

  listed(): Overlap {
    const labels = [...this.#labels].map(([id, shared]) => [id, ...shared] as const);
    return { inside: this.#inside, labels: labels.toSorted(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)) };
  }

  #of(id: string): Shared {
    const there = this.#labels.get(id);
    if (there) return there;
    const made: Shared = [0, 0, 0];
    this.#labels.set(id, made);
    return made;
  }
}

function add(to: Shared, [first, second, both]: Readonly<Shared>): void {
  to[0] += first;
  to[1] += second;
  to[2] += both;
}

export interface Dice {
  readonly mean: number;
  readonly whole: number;
  readonly regions: readonly {
    readonly id: string;
    readonly voxelsFixed: number;
    readonly voxelsMoved: number;
    readonly dice: number;
  }[];
}

/** Dice (1945): twice what is common, over the sum of both. The mean is over all labels that one of the two has. */
export function diceOf({ inside, labels }: Overlap): Dice {
  const regions = labels.map(([id, voxelsFixed, voxelsMoved, both]) => {
    return { id, voxelsFixed, voxelsMoved, dice: dice([voxelsFixed, voxelsMoved, both]) };
  });
  const mean = regions.reduce((sum, region) => sum + region.dice, 0) / Math.max(1, regions.length);
  return { mean, whole: dice(inside), regions };
}

const dice = ([first, second, both]: Readonly<Shared>): number => (2 * both) / Math.max(1, first + second);
