import { expect, test } from 'vitest';
import {
  formatTileConfiguration,
  looksLikeTileConfiguration,
  parseTileConfiguration,
} from '../../main/engine/formats/tile-configuration.ts';

test('reads what Fiji writes', () => {
  const text =
    '# Define the number of dimensions we are working on\ndim = 2\n\n# Define the image coordinates\nTile_1.tif; ; (0.0, 0.0)\nTile_2.tif; ; (460.8, -1.25)\n';
  const { dimensions, tiles, warnings } = parseTileConfiguration(text, 'TileConfiguration.txt');
  expect(dimensions).toBe(2);
  expect(tiles).toEqual([
    { name: 'Tile_1.tif', series: null, xPx: 0, yPx: 0, section: 0 },
    { name: 'Tile_2.tif', series: null, xPx: 460.8, yPx: -1.25, section: 0 },
  ]);
  expect(warnings).toEqual([]);
});

test('reads three dimensions, CRLF, a byte order mark, Windows paths, series, spaces and exponents', () => {
  const text =
    '\uFEFFdim=3\r\nmultiseries = true\r\nC:\\scope\\a tile.czi ; 2 ;(1e3 , 2.5E-1,7)\r\n"b;c.tif"; ; (1, 2, 8)\r\n';
  const { dimensions, tiles } = parseTileConfiguration(text, 't.txt');
  expect(dimensions).toBe(3);
  expect(tiles).toEqual([
    { name: 'C:/scope/a tile.czi', series: 2, xPx: 1000, yPx: 0.25, section: 7 },
    { name: 'b;c.tif', series: null, xPx: 1, yPx: 2, section: 8 },
  ]);
});

test('names lines that it cannot read, and goes on', () => {
  const text =
    'dim = 2\na.png; ; (0, 0)\na.png; ; (1, 1)\nb.png (5, 5)\nc.png; ; (5, 5, 5)\nd.png; ; (x, 5)\n; ; (1, 2)\ne.png; ; (7, 7\n';
  const { tiles, warnings } = parseTileConfiguration(text, 't.txt');
  expect(tiles.map((t) => t.name)).toEqual(['a.png']);
  expect(warnings.map((w) => w.subject)).toEqual([
    't.txt, line 3',
    't.txt, line 4',
    't.txt, line 5',
    't.txt, line 6',
    't.txt, line 7',
    't.txt, line 8',
  ]);
  expect(warnings[2]?.message).toContain('3 coordinates where dim = 2');
});

test.each([
  ['', 'names no tiles'],
  ['dim = 2\n', 'names no tiles'],
  ['dim = 5\na.png; ; (0, 0)', 'dim = 5'],
  ['{"tileId": 1}', 'names no tiles'],
])('refuses %j', (text, why) => {
  expect(() => parseTileConfiguration(text, 't.txt')).toThrow(why);
});

test('writes what it reads, to the last bit', () => {
  const tiles = [0.1, 1 / 3, 460.8, -1e-7, 123456789.123].map((v, i) => ({
    name: `s0/t ${i}.png`,
    xPx: v,
    yPx: -v,
    section: i,
  }));
  const read = parseTileConfiguration(formatTileConfiguration(3, tiles), 't.txt');
  expect(read.tiles).toEqual(tiles.map((t) => ({ ...t, series: null })));
});

test('knows a TileConfiguration by its head', () => {
  expect(looksLikeTileConfiguration('# x\ndim = 2\n')).toBe(true);
  expect(looksLikeTileConfiguration('a.tif; ; (0.0, 1.0)\n')).toBe(true);
  expect(looksLikeTileConfiguration('notes; about; tiles (see below)\n')).toBe(false);
});
