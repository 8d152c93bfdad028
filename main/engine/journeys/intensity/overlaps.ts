import type { Rect } from '../../../../preload/contract/space.ts';
import { bySection, type LitTile } from './lit-tiles.ts';

/** A cell of an overlap: where it is in tile a, how tile b is seen from there, and its middle in both (0 to 1). */
export interface OverlapCell {
  /** x0, y0, x1, y1 in tile a, level-0 pixels; then the affine map from there to tile b. */
  readonly numbers: readonly number[];
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
}

export interface LitPair {
  readonly a: LitTile;
  readonly b: LitTile;
  readonly cells: readonly OverlapCell[];
}

/** Overlaps thinner than this are left alone, stack pixels. */
const leastThicknessPx = 6;
const [mostAlong, leastAlong] = [12, 4];

/** Pairs of tiles of a section that overlap where the stack puts them, with the cells to compare. */
export function litPairs(tiles: readonly LitTile[]): readonly LitPair[] {
  return [...bySection(tiles).values()].flatMap(pairsOfSection);
}

function pairsOfSection(tiles: readonly LitTile[]): LitPair[] {
  const sorted = tiles.toSorted((a, b) => a.bounds.minX - b.bounds.minX || a.id - b.id);
  const pairs: LitPair[] = [];
  sorted.forEach((first, i) => {
    for (let j = i + 1; j < sorted.length; j++) {
      const second = sorted[j];
      if (!second || second.bounds.minX >= first.bounds.maxX) break;
      const [a, b] = first.id < second.id ? [first, second] : [second, first];
      const shared = intersection(a.bounds, b.bounds);
      const thickness = Math.min(shared.maxX - shared.minX, shared.maxY - shared.minY);
      if (thickness < leastThicknessPx) continue;
      const cells = cellsOf(a, b, shared);
      if (cells.length > 0) pairs.push({ a, b, cells });
    }
  });
  return pairs;
}

const intersection = (a: Rect, b: Rect): Rect => ({
  minX: Math.max(a.minX, b.minX),
  minY: Math.max(a.minY, b.minY),
  maxX: Math.min(a.maxX, b.maxX),
  maxY: Math.min(a.maxY, b.maxY),
});

function cellsOf(a: LitTile, b: LitTile, shared: Rect): OverlapCell[] {
  const [width, height] = [shared.maxX - shared.minX, shared.maxY - shared.minY];
  const short = Math.min(width, height);
  const count = (side: number): number =>
    side === short ? (short > 48 ? 2 : 1) : Math.min(mostAlong, Math.max(leastAlong, Math.round((2 * side) / short)));
  const [across, down] = [count(width), count(height)];
  const middles = Float64Array.from({ length: 2 * across * down }, (_, k) => {
    const cell = k >> 1;
    return k % 2 === 0
      ? shared.minX + (((cell % across) + 0.5) / across) * width
      : shared.minY + ((Math.floor(cell / across) + 0.5) / down) * height;
  });
  const inA = new Float64Array(middles.length);
  a.map.inverse(middles, inA);
  const half = halfCell(a, [width / across, height / down]);
  return Array.from({ length: across * down }, (_, cell) => [inA[2 * cell]!, inA[2 * cell + 1]!] as const).flatMap(
    (middle) => cellAt(a, b, middle, half),
  );
}

/** Half the sides of a cell in the pixels of a tile. */
function halfCell({ stackFromTile: [p, q, r, s] }: LitTile, [width, height]: readonly [number, number]) {
  const [alongX, alongY] = [Math.hypot(p, q), Math.hypot(r, s)];
  const isTurned = Math.abs(q) > Math.abs(p);
  const [x, y] = isTurned ? [height, width] : [width, height];
  return [x / alongX / 2, y / alongY / 2] as const;
}

function cellAt(
  a: LitTile,
  b: LitTile,
  [x, y]: readonly [number, number],
  [halfX, halfY]: readonly [number, number],
): OverlapCell[] {
  const inB = Float64Array.of(x, y, x + halfX, y, x, y + halfY);
  a.map.forward(inB, inB);
  b.map.inverse(inB.slice(), inB);
  if (!inB.every(Number.isFinite)) return [];
  const [bx, by, rx, ry, dx, dy] = inB as unknown as [number, number, number, number, number, number];
  const [p, q, r, s] = [(rx - bx) / halfX, (ry - by) / halfX, (dx - bx) / halfY, (dy - by) / halfY];
  const map = [p, q, r, s, bx - p * x - r * y, by - q * x - s * y];
  const of = ({ image: { sizePx } }: LitTile, u: number, v: number) => [u / sizePx[0], v / sizePx[1]] as const;
  return [{ numbers: [x - halfX, y - halfY, x + halfX, y + halfY, ...map], a: of(a, x, y), b: of(b, bx, by) }];
}
