import type { Vec3 } from '../../../preload/contract/space.ts';
import { eigenOf } from './eigen.ts';

/** How points lie: around where, how far apart, and along how many directions. */
export interface PointCloud {
  readonly centre: Vec3;
  /** Root mean square distance from the centre. */
  readonly spread: number;
  /** Unit vectors, along which they lie farthest apart first; right-handed. */
  readonly axes: readonly [Vec3, Vec3, Vec3];
  /** 3: in space, 2: in one plane, 1: on one line, 0: in one place. */
  readonly rank: 0 | 1 | 2 | 3;
}

/** Points this much flatter than wide lie in a plane: what they say of the direction across it is noise. */
const flat = 1e-3;

export const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const minus = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

export function centreOf(points: readonly Vec3[]): Vec3 {
  const sum = (axis: 0 | 1 | 2): number => points.reduce((total, point) => total + point[axis] / points.length, 0);
  return [sum(0), sum(1), sum(2)];
}

export function cloudOf(points: readonly Vec3[]): PointCloud {
  const centre = centreOf(points);
  const offsets = points.map((point) => minus(point, centre));
  const covariance = ([0, 1, 2] as const).map((i) =>
    ([0, 1, 2] as const).map((j) => offsets.reduce((sum, one) => sum + (one[i] * one[j]) / points.length, 0)),
  );
  const { values, vectors } = eigenOf(covariance);
  const [most = 0] = values;
  const spread = Math.sqrt(
    Math.max(
      0,
      values.reduce((sum, value) => sum + value, 0),
    ),
  );
  const first = vec(vectors[0]);
  const second = vec(vectors[1]);
  const rank = values.filter((value) => value > flat ** 2 * most && value > 0).length;
  return { centre, spread, axes: [first, second, cross(first, second)], rank: rank as PointCloud['rank'] };
}

const vec = ([x = 0, y = 0, z = 0]: readonly number[] = []): Vec3 => [x, y, z];
