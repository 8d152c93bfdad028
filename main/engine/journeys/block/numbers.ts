import type { Vec3 } from '../../../../preload/contract/space.ts';

export const axes3 = [0, 1, 2] as const;
export const less3 = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const length3 = (a: Vec3): number => Math.hypot(a[0], a[1], a[2]);

/** Root mean square; 0 for none. */
export const rms = (values: readonly number[]): number =>
  values.length === 0 ? 0 : Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

export const most = (values: readonly number[]): number => values.reduce((top, v) => Math.max(top, v), 0);

/** The value at which half of the weight is reached. */
export function weightedMedian(values: readonly (readonly [value: number, weight: number])[]): number {
  const sorted = values.toSorted((a, b) => a[0] - b[0]);
  const half = sorted.reduce((sum, [, weight]) => sum + weight, 0) / 2;
  let sum = 0;
  for (const [value, weight] of sorted) {
    sum += weight;
    if (sum >= half) return value;
  }
  return Number.NaN;
}
