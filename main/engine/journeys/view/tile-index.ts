import type { Rect } from '../../../../preload/contract/space.ts';
import type { MosaicTile } from './mosaic-tiles.ts';

/** Tiles of one section, found by where they lie: a grid of cells about as large as a tile. */
export class TileIndex {
  readonly #tiles: readonly MosaicTile[];
  readonly #cells = new Map<number, number[]>();
  readonly #cellPx: number;
  readonly #origin: readonly [number, number];
  readonly #columns: number;

  constructor(tiles: readonly MosaicTile[]) {
    this.#tiles = tiles;
    const widths = tiles.map(({ bounds }) => Math.max(bounds.maxX - bounds.minX, bounds.maxY - bounds.minY));
    this.#cellPx = Math.max(1, widths.toSorted((a, b) => a - b)[widths.length >> 1] ?? 1);
    const least = (of: (bounds: Rect) => number): number =>
      tiles.reduce((min, { bounds }) => Math.min(min, of(bounds)), Infinity);
    this.#origin = [least(({ minX }) => minX), least(({ minY }) => minY)];
    const right = tiles.reduce((max, { bounds }) => Math.max(max, bounds.maxX), -Infinity);
    this.#columns = Math.floor((right - this.#origin[0]) / this.#cellPx) + 2;
    tiles.forEach(({ bounds }, at) => {
      for (const cell of this.#cellsOf(bounds)) {
        const inCell = this.#cells.get(cell);
        if (inCell) inCell.push(at);
        else this.#cells.set(cell, [at]);
      }
    });
  }

  *#cellsOf({ minX, minY, maxX, maxY }: Rect): Generator<number> {
    const place = (axis: 0 | 1, px: number): number => Math.floor((px - this.#origin[axis]) / this.#cellPx);
    const lastColumn = Math.min(this.#columns - 1, place(0, maxX));
    for (let row = Math.max(0, place(1, minY)); row <= place(1, maxY); row++)
      for (let column = Math.max(0, place(0, minX)); column <= lastColumn; column++) yield row * this.#columns + column;
  }

  /** The tiles that touch a rectangle of section space, in their own order. */
  touching(rect: Rect): readonly MosaicTile[] {
    const found = new Set<number>();
    const cells = this.#cellsOf(rect);
    // A rectangle of more cells than there are: every tile is asked instead.
    const span = ((rect.maxX - rect.minX) / this.#cellPx) * ((rect.maxY - rect.minY) / this.#cellPx);
    if (span > 4 * this.#cells.size + 16) this.#tiles.forEach((_, at) => found.add(at));
    else for (const cell of cells) for (const at of this.#cells.get(cell) ?? []) found.add(at);
    return [...found]
      .toSorted((a, b) => a - b)
      .map((at) => this.#tiles[at])
      .filter((tile): tile is MosaicTile => tile !== undefined && meets(tile.bounds, rect));
  }
}

const meets = (a: Rect, b: Rect): boolean => a.minX < b.maxX && a.maxX > b.minX && a.minY < b.maxY && a.maxY > b.minY;
