import type { Affine } from '../../../../preload/contract/space.ts';

/** The middle value; the mean of the two middle ones for an even count; NaN for none. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? Number.NaN)) / 2;
}

/** Root mean square; 0 for none. */
export function rmsOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
}

/** Doubles as the bytes that kernels take, little-endian. */
export function f64Bytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(values).buffer);
}

export function f64Of(bytes: Uint8Array | undefined): number[] {
  if (!bytes) return [];
  return [...new Float64Array(bytes.slice().buffer)];
}

export function i32Of(bytes: Uint8Array | undefined): number[] {
  if (!bytes) return [];
  return [...new Int32Array(bytes.slice().buffer)];
}

/** Row `i` of an f64[n][6] table. */
export function affineAt(table: readonly number[], i: number): Affine {
  const at = (k: number): number => table[i * 6 + k] ?? Number.NaN;
  return [at(0), at(1), at(2), at(3), at(4), at(5)];
}

/** Groups in the order of their first members. (Map.groupBy is newer than the oldest runtime.) */
export function groupBy<K, V>(values: readonly V[], keyOf: (value: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}
