import { expect, test } from 'vitest';
import { guessFileNamePatterns } from '../../main/engine/formats/file-name-guess.ts';
import { parseFileNamePattern } from '../../main/engine/formats/file-name-pattern.ts';
import { looksLikeRenderTilespecs, parseRenderTilespecs } from '../../main/engine/formats/render-tilespec.ts';
import { formatRenderTilespecs } from '../../main/engine/formats/render-write.ts';
import {
  formatTileConfiguration,
  looksLikeTileConfiguration,
  parseTileConfiguration,
} from '../../main/engine/formats/tile-configuration.ts';
import { LamellaError } from '../../preload/contract/errors.ts';
import { mutate, seededRandom } from './mutate.ts';

const mutations = 2000;

/** Parses mutations of a text; anything thrown must be ours, and anything parsed must be finite. */
function fuzz(seed: number, text: string, parse: (mutated: string) => unknown): { parsed: number; refused: number } {
  const random = seededRandom(seed);
  const counts = { parsed: 0, refused: 0 };
  for (let i = 0; i < mutations; i++) {
    const mutated = mutate(text, random);
    try {
      parse(mutated);
      counts.parsed++;
    } catch (error) {
      if (!(error instanceof LamellaError))
        throw new Error(
          `mutation ${i} of seed ${seed} threw ${String(error)} for ${JSON.stringify(mutated.slice(0, 300))}`,
          { cause: error },
        );
      counts.refused++;
    }
  }
  return counts;
}

const specs = JSON.stringify([
  {
    tileId: 'a',
    z: 12,
    width: 512,
    height: 512,
    minIntensity: 0,
    maxIntensity: 255,
    layout: { sectionId: '12.0', stageX: 1, stageY: 2 },
    mipmapLevels: { '0': { imageUrl: 'file:/data/a.png', maskUrl: 'm.png' }, '1': { imageUrl: 'a_1.png' } },
    transforms: {
      type: 'list',
      specList: [
        { type: 'leaf', className: 'mpicbg.trakem2.transform.AffineModel2D', dataString: '1 0 0 1 10 20' },
        { type: 'ref', refId: 'lens' },
      ],
    },
  },
  {
    tileId: 'b',
    z: 12,
    mipmapLevels: { '0': { imageUrl: 'b.png' } },
    transforms: {
      specList: [{ className: 'mpicbg.trakem2.transform.PolynomialTransform2D', dataString: '1 1 0 2 0 1' }],
    },
  },
]);

test('tilespecs survive 2,000 mutations', () => {
  const counts = fuzz(1, specs, (text) => {
    looksLikeRenderTilespecs(text);
    for (const tile of parseRenderTilespecs(text, 'fuzz.json').tiles) {
      expect(tile.stageFromTile.every(Number.isFinite)).toBe(true);
      expect(Number.isFinite(tile.section)).toBe(true);
    }
  });
  expect(counts.parsed).toBeGreaterThan(20);
  expect(counts.refused).toBeGreaterThan(20);
});

test('tilespecs survive mutations of their values that keep the JSON whole', () => {
  const random = seededRandom(2);
  const values = JSON.parse(specs) as unknown;
  const odd: unknown[] = [
    null,
    true,
    -1,
    1e308,
    '',
    'x',
    [],
    {},
    [[[]]],
    { specList: null },
    { type: 'list', specList: [{}] },
    '1 0 0 1 1e400 0',
    'NaN',
  ];
  const twist = (value: unknown): unknown => {
    if (random() < 0.08) return odd[Math.floor(random() * odd.length)];
    if (Array.isArray(value)) return value.map(twist);
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [random() < 0.02 ? 'other' : k, twist(v)]));
    return value;
  };
  const counts = { parsed: 0, refused: 0 };
  for (let i = 0; i < mutations; i++) {
    try {
      const { tiles } = parseRenderTilespecs(JSON.stringify(twist(values)), 'fuzz.json');
      const placed = tiles.map((t) => ({
        ...t,
        sizePx: t.sizePx ?? ([1, 1] as const),
        own: { name: '', imageUrl: '', mipmapLevel: 0, maskUrl: null, maskLevel: 0, intensity: [0, 255] as const },
        channels: [],
        stackFromTile: t.stageFromTile,
      }));
      expect(JSON.parse(formatRenderTilespecs(placed))).toHaveLength(tiles.length);
      counts.parsed++;
    } catch (error) {
      if (!(error instanceof LamellaError)) throw error;
      counts.refused++;
    }
  }
  expect(counts.parsed).toBeGreaterThan(1000);
});

test('TileConfiguration survives 2,000 mutations', () => {
  const text = formatTileConfiguration(
    3,
    [0, 1, 2, 3].map((i) => ({ name: `sub dir/tile_${i}.tif`, xPx: i * 460.8, yPx: -3.25, section: i })),
  );
  const counts = fuzz(3, text, (mutated) => {
    looksLikeTileConfiguration(mutated);
    for (const tile of parseTileConfiguration(mutated, 'fuzz.txt').tiles)
      expect([tile.xPx, tile.yPx, tile.section].every(Number.isFinite)).toBe(true);
  });
  expect(counts.parsed).toBeGreaterThan(100);
  expect(counts.refused).toBeGreaterThan(10);
});

test('file-name patterns survive 2,000 mutations, and match without backtracking for long', () => {
  const path = `${'a1'.repeat(400)}.png`;
  const counts = fuzz(4, 's{z}_r{row}*c{col}*.png;overlap=10%', (mutated) => parseFileNamePattern(mutated).place(path));
  expect(counts.parsed).toBeGreaterThan(20);
  expect(parseFileNamePattern('*{row}*{col}a').place('1'.repeat(255))).toBeNull();
  expect(parseFileNamePattern('*{row}*{col}a').place(`${'1-'.repeat(127)}b`)).toBeNull();
  const random = seededRandom(5);
  for (let i = 0; i < mutations; i++)
    guessFileNamePatterns([0, 1, 2, 3].map((n) => mutate(`s${n}_r${n}_c${n}.png`, random)));
});
