import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashOfTiles, type TileFacts, type TileTable, TileTableBuilder } from '../../main/engine/stacks/tile-table.ts';
import { TileIndex } from '../../main/engine/stacks/tile-index.ts';
import { boundsOfTile, type Affine, type Rect } from '../../preload/contract/space.ts';

const tileOf = (sectionFromTile: Affine, change: Partial<TileFacts> = {}): TileFacts => ({
  id: 1,
  section: 0,
  sectionFromTile,
  widthPx: 100,
  heightPx: 80,
  sha256: 'ab'.repeat(32),
  scale: 1,
  wide: false,
  mean: 0,
  low: 0,
  high: 0,
  ...change,
});

function tableOf(tiles: readonly TileFacts[]): TileTable {
  const builder = new TileTableBuilder(tiles.length + 3);
  for (const tile of tiles) builder.add(tile);
  return builder.table();
}

const all = ({ count }: TileTable): Uint32Array => Uint32Array.from({ length: count }, (_, at) => at);

const place = fc
  .record({
    turn: fc.double({ min: -3, max: 3, noNaN: true }),
    x: fc.integer({ min: -2000, max: 2000 }),
    y: fc.integer({ min: -2000, max: 2000 }),
  })
  .map(({ turn, x, y }): Affine => [Math.cos(turn), Math.sin(turn), -Math.sin(turn), Math.cos(turn), x, y]);
const corner = fc.integer({ min: -2500, max: 2500 });

test('an index finds the tiles that touch a rectangle, wherever they lie, each once and in order', () => {
  fc.assert(
    fc.property(
      fc.array(place, { minLength: 1, maxLength: 60 }),
      fc.constantFrom(0, 1e7, 1e12),
      corner,
      corner,
      fc.integer({ min: 1, max: 6000 }),
      (places, farPx, minX, minY, side) => {
        // One tile that lies far off: the grid is not to be as large.
        const tiles = [...places, [1, 0, 0, 1, farPx, -farPx] as const].map((at) => tileOf(at));
        const table = tableOf(tiles);
        const rect: Rect = { minX, minY, maxX: minX + side, maxY: minY + side };
        const touches = tiles.flatMap(({ sectionFromTile }, at) => {
          const b = boundsOfTile(sectionFromTile, 100, 80);
          return b.minX < rect.maxX && b.maxX > rect.minX && b.minY < rect.maxY && b.maxY > rect.minY ? [at] : [];
        });
        const index = new TileIndex(table, all(table));
        expect([...index.touching(rect)]).toEqual(touches);
        expect([...index.touching(rect)]).toEqual(touches);
      },
    ),
  );
});

test('tiles of one line, and one tile alone, are found', () => {
  const line = tableOf(Array.from({ length: 500 }, (_, i) => tileOf([1, 0, 0, 1, 100 * i, 0])));
  const found = new TileIndex(line, all(line)).touching({ minX: 250, minY: 10, maxX: 450, maxY: 11 });
  expect([...found]).toEqual([2, 3, 4]);
  const one = tableOf([tileOf([1, 0, 0, 1, 0, 0])]);
  expect([...new TileIndex(one, all(one)).touching({ minX: 99, minY: 79, maxX: 200, maxY: 200 })]).toEqual([0]);
  expect([...new TileIndex(one, all(one)).touching({ minX: 100, minY: 0, maxX: 200, maxY: 200 })]).toEqual([]);
});

test('what a picture is kept under is another wherever a tile is another, or lies elsewhere', () => {
  const hashOf = (tiles: readonly TileFacts[]): string => hashOfTiles(tableOf(tiles), all(tableOf(tiles)));
  const [a, b] = [tileOf([1, 0, 0, 1, 10, 20]), tileOf([1, 0, 0, 1, 110, 20])];
  const hashes = [
    [a, b],
    [a],
    [b, a],
    [a, { ...b, sha256: `${'ab'.repeat(31)}ac` }],
    [a, { ...b, scale: 2 }],
    [a, { ...b, sectionFromTile: [1, 0, 0, 1, 110 + 1e-9, 20] as const }],
    [a, { ...b, sectionFromTile: [1, 1e-12, 0, 1, 110, 20] as const }],
  ].map(hashOf);
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(hashOf([{ ...a }, { ...b, id: 9, section: 4 }])).toBe(hashes[0]);
});
