import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  formatRenderTilespecs,
  maxJsonBytes,
  parseRenderTilespecs,
  type RenderTile,
} from '../../main/engine/formats/render-tilespec.ts';
import { applyAffine } from '../../preload/contract/space.ts';
import { seededRandom } from './mutate.ts';

const shared = join(import.meta.dirname, '../../../shared/data');
const affine = (dataString: string): unknown => ({
  type: 'leaf',
  className: 'mpicbg.trakem2.transform.AffineModel2D',
  dataString,
});
const spec = (fields: object): object => ({ tileId: 't', mipmapLevels: { '0': { imageUrl: 't.png' } }, ...fields });
const parseOne = (fields: object): RenderTile =>
  parseRenderTilespecs(JSON.stringify([spec(fields)]), 'x.json').tiles[0] as RenderTile;

test('reads the fields of a tilespec', () => {
  const tile = parseOne({
    z: 5,
    layout: { sectionId: '12.0' },
    width: 100,
    height: 50.0,
    minIntensity: 819,
    maxIntensity: 2993,
    mipmapLevels: { '1': { imageUrl: 'one.png' }, '0': { imageUrl: 'zero.png', maskUrl: 'mask.png' } },
    transforms: { type: 'list', specList: [affine('1 2 3 4 5 6')] },
  });
  expect(tile).toMatchObject({
    tileId: 't',
    section: 12,
    sizePx: [100, 50],
    intensity: [819, 2993],
    hasMask: true,
    stageFromTile: [1, 2, 3, 4, 5, 6],
  });
  expect([...tile.images]).toEqual([
    [0, 'zero.png'],
    [1, 'one.png'],
  ]);
});

test('says which values of a tilespec are of no use', () => {
  const oddOnes: readonly (readonly [object, RegExp])[] = [
    [{ width: '256', height: 256, layout: {} }, /its size "256" x 256 is none/],
    [{ width: -1, height: 0, layout: {} }, /its size -1 x 0 is none/],
    [{ z: 'x', layout: {} }, /its z "x" is no section number/],
    [{ z: 1e300, layout: {} }, /its z 1e\+300 is no section number/],
    [{}, /neither transforms nor a stage position/],
  ];
  for (const [fields, message] of oddOnes)
    expect(parseRenderTilespecs(JSON.stringify([spec(fields)]), 'x.json').warnings).toMatchObject([
      { subject: 't', message: expect.stringMatching(message) as string },
    ]);
});

test('the section is sectionId, else z, else 0', () => {
  expect(parseOne({ z: 7, layout: { sectionId: 'A12' } }).section).toBe(7);
  expect(parseOne({ z: 7.5 }).section).toBe(7.5);
  expect(parseOne({}).section).toBe(0);
});

test('composes a list first to last, nested lists and resolved refs included', () => {
  const list = {
    type: 'list',
    specList: [affine('2 0 0 2 0 0'), { type: 'list', specList: [{ type: 'ref', refId: 'move' }] }],
  };
  const text = JSON.stringify({
    tileIdToSpecMap: { t: spec({ transforms: list }) },
    transformIdToSpecMap: { move: { id: 'move', ...(affine('1 0 0 1 10 20') as object) } },
  });
  const { tiles, warnings } = parseRenderTilespecs(text, 'x.json');
  expect(warnings).toEqual([]);
  expect(tiles[0]?.stageFromTile).toEqual([2, 0, 0, 2, 10, 20]);
});

test('reads every affine class of mpicbg', () => {
  const at = (className: string, dataString: string): readonly [number, number] =>
    applyAffine(
      parseOne({ transforms: { specList: [{ className: `mpicbg.trakem2.transform.${className}`, dataString }] } })
        .stageFromTile,
      3,
      4,
    );
  expect(at('TranslationModel2D', '10 20')).toEqual([13, 24]);
  const quarter = `${Math.PI / 2}`;
  const [x, y] = at('RigidModel2D', `${quarter} 10 20`);
  expect(x).toBeCloseTo(6, 12);
  expect(y).toBeCloseTo(23, 12);
  const [u, v] = at('SimilarityModel2D', `2 ${quarter} 10 20`);
  expect(u).toBeCloseTo(2, 12);
  expect(v).toBeCloseTo(26, 12);
});

test('replaces a polynomial by its affine part at the centre, and says so', () => {
  const dataString = '5 1 0.01 1e-5 2e-5 3e-5 7 0 0.9 0 1e-5 0';
  const text = JSON.stringify([
    spec({
      width: 200,
      height: 100,
      transforms: { specList: [{ className: 'mpicbg.trakem2.transform.PolynomialTransform2D', dataString }] },
    }),
  ]);
  const { tiles, warnings } = parseRenderTilespecs(text, 'x.json');
  const [x, y] = [100, 50];
  const [px, py] = applyAffine(tiles[0]?.stageFromTile ?? [1, 0, 0, 1, 0, 0], x, y);
  expect(px).toBeCloseTo(5 + x + 0.01 * y + 1e-5 * x * x + 2e-5 * x * y + 3e-5 * y * y, 10);
  expect(py).toBeCloseTo(7 + 0.9 * y + 1e-5 * x * y, 10);
  expect(warnings[0]?.message).toContain('PolynomialTransform2D');
});

test('names the tile and the class of what it cannot use, and uses the rest', () => {
  const specList = [
    { type: 'ref', refId: 'lens' },
    { className: 'constructor', dataString: '1 2' },
    { className: 'mpicbg.trakem2.transform.ThinPlateSplineTransform', dataString: 'x' },
    affine('1 0 0 1 oops 2'),
    affine('1 0 0 1 3 4'),
  ];
  const { tiles, warnings } = parseRenderTilespecs(
    JSON.stringify([spec({ transforms: { type: 'list', specList } })]),
    'x.json',
  );
  expect(tiles[0]?.stageFromTile).toEqual([1, 0, 0, 1, 3, 4]);
  expect(warnings.every((w) => w.subject === 't')).toBe(true);
  expect(warnings.map((w) => w.message).join('\n')).toMatch(/"lens"[^]*ThinPlateSplineTransform[^]*does not fit/);
});

test('leaves out entries that are no tilespecs, and duplicates, by name', () => {
  const { tiles, warnings } = parseRenderTilespecs(
    JSON.stringify([spec({ layout: {} }), 3, {}, spec({ z: 9, layout: {} })]),
    'x.json',
  );
  expect(tiles).toHaveLength(1);
  expect(warnings.map((w) => w.subject)).toEqual(['tile 2', 'tile 3', 't']);
});

test.each([
  ['', 'bad-layout'],
  ['[', 'bad-layout'],
  ['[]', 'bad-layout'],
  ['{}', 'bad-layout'],
  ['"a"', 'bad-layout'],
  ['[1, 2]', 'bad-layout'],
  [`"${'a'.repeat(maxJsonBytes)}"`, 'over-budget'],
])('refuses %.20s', (text, tag) => {
  expect(() => parseRenderTilespecs(text, 'x.json')).toThrow(expect.objectContaining({ tag }));
});

test('1,000 random specs keep every field that Lamella does not know, and their place to 1e-9', () => {
  const random = seededRandom(7);
  const number = (scale: number): number => (random() - 0.5) * scale;
  const specs = Array.from({ length: 1000 }, (_, i) => {
    const map = [1 + number(0.1), number(0.1), number(0.1), 1 + number(0.1), number(1e6), number(1e6)];
    return {
      tileId: `t${i}`,
      groupId: 'g',
      z: Math.floor(number(1e4)) + 0.5,
      width: 512,
      height: 400,
      minX: -1,
      labels: ['montage', String(i)],
      meshCellSize: 64,
      mipmapLevels: { '0': { imageUrl: `file:/d/t${i}.tif`, imageLoaderType: 'TIFF', imageSliceNumber: i } },
      unknown: { deep: [null, number(1), 'ü'] },
      layout: { sectionId: '7.0', camera: 'c1', rotation: number(3) },
      transforms: { type: 'list', specList: [affine(map.join(' '))] },
    };
  });
  const { tiles } = parseRenderTilespecs(JSON.stringify(specs), 'x.json');
  const placed = tiles.map((t) => ({
    ...t,
    sizePx: t.sizePx ?? ([1, 1] as const),
    imageUrl: 'never used',
    mipmapLevel: 0,
    intensity: [0, 255] as const,
    stackFromTile: t.stageFromTile,
  }));
  const text = formatRenderTilespecs(placed);
  const again = parseRenderTilespecs(text, 'y.json').tiles;
  const written = JSON.parse(text) as (typeof specs)[number][];
  specs.forEach(({ transforms: _t, minX: _x, ...kept }, i) => expect(written[i]).toMatchObject(kept));
  again.forEach((tile, i) =>
    tile.stageFromTile.forEach((v, k) => expect(Math.abs(v - (tiles[i]?.stageFromTile[k] ?? NaN))).toBeLessThan(1e-9)),
  );
});

test.skipIf(!existsSync(shared))('reads the real tilespecs', () => {
  const read = (file: string): ReturnType<typeof parseRenderTilespecs> =>
    parseRenderTilespecs(readFileSync(join(shared, file), 'utf8'), file);
  const before = read('tilespecs/20141216_863_montage.2119.json');
  expect(before.tiles).toHaveLength(1227);
  expect(before.warnings.every((w) => w.message.includes('NonLinearCoordinateTransform'))).toBe(true);
  const raw = read('point-matches/solver_raw_tiles_for_montage.json');
  expect(raw.tiles).toHaveLength(9);
  expect(raw.tiles.every((t) => t.section === 1015 && t.images.size === 1)).toBe(true);
  const polynomial = read('point-matches/fusion_test_tilespecs_ref.json');
  expect(polynomial.tiles).toHaveLength(110);
  expect(new Set(polynomial.tiles.map((t) => t.stageFromTile.join())).size).toBe(110);
  const four = read('em-tiles-2x2/test_4_tiles_level_1.json');
  expect(four.tiles.map((t) => [...t.images.keys()])).toEqual([
    [0, 1],
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
});

if (!existsSync(shared)) console.warn('skipped: real tilespecs, because ../shared/data is not here');
