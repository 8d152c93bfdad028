import { exactMap, type ExactMap } from './point-map.ts';

/** 3 rows of 4, row after row: the linear part, and the offset at the end of each row. */
export type Affine3 = readonly number[];

export const identity3: Affine3 = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

export const affineEntry = (m: Affine3, row: number, column: number): number => m[row * 4 + column] ?? 0;

/** `composeAffine3(cFromB, bFromA)` is cFromA. */
export function composeAffine3(outer: Affine3, inner: Affine3): Affine3 {
  const entry = (row: number, column: number): number => {
    let sum = column === 3 ? affineEntry(outer, row, 3) : 0;
    for (let k = 0; k < 3; k++) sum += affineEntry(outer, row, k) * affineEntry(inner, k, column);
    return sum;
  };
  return [0, 1, 2].flatMap((row) => [0, 1, 2, 3].map((column) => entry(row, column)));
}

/** Of the linear part. */
export function determinant3(m: Affine3): number {
  const [a = 0, b = 0, c = 0, , d = 0, e = 0, f = 0, , g = 0, h = 0, i = 0] = m;
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}

/** Null where it flattens space: its determinant is nothing beside the lengths of its columns. */
export function invertAffine3(m: Affine3): Affine3 | null {
  const [a = 0, b = 0, c = 0, x = 0, d = 0, e = 0, f = 0, y = 0, g = 0, h = 0, i = 0, z = 0] = m;
  const det = determinant3(m);
  const size = Math.hypot(a, d, g) * Math.hypot(b, e, h) * Math.hypot(c, f, i);
  if (!Number.isFinite(det) || Math.abs(det) <= 1e-12 * size || size === 0) return null;
  const linear = [
    [(e * i - f * h) / det, (c * h - b * i) / det, (b * f - c * e) / det],
    [(f * g - d * i) / det, (a * i - c * g) / det, (c * d - a * f) / det],
    [(d * h - e * g) / det, (b * g - a * h) / det, (a * e - b * d) / det],
  ];
  return linear.flatMap((row) => [...row, -((row[0] ?? 0) * x + (row[1] ?? 0) * y + (row[2] ?? 0) * z)]);
}

export const affineMap = (m: Affine3): ExactMap =>
  exactMap((points) => {
    const [a = 0, b = 0, c = 0, tx = 0, d = 0, e = 0, f = 0, ty = 0, g = 0, h = 0, i = 0, tz = 0] = m;
    for (let at = 0; at + 2 < points.length; at += 3) {
      const [x, y, z] = [points[at]!, points[at + 1]!, points[at + 2]!];
      points[at] = a * x + b * y + c * z + tx;
      points[at + 1] = d * x + e * y + f * z + ty;
      points[at + 2] = g * x + h * y + i * z + tz;
    }
  });
