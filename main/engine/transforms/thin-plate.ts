import { type Affine3, affineEntry, affineMap } from './affine3.ts';
import { fromFrame, type LandmarkPair, placeIn } from './landmark-fit.ts';
import { type Factors, factorise, solveWith } from './linear-solve.ts';
import { exactMap, type ExactMap } from './point-map.ts';
import type { PointCloud } from './point-cloud.ts';

/**
 * A thin-plate spline: source = affine(target) + the sum over the nodes of weight x U(distance in the frame). U(r) = r in
 * space, as in ITK's ThinPlateSplineKernelTransform, and r² log r in a plane (Bookstein 1989).
 */
export interface Spline {
  readonly affine: Affine3;
  readonly kernel: 'r' | 'r2logr';
  /** Where nodes are measured: the targets' centre, in units of their spread. */
  readonly frame: Affine3;
  /** x, y, z of each node, in the frame. */
  readonly nodes: Float64Array;
  /** x, y, z of each, nanometres of the source. */
  readonly weights: Float64Array;
}

export interface SplineFit {
  readonly spline: Spline;
  /** The saddle system that it was solved from; each column of the right side is an axis of the source. */
  readonly factors: Factors;
}

/** U of the squared distance. */
const kernels = {
  r: (squared: number): number => Math.sqrt(squared),
  r2logr: (squared: number): number => (squared > 0 ? 0.5 * squared * Math.log(squared) : 0),
} as const;

/** `stiffness` 0 goes through every landmark. The targets must lie in space (rank 3) or in a plane (rank 2), none twice. */
export function fitSpline(
  pairs: readonly LandmarkPair[],
  cloud: PointCloud,
  frame: Affine3,
  stiffness: number,
): SplineFit {
  const kernel = cloud.rank === 3 ? 'r' : 'r2logr';
  const nodes = Float64Array.from(pairs.flatMap(({ target }) => placeIn(frame, target)));
  const n = pairs.length;
  const factors = factorise(saddleOf(nodes, n, cloud.rank, kernel, stiffness), n + cloud.rank + 1);
  const columns = ([0, 1, 2] as const).map((axis) =>
    solveWith(
      factors,
      pairs.map(({ source }) => source[axis]),
    ),
  );
  const weights = new Float64Array(3 * n);
  columns.forEach((column, axis) => {
    for (let i = 0; i < n; i++) weights[3 * i + axis] = column[i]!;
  });
  const affine = fromFrame(
    columns.map((column) => column.subarray(n)),
    cloud,
    frame,
  );
  return { factors, spline: { affine, kernel, frame, nodes, weights } };
}

/** [[K, P], [Pᵀ, 0]]. r is positive where a plate wants it negative, so that stiffness is taken off its diagonal. */
function saddleOf(nodes: Float64Array, n: number, rank: number, kernel: Spline['kernel'], stiffness: number) {
  const size = n + rank + 1;
  const matrix = new Float64Array(size * size);
  const u = kernels[kernel];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const value = u(squaredBetween(nodes, i, j));
      matrix[i * size + j] = value;
      matrix[j * size + i] = value;
    }
    matrix[i * size + i] = kernel === 'r' ? -stiffness : stiffness;
    for (let k = 0; k <= rank; k++) {
      const value = k === 0 ? 1 : nodes[3 * i + k - 1]!;
      matrix[i * size + n + k] = value;
      matrix[(n + k) * size + i] = value;
    }
  }
  return matrix;
}

export const squaredBetween = (nodes: Float64Array, i: number, j: number): number =>
  (nodes[3 * i]! - nodes[3 * j]!) ** 2 +
  (nodes[3 * i + 1]! - nodes[3 * j + 1]!) ** 2 +
  (nodes[3 * i + 2]! - nodes[3 * j + 2]!) ** 2;

export function splineMap(spline: Spline): ExactMap {
  const u = kernels[spline.kernel];
  const linear = affineMap(spline.affine);
  const frame = affineMap(spline.frame);
  const { nodes, weights } = spline;
  const map = exactMap((points) => {
    const at = points.slice();
    frame.applyNow(at);
    linear.applyNow(points);
    for (let p = 0; p + 2 < points.length; p += 3) {
      const [x, y, z] = [at[p]!, at[p + 1]!, at[p + 2]!];
      let [sx, sy, sz] = [0, 0, 0];
      for (let i = 0; i < nodes.length; i += 3) {
        const [dx, dy, dz] = [x - nodes[i]!, y - nodes[i + 1]!, z - nodes[i + 2]!];
        const value = u(dx * dx + dy * dy + dz * dz);
        sx += weights[i]! * value;
        sy += weights[i + 1]! * value;
        sz += weights[i + 2]! * value;
      }
      points[p]! += sx;
      points[p + 1]! += sy;
      points[p + 2]! += sz;
    }
  });
  return { ...map, slopesNow: (points) => slopesOf(spline, points) };
}

/** Over the difference to a node, how U grows along it, from U itself; 0 at the node, where r has no slope. */
const growth = {
  r: (u: number): number => (u > 0 ? 1 / u : 0),
  r2logr: (u: number, squared: number): number => (squared > 0 ? (2 * u) / squared + 1 : 0),
} as const;

function slopesOf(spline: Spline, points: Float64Array): Float64Array {
  const { affine, frame, kernel, nodes, weights } = spline;
  const [u, grows] = [kernels[kernel], growth[kernel]];
  const at = points.slice();
  affineMap(frame).applyNow(at);
  affineMap(affine).applyNow(points);
  const slopes = new Float64Array(3 * points.length);
  const bend = new Float64Array(9);
  for (let p = 0; p + 2 < points.length; p += 3) {
    const [x, y, z] = [at[p]!, at[p + 1]!, at[p + 2]!];
    bend.fill(0);
    for (let i = 0; i < nodes.length; i += 3) {
      const [dx, dy, dz] = [x - nodes[i]!, y - nodes[i + 1]!, z - nodes[i + 2]!];
      const squared = dx * dx + dy * dy + dz * dz;
      const value = u(squared);
      const rate = grows(value, squared);
      const [gx, gy, gz] = [rate * dx, rate * dy, rate * dz];
      for (let row = 0; row < 3; row++) {
        const weight = weights[i + row]!;
        points[p + row]! += weight * value;
        bend[3 * row]! += weight * gx;
        bend[3 * row + 1]! += weight * gy;
        bend[3 * row + 2]! += weight * gz;
      }
    }
    // Bumps are measured in the frame: by the chain rule.
    for (let row = 0; row < 3; row++)
      for (let column = 0; column < 3; column++) {
        let sum = affineEntry(affine, row, column);
        for (let k = 0; k < 3; k++) sum += bend[3 * row + k]! * affineEntry(frame, k, column);
        slopes[3 * p + 3 * row + column] = sum;
      }
  }
  return slopes;
}
