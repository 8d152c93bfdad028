import { invertAffine, type Affine, type Rect } from '../../../preload/contract/space.ts';
import type { TileMap } from '../transforms/tile/tile-map.ts';

/** A grid of output pixels over stack space: `stepPx` stack pixels an output pixel. */
export interface OutputBox {
  readonly originPx: readonly [number, number];
  readonly sizePx: readonly [number, number];
  readonly stepPx: number;
}

/** Where in a tile the nodes of a lattice over an output box lie: see the kernel `render-region`. */
export interface Lattice {
  readonly columns: number;
  readonly rows: number;
  /** Output pixels from the box's outer corner to the first node. */
  readonly firstPx: readonly [number, number];
  /** Output pixels from node to node. */
  readonly stepPx: number;
  /** Level-0 pixels of the tile, x and y of each node, x fastest; NaN where the tile is not. */
  readonly places: Float64Array;
}

/** Output pixels between nodes at first, and at least. */
const [widestPx, narrowestPx] = [32, 2];
/** Level-0 pixels that a place between nodes may be off. */
const tolerancePx = 0.02;

/**
 * The lattice of a tile within a box: `bounds` is what the tile lies in, `nearest` the affine map nearest to its own.
 * Nodes stand as close as it takes for places between them to be right to 0.02 px. Null where the tile is not in the box.
 */
export function latticeOf(map: TileMap, bounds: Rect, nearest: Affine, box: OutputBox): Lattice | null {
  const columns = rangeOf(box, 0, bounds.minX, bounds.maxX);
  const rows = rangeOf(box, 1, bounds.minY, bounds.maxY);
  if (!columns || !rows) return null;
  const coarse = latticeWith(map, nearest, box, [columns, rows], widestPx);
  const off = bendOf(coarse) / 8;
  if (off <= tolerancePx) return coarse;
  const finer = 2 ** Math.floor(Math.log2(widestPx * Math.sqrt(tolerancePx / off)));
  return latticeWith(map, nearest, box, [columns, rows], Math.max(narrowestPx, finer));
}

type Range = readonly [first: number, end: number];

/** Output pixels of a box along an axis that a range of stack space touches, and one more on either side. */
function rangeOf({ originPx, sizePx, stepPx }: OutputBox, axis: 0 | 1, low: number, high: number): Range | null {
  const first = Math.max(0, Math.floor((low - originPx[axis]) / stepPx) - 1);
  const end = Math.min(sizePx[axis], Math.ceil((high - originPx[axis]) / stepPx) + 1);
  return first < end ? [first, end] : null;
}

function latticeWith(
  map: TileMap,
  nearest: Affine,
  { originPx, stepPx: boxStep }: OutputBox,
  [[left, right], [top, bottom]]: readonly [Range, Range],
  stepPx: number,
): Lattice {
  const [columns, rows] = [Math.ceil((right - left) / stepPx) + 1, Math.ceil((bottom - top) / stepPx) + 1];
  const wanted = new Float64Array(2 * columns * rows);
  for (let j = 0, at = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      wanted[at++] = originPx[0] + (left + i * stepPx) * boxStep;
      wanted[at++] = originPx[1] + (top + j * stepPx) * boxStep;
    }
  }
  const places = new Float64Array(wanted.length);
  map.inverse(wanted, places, through(invertAffine(nearest), wanted));
  return { columns, rows, firstPx: [left, top], stepPx, places };
}

/** Where the nearest affine map says that the places are: Newton's method is a step or two from there. */
function through(tileFromStack: Affine | null, points: Float64Array): Float64Array | undefined {
  if (!tileFromStack) return undefined;
  const [a, b, c, d, e, f] = tileFromStack;
  const led = new Float64Array(points.length);
  for (let at = 0; at < points.length; at += 2) {
    const [x = 0, y = 0] = [points[at], points[at + 1]];
    led[at] = a * x + c * y + e;
    led[at + 1] = b * x + d * y + f;
  }
  return led;
}

/** The largest second difference of places along the lattice: what is between nodes is off by an eighth of it at most. */
function bendOf({ columns, rows, places }: Lattice): number {
  let most = 0;
  const look = (before: number, at: number, after: number): void => {
    for (const axis of [0, 1]) {
      const bend = Math.abs(
        (places[2 * before + axis] ?? 0) - 2 * (places[2 * at + axis] ?? 0) + (places[2 * after + axis] ?? 0),
      );
      if (bend > most) most = bend;
    }
  };
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const at = j * columns + i;
      if (i > 0 && i < columns - 1) look(at - 1, at, at + 1);
      if (j > 0 && j < rows - 1) look(at - columns, at, at + columns);
    }
  }
  return most;
}
