import type { Rect } from '../../../preload/contract/space.ts';
import { boundsAt, boundsOf, type TileTable } from './tile-table.ts';

/** Cells of the grid for each tile, at most: a tile that lies far off makes cells larger, not memory short. */
const cellsATile = 4;

/** Tiles of one section, found by where they lie: a grid of cells about as large as a tile. */
export class TileIndex {
  readonly #bounds: Float64Array;
  /** Numbers of the tiles in the table, ascending. */
  readonly #tiles: Uint32Array;
  readonly #origin: readonly [number, number];
  readonly #cellPx: number;
  readonly #columns: number;
  readonly #rows: number;
  /** Where in `#inCells` a cell begins. */
  readonly #starts: Uint32Array;
  readonly #inCells: Uint32Array;
  /** Which search found a tile last, so that it is found once. */
  readonly #foundBy: Uint32Array;
  #search = 0;

  constructor({ bounds, tilePx }: Pick<TileTable, 'bounds' | 'tilePx'>, tiles: Uint32Array) {
    this.#bounds = bounds;
    this.#tiles = tiles;
    const box = boundsOf(bounds, tiles);
    const [width, height] = [box.maxX - box.minX, box.maxY - box.minY];
    const roomy = Math.sqrt((width * height) / (cellsATile * tiles.length));
    const long = Math.max(width, height) / (cellsATile * tiles.length);
    this.#cellPx = Math.max(1, tilePx, roomy, long);
    this.#origin = [box.minX, box.minY];
    this.#columns = Math.floor(width / this.#cellPx) + 1;
    this.#rows = Math.floor(height / this.#cellPx) + 1;
    this.#starts = new Uint32Array(this.#columns * this.#rows + 1);
    this.#inCells = this.#fill();
    this.#foundBy = new Uint32Array(tiles.length);
  }

  #fill(): Uint32Array {
    this.#tiles.forEach((tile) => this.#cellsOf(boundsAt(this.#bounds, tile), (cell) => this.#count(cell)));
    let total = 0;
    this.#starts.forEach((count, cell) => {
      this.#starts[cell] = total;
      total += count;
    });
    const inCells = new Uint32Array(total);
    const next = this.#starts.slice();
    this.#tiles.forEach((tile, i) =>
      this.#cellsOf(boundsAt(this.#bounds, tile), (cell) => {
        const at = next[cell] ?? 0;
        inCells[at] = i;
        next[cell] = at + 1;
      }),
    );
    return inCells;
  }

  #count(cell: number): void {
    this.#starts[cell] = (this.#starts[cell] ?? 0) + 1;
  }

  #cellsOf(rect: Rect, visit: (cell: number) => void): void {
    const [left, right] = this.#span(rect.minX, rect.maxX, 0, this.#columns);
    const [top, bottom] = this.#span(rect.minY, rect.maxY, 1, this.#rows);
    for (let row = top; row <= bottom; row++)
      for (let column = left; column <= right; column++) visit(row * this.#columns + column);
  }

  #span(least: number, most: number, axis: 0 | 1, cells: number): readonly [number, number] {
    const place = (px: number): number => Math.floor((px - this.#origin[axis]) / this.#cellPx);
    return [Math.max(0, place(least)), Math.min(cells - 1, place(most))];
  }

  /** Numbers in the table of the tiles that touch a rectangle of section space, in their own order. */
  touching(rect: Rect): Uint32Array {
    const found: number[] = [];
    this.#search += 1;
    this.#cellsOf(rect, (cell) => {
      const end = this.#starts[cell + 1] ?? 0;
      for (let at = this.#starts[cell] ?? 0; at < end; at++) {
        const i = this.#inCells[at] ?? 0;
        const tile = this.#tiles[i] ?? 0;
        if (this.#foundBy[i] === this.#search || !meets(this.#bounds, tile, rect)) continue;
        this.#foundBy[i] = this.#search;
        found.push(tile);
      }
    });
    return Uint32Array.from(found).sort();
  }
}

function meets(bounds: Float64Array, tile: number, { minX, minY, maxX, maxY }: Rect): boolean {
  const at = 4 * tile;
  return (
    (bounds[at] ?? 0) < maxX &&
    (bounds[at + 2] ?? 0) > minX &&
    (bounds[at + 1] ?? 0) < maxY &&
    (bounds[at + 3] ?? 0) > minY
  );
}
