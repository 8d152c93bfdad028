import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { maxJsonBytes, parseRenderTilespecs, type RenderTile } from '../../main/engine/formats/render-tilespec.ts';
import { formatRenderTilespecs, type PlacedTile } from '../../main/engine/formats/render-write.ts';
import { applyAffine } from '../../preload/contract/space.ts';
import type { TransformSpec } from '../../preload/contract/transform.ts';
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
    z: 12,
    layout: { sectionId: '5.0' },
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
    stageFromTile: [1, 2, 3, 4, 5, 6],
    transforms: null,
    channels: [],
  });
  expect(tile.own).toEqual({
    name: '',
    images: new Map([
      [0, 'zero.png'],
      [1, 'one.png'],
    ]),
    masks: new Map([[0, 'mask.png']]),
    intensity: [819, 2993],
  });
});

test('takes the first channel for the tile and keeps the others', () => {
  const level = (imageUrl: string): object => ({ '0': { imageUrl } });
  const { own, channels } = parseOne({
    mipmapLevels: {},
    layout: {},
    channels: [
      { name: 'DAPI', minIntensity: 1, maxIntensity: 9, mipmapLevels: level('d.tif') },
      { name: 'PSD95', mipmapLevels: { '0': { imageUrl: 'p.tif', maskUrl: 'm.png' } } },
      { name: 'PSD95', mipmapLevels: level('again.tif') },
      { name: 'empty', mipmapLevels: {} },
    ],
  });
  expect(own).toMatchObject({ name: 'DAPI', intensity: [1, 9], images: new Map([[0, 'd.tif']]) });
  expect(channels).toEqual([
    { name: 'PSD95', images: new Map([[0, 'p.tif']]), masks: new Map([[0, 'm.png']]), intensity: null },
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

test('the section is z, else sectionId, else 0', () => {
  expect(parseOne({ z: 251, layout: { sectionId: '1020.0' } }).section).toBe(251);
  expect(parseOne({ layout: { sectionId: '1020.0' } }).section).toBe(1020);
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

test('keeps transforms that are not affine, and the affine map nearest to them', () => {
  const dataString = '5 1 0.01 1e-5 2e-5 3e-5 7 0 0.9 0 1e-5 0';
  const bent = { className: 'mpicbg.trakem2.transform.PolynomialTransform2D', dataString };
  const specList = [bent, affine('1 0 0 1 100 0')];
  const text = JSON.stringify([spec({ width: 200, height: 100, transforms: { type: 'list', specList } })]);
  const { tiles, warnings } = parseRenderTilespecs(text, 'x.json');
  expect(tiles[0]?.transforms).toEqual(specList);
  expect(warnings).toEqual([]);
  // Over the tile, the nearest affine map misses by at most what the squares bend.
  for (const [x, y] of [
    [0, 0],
    [200, 100],
    [100, 50],
  ] as const) {
    const [px, py] = applyAffine(tiles[0]?.stageFromTile ?? [1, 0, 0, 1, 0, 0], x, y);
    expect(Math.abs(px - (105 + x + 0.01 * y + 1e-5 * x * x + 2e-5 * x * y + 3e-5 * y * y))).toBeLessThan(0.3);
    expect(Math.abs(py - (7 + 0.9 * y + 1e-5 * x * y))).toBeLessThan(0.1);
  }
});

test('says where transforms fold a tile over', () => {
  const folded = {
    className: 'mpicbg.trakem2.transform.PolynomialTransform2D',
    dataString: '0 1 0 -0.0005 0 0 0 0 1 0 0 0',
  };
  const text = JSON.stringify([spec({ width: 1500, height: 900, transforms: { specList: [folded] } })]);
  expect(parseRenderTilespecs(text, 'x.json').warnings[0]?.message).toMatch(/fold 3\d % of it over/);
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

/** As the library gives a tile back, with places of its own or those of its spec. */
const placedOf = (tile: RenderTile, moved: Partial<PlacedTile> = {}): PlacedTile => ({
  tileId: tile.tileId,
  section: tile.section,
  sizePx: tile.sizePx ?? [1, 1],
  own: { name: '', imageUrl: 'never used', mipmapLevel: 0, maskUrl: null, maskLevel: 0, intensity: [0, 255] },
  channels: [],
  stageFromTile: tile.stageFromTile,
  stackFromTile: tile.stageFromTile,
  transforms: tile.transforms,
  spec: tile.spec,
  ...moved,
});

const lens: TransformSpec = {
  id: 'lens',
  type: 'leaf',
  className: 'lenscorrection.NonLinearTransform',
  dataString: '1 3 1.0 0.0 0.0 1.0 0.05 0.07 0.0 0.0 100.0 1.0 1.0 0.0 400 512 ',
  metaData: { labels: ['lens'] },
};

/** Every field of Render's TileSpec, and some that nobody knows. */
function randomSpecs(count: number): readonly TransformSpec[] {
  const random = seededRandom(7);
  const number = (scale: number): number => (random() - 0.5) * scale;
  const leaf = (className: string, ...values: readonly number[]): TransformSpec => ({
    type: 'leaf',
    className: `mpicbg.trakem2.transform.${className}`,
    dataString: values.join(' '),
  });
  const anyAffine = (): TransformSpec =>
    leaf('AffineModel2D', 1 + number(0.1), number(0.1), number(0.1), 1 + number(0.1), number(1e6), number(1e6));
  const bend = (): TransformSpec =>
    leaf('PolynomialTransform2D', number(9), 1, 0, number(1e-5), 0, 0, number(9), 0, 1, 0, number(1e-5), 0);
  const chains: readonly (() => readonly TransformSpec[])[] = [
    () => [anyAffine()],
    () => [anyAffine(), leaf('TranslationModel2D', number(99), number(99))],
    () => [{ type: 'ref', refId: 'lens' }, anyAffine()],
    () => [{ type: 'list', id: 'own', specList: [bend(), anyAffine()] }],
    () => [{ type: 'interpolated', a: bend(), b: anyAffine(), lambda: random() }],
  ];
  return Array.from({ length: count }, (_, i) => ({
    tileId: `t${i}`,
    layout: {
      sectionId: '7.0',
      temca: '4',
      camera: 'c1',
      imageRow: i,
      imageCol: 3,
      stageX: number(9),
      stageY: 1,
      rotation: number(3),
      pixelsize: 4,
      distanceZ: 1.5,
    },
    groupId: 'g',
    z: Math.floor(number(1e4)) + 0.5,
    minX: -1,
    minY: 2,
    maxX: 3,
    maxY: 4.5,
    width: 512,
    height: 400,
    minIntensity: 3,
    maxIntensity: 250,
    mipmapLevels: {
      '0': {
        imageUrl: `file:/d/t${i}.tif`,
        imageLoaderType: 'TIFF',
        imageSliceNumber: i,
        maskUrl: 'mask://outside-box?minX=1',
        maskLoaderType: 'DYNAMIC_MASK',
      },
      '1': { imageUrl: `file:/d/1/t${i}.tif` },
    },
    channels: [{ name: 'DAPI', minIntensity: 0, maxIntensity: 5, mipmapLevels: { '0': { imageUrl: 'd.tif' } } }],
    mipmapPathBuilder: { rootPath: '/m', numberOfLevels: 4, extension: 'tif', imageMipmapPatternString: 'x' },
    transforms: { type: 'list', specList: chains[i % chains.length]!() },
    meshCellSize: 64,
    labels: ['montage', String(i)],
    unknown: { deep: [null, number(1), 'ü', { '0': [] }] },
  }));
}

test('1,000 random specs that nobody moved come back as the same JSON values', () => {
  const specs = randomSpecs(1000);
  const text = JSON.stringify({
    tileIdToSpecMap: Object.fromEntries(specs.map((s) => [s['tileId'], s])),
    transformSpecs: [lens],
  });
  const { tiles, shared: refs, warnings } = parseRenderTilespecs(text, 'x.json');
  expect(warnings).toEqual([]);
  const written = formatRenderTilespecs(
    tiles.map((tile) => placedOf(tile)),
    refs,
  );
  const found = JSON.parse(written) as Record<string, Record<string, unknown>>;
  expect(found['transformIdToSpecMap']).toEqual({ lens });
  specs.forEach((s) => expect(JSON.stringify(found['tileIdToSpecMap']?.[String(s['tileId'])])).toBe(JSON.stringify(s)));
});

test('1,000 random specs that were moved keep all but transforms and bounds, and their new place to 1e-9', () => {
  const specs = randomSpecs(1000);
  const { tiles } = parseRenderTilespecs(JSON.stringify(specs), 'x.json');
  const moved = (i: number) => [1, 0.001 * (i % 7), 0, 1, i / 3, -i / 7] as const;
  const text = formatRenderTilespecs(
    tiles.map((tile, i) => placedOf(tile, { stackFromTile: moved(i), transforms: null })),
  );
  const written = JSON.parse(text) as Record<string, unknown>[];
  const without = ({ transforms: _t, minX: _a, minY: _b, maxX: _c, maxY: _d, ...kept }: TransformSpec): string =>
    JSON.stringify(kept);
  specs.forEach((s, i) => expect(without(written[i]!)).toBe(without(s)));
  expect(written[3]).toMatchObject({ minX: 1, minY: -3 / 7, maxX: 513 });
  parseRenderTilespecs(text, 'y.json').tiles.forEach((tile, i) =>
    tile.stageFromTile.forEach((v, k) => expect(Math.abs(v - (moved(i)[k] ?? NaN))).toBeLessThan(1e-9)),
  );
});

test.skipIf(!existsSync(shared))('reads the real tilespecs', () => {
  const read = (file: string): ReturnType<typeof parseRenderTilespecs> =>
    parseRenderTilespecs(readFileSync(join(shared, file), 'utf8'), file);
  const before = read('tilespecs/20141216_863_montage.2119.json');
  expect(before.tiles).toHaveLength(1227);
  expect(before.warnings).toEqual([]);
  expect(before.tiles.every((t) => t.transforms !== null)).toBe(true);
  const raw = read('point-matches/solver_raw_tiles_for_montage.json');
  expect(raw.tiles).toHaveLength(9);
  expect(raw.tiles.every((t) => t.section === 1015 && t.own.images.size === 1)).toBe(true);
  const polynomial = read('point-matches/fusion_test_tilespecs_ref.json');
  expect(polynomial.tiles).toHaveLength(110);
  expect(new Set(polynomial.tiles.map((t) => t.stageFromTile.join())).size).toBe(110);
  const four = read('em-tiles-2x2/test_4_tiles_level_1.json');
  expect(four.tiles.map((t) => [...t.own.images.keys()])).toEqual([
    [0, 1],
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
});

if (!existsSync(shared)) console.warn('skipped: real tilespecs, because ../shared/data is not here');
