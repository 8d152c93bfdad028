import type { VoxelType } from '../../../preload/contract/space.ts';

/** A grey value in so many is looked at to tell where values lie. */
const mostValues = 2 ** 17;
/** As a share of all voxels: what lies further out than that at either end does not count. */
const tail = 0.001;
/** What is kept to either side of what counts, in its own lengths. */
const margins = 16;

type Range = readonly [number, number];

/** Some of many voxels, evenly spread, and not at equal distances: rows of a picture would fall in step. */
export class GreySample {
  readonly #values = new Float64Array(2 * mostValues);
  readonly #stride: number;
  #length = 0;
  /** Voxels until the next is taken. */
  #wait = 0;
  #seed = 1;

  constructor(voxels: number) {
    this.#stride = Math.max(1, voxels / mostValues);
  }

  /** Voxels of a type, little-endian. */
  take(bytes: Uint8Array, dtype: VoxelType): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { size, read } = readers[dtype];
    const voxels = bytes.byteLength / size;
    let at = this.#wait;
    for (; at < voxels; at += this.#step()) {
      const value = read(view, at * size);
      if (Number.isFinite(value) && this.#length < this.#values.length) this.#values[this.#length++] = value;
    }
    this.#wait = at - voxels;
  }

  #step(): number {
    if (this.#stride <= 1) return 1;
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return 1 + Math.floor((this.#seed / 2 ** 32) * 2 * (this.#stride - 1));
  }

  /** From the least to the largest; NaN and infinities are left out. */
  sorted(without?: number): Float64Array {
    const values = this.#values.subarray(0, this.#length);
    return (without === undefined ? values.slice() : values.filter((value) => value !== without)).sort();
  }
}

const readers: Readonly<Record<VoxelType, { size: number; read: (view: DataView, at: number) => number }>> = {
  uint8: { size: 1, read: (view, at) => view.getUint8(at) },
  int8: { size: 1, read: (view, at) => view.getInt8(at) },
  uint16: { size: 2, read: (view, at) => view.getUint16(at, true) },
  int16: { size: 2, read: (view, at) => view.getInt16(at, true) },
  uint32: { size: 4, read: (view, at) => view.getUint32(at, true) },
  int32: { size: 4, read: (view, at) => view.getInt32(at, true) },
  uint64: { size: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
  int64: { size: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  float32: { size: 4, read: (view, at) => view.getFloat32(at, true) },
  float64: { size: 8, read: (view, at) => view.getFloat64(at, true) },
};

const at = (sorted: Float64Array, share: number): number =>
  sorted[Math.max(0, Math.min(sorted.length - 1, Math.round(share * (sorted.length - 1))))] ?? 0;

/**
 * A value of many voxels at one end of all, further from the others than they reach, stands for no data: -1e30, or zeros
 * around a picture. Undefined where there is none.
 */
export function fillOf(sorted: Float64Array): number | undefined {
  const isFill = (value: number, next: number | undefined, reach: number, voxels: number): boolean => {
    const share = voxels / sorted.length;
    return next !== undefined && Math.abs(next - value) > Math.abs(reach - next) && share > tail && share < 1 - tail;
  };
  const [least, most] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  const above = sorted.findIndex((value) => value !== least);
  if (above > 0 && sorted[above] !== most && isFill(least, sorted[above], at(sorted, 1 - tail), above)) return least;
  const below = sorted.findLastIndex((value) => value !== most);
  const count = sorted.length - 1 - below;
  return below >= 0 && sorted[below] !== least && isFill(most, sorted[below], at(sorted, tail), count)
    ? most
    : undefined;
}

/** The extremes, but where a few values far away would leave all others in a few bins: these, and some room. */
export function robustRange(sorted: Float64Array, [least, most]: Range): Range {
  if (sorted.length === 0) return [least, most];
  const [low, high] = [at(sorted, tail), at(sorted, 1 - tail)];
  const room = high > low ? margins * (high - low) : Math.abs(low) || 1;
  if (most - least <= 2 * room + (high - low)) return [least, most];
  return [Math.max(least, low - room), Math.min(most, high + room)];
}
