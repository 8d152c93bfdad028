import { determinant3 } from '../transforms/affine3.ts';
import type { PointMap } from '../transforms/point-map.ts';
import { planeAxes, type PlaneGrid, type PlaneLattice } from './plane-grids.ts';

/** Slopes are taken over this part of a lattice step. */
const slopePart = 0.25;

/**
 * How a map bends a plane: displacement along u and v (µm) and the natural logarithm of the determinant of its Jacobian
 * (by differences over a quarter step) at each point of a lattice; NaN where it folds or leads nowhere.
 */
export async function bendsOf(
  map: PointMap,
  { plane }: PlaneGrid,
  { points, stepNm }: PlaneLattice,
  signal: AbortSignal,
): Promise<Float32Array> {
  const count = points.length / 3;
  const led = points.slice();
  await map.apply(led, signal);
  const step = slopePart * stepNm;
  const ahead: Float64Array[] = [];
  for (let axis = 0; axis < 3; axis++) {
    const moved = points.map((nm, i) => (i % 3 === axis ? nm + step : nm));
    await map.apply(moved, signal);
    ahead.push(moved);
  }
  const [u, v] = planeAxes[plane];
  const bends = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    bends[i] = (led[3 * i + u]! - points[3 * i + u]!) / 1000;
    bends[count + i] = (led[3 * i + v]! - points[3 * i + v]!) / 1000;
    const slope = (row: number, column: number): number => (ahead[column]![3 * i + row]! - led[3 * i + row]!) / step;
    const determinant = determinant3([0, 1, 2].flatMap((row) => [slope(row, 0), slope(row, 1), slope(row, 2), 0]));
    bends[2 * count + i] = determinant > 0 ? Math.log(determinant) : Number.NaN;
  }
  return bends;
}
