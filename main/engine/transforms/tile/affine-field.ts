import { countOf, decodeDoubles, encodeDoubles, joined, wordsOf } from './data-string.ts';
import { affinePlane, chainSlopes, type PlaneMap } from './plane-map.ts';

/**
 * Janelia's AffineWarpFieldTransform: a grid of affine maps over a box; at a point, their numbers are interpolated
 * between the centres of the cells and are those of the border beyond them.
 */
export interface AffineField {
  /** The box's corner and size, pixels. */
  readonly cornerPx: readonly [number, number];
  readonly sizePx: readonly [number, number];
  readonly rows: number;
  readonly columns: number;
  readonly between: 'linear' | 'nearest';
  /** m00 of every cell, row by row; then m10, m01, m11, m02, m12 of each. */
  readonly values: Float64Array;
}

const mostCells = 1_000_000;
const interpolators = {
  linear: 'net.imglib2.interpolation.randomaccess.NLinearInterpolatorFactory',
  nearest: 'net.imglib2.interpolation.randomaccess.NearestNeighborInterpolatorFactory',
} as const;
/** From here on, Render's writer encodes the values. */
const encodedFrom = 64;

/** `x y width height rows columns interpolator none|base64 values`; null where that does not fit. */
export function readAffineField(text: string): AffineField | null {
  const words = wordsOf(text);
  const [x, y, width, height] = words.slice(0, 4).map(Number);
  const [rows, columns] = [countOf(words[4], mostCells), countOf(words[5], mostCells)];
  const between = words[6] === interpolators.linear ? 'linear' : words[6] === interpolators.nearest ? 'nearest' : null;
  if (rows === null || columns === null || rows * columns > mostCells || between === null) return null;
  if (![x, y].every(Number.isFinite) || !(width! > 0) || !(height! > 0)) return null;
  const values = valuesOf(words, 6 * rows * columns);
  return values && { cornerPx: [x!, y!], sizePx: [width!, height!], rows, columns, between, values };
}

function valuesOf(words: readonly string[], count: number): Float64Array | null {
  if (words[7] === 'base64') return words.length === 9 ? decodeDoubles(words[8]!, count) : null;
  const values = Float64Array.from(words.slice(8), Number);
  return values.length === count && values.every(Number.isFinite) ? values : null;
}

export function formatAffineField({ cornerPx, sizePx, rows, columns, between, values }: AffineField): string {
  const head = joined(cornerPx, sizePx, rows, columns, interpolators[between]);
  return values.length < encodedFrom ? joined(head, 'none', values) : joined(head, 'base64', encodeDoubles(values));
}

export function affineFieldPlane(field: AffineField): PlaneMap {
  const cells = field.rows * field.columns;
  const isOne = Array.from({ length: 6 }, (_, k) => field.values.subarray(k * cells, (k + 1) * cells)).every((part) =>
    part.every((value) => value === part[0]),
  );
  if (!isOne) return { affine: null, lead: (points, slopes) => lead(field, points, slopes) };
  const at = (k: number): number => field.values[k * cells]!;
  return affinePlane([at(0), at(1), at(2), at(3), at(4), at(5)]);
}

function lead(field: AffineField, points: Float64Array, slopes?: Float64Array): void {
  const { cornerPx, sizePx, rows, columns, values } = field;
  const [cellX, cellY, cells] = [sizePx[0] / columns, sizePx[1] / rows, rows * columns];
  const [m, alongX, alongY] = [new Float64Array(6), new Float64Array(6), new Float64Array(6)];
  for (let p = 0; p + 1 < points.length; p += 2) {
    const [x, y] = [points[p]!, points[p + 1]!];
    const [left, rightShare, isInX] = between(field, (x - cornerPx[0]) / cellX - 0.5, columns);
    const [top, lowerShare, isInY] = between(field, (y - cornerPx[1]) / cellY - 0.5, rows);
    const [right, lower] = [Math.min(left + 1, columns - 1), Math.min(top + 1, rows - 1)];
    for (let k = 0; k < 6; k++) {
      const at = (row: number, column: number): number => values[k * cells + row * columns + column]!;
      const [upperLeft, upperRight, lowerLeft, lowerRight] = [
        at(top, left),
        at(top, right),
        at(lower, left),
        at(lower, right),
      ];
      const upper = upperLeft + rightShare * (upperRight - upperLeft);
      const below = lowerLeft + rightShare * (lowerRight - lowerLeft);
      m[k] = upper + lowerShare * (below - upper);
      const across = upperRight - upperLeft + lowerShare * (lowerRight - lowerLeft - upperRight + upperLeft);
      alongX[k] = isInX ? across / cellX : 0;
      alongY[k] = isInY ? (below - upper) / cellY : 0;
    }
    points[p] = m[0]! * x + m[2]! * y + m[4]!;
    points[p + 1] = m[1]! * x + m[3]! * y + m[5]!;
    if (!slopes) continue;
    const grown = (along: Float64Array, axis: 0 | 1): number =>
      along[axis]! * x + along[2 + axis]! * y + along[4 + axis]!;
    const [xx, xy] = [m[0]! + grown(alongX, 0), m[2]! + grown(alongY, 0)];
    chainSlopes(slopes, 2 * p, xx, xy, m[1]! + grown(alongX, 1), m[3]! + grown(alongY, 1));
  }
}

/** The cell before a place along an axis, the share of the next one, and whether the place lies between centres. */
function between({ between }: AffineField, at: number, count: number): readonly [number, number, boolean] {
  const held = Math.min(Math.max(at, 0), count - 1);
  if (between === 'nearest' || !Number.isFinite(at)) return [Number.isFinite(at) ? Math.round(held) : 0, 0, false];
  const first = Math.min(Math.floor(held), Math.max(0, count - 2));
  return [first, held - first, at > 0 && at < count - 1];
}
