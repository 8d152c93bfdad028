import type { SweepPoint } from '../../../../preload/contract/solve.ts';
import { applyAffine } from '../../../../preload/contract/space.ts';
import { affineOfTile, type Solution } from '../../stacks/solve-problems.ts';
import type { SolveGroup } from './groups.ts';

/** Lambdas evenly apart in their logarithm, from the smaller to the larger end. */
export function lambdasOf(from: number, to: number, steps: number): readonly number[] {
  const [low, high] = [Math.log10(Math.min(from, to)), Math.log10(Math.max(from, to))];
  return Array.from({ length: steps }, (_, i) => 10 ** (low + ((high - low) * i) / (steps - 1)));
}

/** Residual and deformation of all groups together, of one lambda. `solutions` go with `groups`. */
export function sweepPointOf(
  lambda: number,
  groups: readonly SolveGroup[],
  solutions: readonly Solution[],
): SweepPoint {
  let [residual, points, deformation, corners] = [0, 0, 0, 0];
  groups.forEach((group, g) => {
    const solution = solutions[g];
    if (!solution) return;
    residual += solution.residuals.reduce((sum, r) => sum + r * r, 0);
    points += solution.residuals.length;
    deformation += squareOfMoves(group, solution);
    corners += 4 * group.tiles;
  });
  return {
    lambda,
    residualPx: Math.sqrt(residual / Math.max(1, points)),
    deformationPx: Math.sqrt(deformation / Math.max(1, corners)),
  };
}

/** How far corners lie from the stage beyond an affine map that is common to the group: sum of squares, pixels². */
function squareOfMoves(group: SolveGroup, solution: Solution): number {
  const { at, by } = movesOf(group, solution);
  const count = at.length / 2;
  const middle = [0, 1].map((axis) => at.reduce((sum, v, i) => (i % 2 === axis ? sum + v / count : sum), 0));
  at.forEach((v, i) => (at[i] = v - (middle[i % 2] ?? 0)));
  const sumOf = (f: (x: number, y: number, i: number) => number): number => {
    let sum = 0;
    for (let i = 0; i < at.length; i += 2) sum += f(at[i] ?? 0, at[i + 1] ?? 0, i);
    return sum;
  };
  const [xx, xy, yy] = [sumOf((x) => x * x), sumOf((x, y) => x * y), sumOf((_, y) => y * y)];
  const det = xx * yy - xy * xy;
  return [0, 1].reduce((total, axis) => {
    const move = (i: number): number => by[i + axis] ?? 0;
    const mean = sumOf((_x, _y, i) => move(i)) / count;
    const [mx, my] = [sumOf((x, _, i) => x * move(i)), sumOf((_, y, i) => y * move(i))];
    const [slopeX, slopeY] = det > 0 ? [(mx * yy - my * xy) / det, (my * xx - mx * xy) / det] : [0, 0];
    return total + sumOf((x, y, i) => (move(i) - mean - slopeX * x - slopeY * y) ** 2);
  }, 0);
}

/** Corners of all tiles by the stage, and how far they were moved: x, y in turn, pixels. */
function movesOf({ of }: SolveGroup, solution: Solution): { readonly at: Float64Array; readonly by: Float64Array } {
  const [at, by] = [new Float64Array(of.length * 8), new Float64Array(of.length * 8)];
  of.forEach(({ stage, sizePx: [width, height] }, i) => {
    const placed = affineOfTile(solution, i);
    [[0, 0] as const, [width, 0] as const, [0, height] as const, [width, height] as const].forEach((corner, k) => {
      const [from, to] = [applyAffine(stage, ...corner), applyAffine(placed, ...corner)];
      at.set(from, i * 8 + k * 2);
      by.set([to[0] - from[0], to[1] - from[1]], i * 8 + k * 2);
    });
  });
  return { at, by };
}

/**
 * The lambda where residual against deformation, both by their logarithm, turns the most (Hansen's L-curve, by Menger's
 * curvature over neighbouring points): more would leave the links, less would bend tiles for their noise. Links without
 * noise have no such corner: then the middle lambda.
 */
export function cornerOf(points: readonly SweepPoint[]): number {
  const place = ({ residualPx, deformationPx }: SweepPoint): readonly [number, number] => [
    Math.log10(Math.max(residualPx, 1e-9)),
    Math.log10(Math.max(deformationPx, 1e-9)),
  ];
  let best = { lambda: points[points.length >> 1]?.lambda ?? 1, turn: 0 };
  for (let i = 1; i + 1 < points.length; i++) {
    const [before, here, after] = [points[i - 1], points[i], points[i + 1]];
    if (!before || !here || !after) continue;
    const way = [place(before), place(here), place(after)] as const;
    const turn = curvature(...way);
    if (turn > best.turn && angleOf(...way) > leastAngle) best = { lambda: here.lambda, turn };
  }
  return best.lambda;
}

/** Radians between two steps of the way; less is a ripple. */
const leastAngle = 0.1;

type Place = readonly [number, number];

/** By how much the way turns in its middle place, radians. */
function angleOf([ax, ay]: Place, [bx, by]: Place, [cx, cy]: Place): number {
  const [ux, uy, vx, vy] = [bx - ax, by - ay, cx - bx, cy - by];
  return Math.atan2(ux * vy - uy * vx, ux * vx + uy * vy);
}

/** One over the radius of the circle through three places, above 0 where the way turns towards the origin's side. */
function curvature([ax, ay]: Place, [bx, by]: Place, [cx, cy]: Place): number {
  const twiceArea = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
  const sides = Math.hypot(bx - ax, by - ay) * Math.hypot(cx - bx, cy - by) * Math.hypot(ax - cx, ay - cy);
  return sides > 1e-12 ? (2 * twiceArea) / sides : 0;
}
