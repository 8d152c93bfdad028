/** Nearest other blocks that say where a block should lie, and at most so many blocks that are asked about. */
const [around, mostAsked] = [10, 600];

/**
 * How far blocks lie from where those around them say, each left out of what is said of it: ascending, pixels of b. A
 * bent map fits its own blocks however wrong they are; this tells how far they can be believed. `points`: five numbers a
 * block, place in a, place in b, correlation. Empty where there are fewer than `around` + 1.
 */
export function missesOfBlocks(points: readonly number[]): readonly number[] {
  const count = points.length / 5;
  if (count <= around) return [];
  const every = Math.ceil(count / mostAsked);
  const misses: number[] = [];
  for (let i = 0; i < count; i += every) misses.push(missOf(points, i));
  return misses.toSorted((p, q) => p - q);
}

function missOf(points: readonly number[], i: number): number {
  const [x, y, bx, by] = points.slice(5 * i, 5 * i + 4) as [number, number, number, number];
  const near = nearest(points, i);
  const reach = Math.max(1e-9, near.at(-1)!.far);
  const rows = near.map(({ at, far }) => {
    const weight = (1 - (far / (1.1 * reach)) ** 2) ** 2;
    return { u: (points[at]! - x) / reach, v: (points[at + 1]! - y) / reach, weight, at };
  });
  const said = (offset: number): number => planeAt(rows.map((row) => ({ ...row, value: points[row.at + offset]! })));
  return Math.hypot(said(2) - bx, said(3) - by);
}

interface Other {
  readonly far: number;
  readonly at: number;
}

/** The other blocks next to a block, the nearest first; of some as far away, those that come first. */
function nearest(points: readonly number[], i: number): readonly Other[] {
  const [x, y] = [points[5 * i]!, points[5 * i + 1]!];
  const near: Other[] = [];
  for (let at = 0; at < points.length; at += 5) {
    if (at === 5 * i) continue;
    const far = Math.hypot(points[at]! - x, points[at + 1]! - y);
    if (near.length === around && far >= near.at(-1)!.far) continue;
    const farther = near.findIndex((other) => other.far > far);
    near.splice(farther < 0 ? near.length : farther, 0, { far, at });
    if (near.length > around) near.pop();
  }
  return near;
}

interface Row {
  readonly u: number;
  readonly v: number;
  readonly weight: number;
  readonly value: number;
}

/** The value at 0, 0 of the plane through rows by weighted least squares; a little is added for those on a line. */
function planeAt(rows: readonly Row[]): number {
  const sum = (of: (row: Row) => number): number => rows.reduce((total, row) => total + row.weight * of(row), 0);
  const n = sum(() => 1);
  const [u, v, mean] = [sum((r) => r.u) / n, sum((r) => r.v) / n, sum((r) => r.value) / n];
  const about = (p: (r: Row) => number, q: (r: Row) => number): number => sum((r) => p(r) * q(r));
  const [du, dv, dw] = [(r: Row) => r.u - u, (r: Row) => r.v - v, (r: Row) => r.value - mean];
  const [uu, uv, vv] = [about(du, du) + 1e-6 * n, about(du, dv), about(dv, dv) + 1e-6 * n];
  const [uw, vw] = [about(du, dw), about(dv, dw)];
  const det = uu * vv - uv * uv;
  return mean - (u * (vv * uw - uv * vw) + v * (uu * vw - uv * uw)) / det;
}
