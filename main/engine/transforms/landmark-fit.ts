import type { Vec3 } from '../../../preload/contract/space.ts';
import { type Affine3, composeAffine3 } from './affine3.ts';
import { eigenOf } from './eigen.ts';
import { factorise, solveWith } from './linear-solve.ts';
import { centreOf, type PointCloud, cross, dot, minus } from './point-cloud.ts';

/** One thing at both ends: the map is to lead from `target` to `source`. */
export interface LandmarkPair {
  readonly id: string;
  readonly target: Vec3;
  readonly source: Vec3;
}

/** The closest map of a kind, by least squares over the distances in the source. */
export function translationFit(pairs: readonly LandmarkPair[]): Affine3 {
  const by = minus(centreOf(pairs.map(({ source }) => source)), centreOf(pairs.map(({ target }) => target)));
  return [1, 0, 0, by[0], 0, 1, 0, by[1], 0, 0, 1, by[2]];
}

/**
 * Horn's closed form (J. Opt. Soc. Am. A 4, 1987): the rotation is the eigenvector of the largest eigenvalue of a 4 x 4
 * matrix, as a quaternion. Never mirrors.
 */
export function turnFit(pairs: readonly LandmarkPair[], scaled: boolean): Affine3 {
  const to = centreOf(pairs.map(({ source }) => source));
  const from = centreOf(pairs.map(({ target }) => target));
  const a = pairs.map(({ target }) => minus(target, from));
  const b = pairs.map(({ source }) => minus(source, to));
  const s = (i: 0 | 1 | 2, j: 0 | 1 | 2): number => a.reduce((sum, one, k) => sum + one[i] * (b[k]?.[j] ?? 0), 0);
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = [
    s(0, 0),
    s(0, 1),
    s(0, 2),
    s(1, 0),
    s(1, 1),
    s(1, 2),
    s(2, 0),
    s(2, 1),
    s(2, 2),
  ];
  const { vectors } = eigenOf([
    [xx + yy + zz, yz - zy, zx - xz, xy - yx],
    [yz - zy, xx - yy - zz, xy + yx, zx + xz],
    [zx - xz, xy + yx, yy - xx - zz, yz + zy],
    [xy - yx, zx + xz, yz + zy, zz - xx - yy],
  ]);
  const turn = rotationOf(vectors[0] ?? [1, 0, 0, 0]);
  const turned = a.map((one) => turn.map((row) => dot(row, one)) as unknown as Vec3);
  const length = a.reduce((sum, one) => sum + dot(one, one), 0);
  const scale = scaled && length > 0 ? turned.reduce((sum, one, k) => sum + dot(one, b[k] ?? one), 0) / length : 1;
  return turn.flatMap((row, i) => [...row.map((value) => value * scale), (to[i] ?? 0) - scale * dot(row, from)]);
}

function rotationOf([w = 1, x = 0, y = 0, z = 0]: readonly number[]): readonly [Vec3, Vec3, Vec3] {
  return [
    [w * w + x * x - y * y - z * z, 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), w * w - x * x + y * y - z * z, 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z],
  ];
}

/** Coordinates along the axes of a cloud, in its spread from its centre; only those in its plane where it is flat. */
export function frameOf({ centre, spread, axes, rank }: PointCloud): Affine3 {
  return axes.flatMap((axis, i) => {
    const unit: Vec3 = i < rank ? [axis[0] / spread, axis[1] / spread, axis[2] / spread] : [0, 0, 0];
    return [...unit, -dot(unit, centre)];
  });
}

/** By normal equations in the frame of the targets; across their plane, where they lie in one, see `acrossPlane`. */
export function affineFit(pairs: readonly LandmarkPair[], cloud: PointCloud, frame: Affine3): Affine3 {
  const n = cloud.rank + 1;
  const rows = pairs.map(({ target }) => [1, ...placeIn(frame, target).slice(0, cloud.rank)]);
  const matrix = new Float64Array(n * n);
  for (const row of rows)
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) matrix[i * n + j]! += row[i]! * row[j]!;
  const factors = factorise(matrix, n);
  const solved = ([0, 1, 2] as const).map((axis) =>
    solveWith(
      factors,
      Array.from({ length: n }, (_, i) => rows.reduce((sum, row, k) => sum + row[i]! * pairs[k]!.source[axis], 0)),
    ),
  );
  return fromFrame(solved, cloud, frame);
}

/** The affine map whose columns for 1 and each direction of the frame are given, for each axis of the source. */
export function fromFrame(columns: readonly ArrayLike<number>[], cloud: PointCloud, frame: Affine3): Affine3 {
  const inFrame = columns.flatMap((one) => [one[1] ?? 0, one[2] ?? 0, one[3] ?? 0, one[0] ?? 0]);
  const map = composeAffine3(inFrame, frame);
  return cloud.rank === 3 ? map : acrossPlane(map, cloud);
}

/**
 * Landmarks in one plane do not say what happens across it: lengths there stay, and right hands stay right. With a plane
 * that leads into itself, each point keeps its height over it.
 */
function acrossPlane(map: Affine3, { axes, centre }: PointCloud): Affine3 {
  const image = (axis: Vec3): Vec3 => [0, 1, 2].map((row) => dot(vecAt(map, row), axis)) as unknown as Vec3;
  const normal = cross(image(axes[0]), image(axes[1]));
  const length = Math.hypot(...normal);
  const across = axes[2];
  const offset = dot(across, centre);
  return [0, 1, 2].flatMap((row) => {
    const unit = length > 0 ? (normal[row] ?? 0) / length : (across[row] ?? 0);
    const [x, y, z] = vecAt(map, row);
    return [x + unit * across[0], y + unit * across[1], z + unit * across[2], (map[row * 4 + 3] ?? 0) - unit * offset];
  });
}

const vecAt = (m: Affine3, row: number): Vec3 => [m[row * 4] ?? 0, m[row * 4 + 1] ?? 0, m[row * 4 + 2] ?? 0];

export const placeIn = (m: Affine3, at: Vec3): Vec3 =>
  [0, 1, 2].map((row) => dot(vecAt(m, row), at) + (m[row * 4 + 3] ?? 0)) as unknown as Vec3;
