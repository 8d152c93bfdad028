// Real tiles of the shared test data, read where they lie. Skipped, aloud, where that folder is not.
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseRenderTilespecs } from '../../main/engine/formats/render-tilespec.ts';
import { isLamellaError } from '../../preload/contract/errors.ts';
import { type Affine, composeAffine } from '../../preload/contract/space.ts';
import { type FeatureMatch, featureMatches, misfits, quantile } from './independent-matches.ts';
import { decodePng, type Picture } from './png.ts';
import { importTiles, type TempEngine, tempEngine, tilesByName } from './temp-engine.ts';

const shared = join(import.meta.dirname, '../../../shared/data');
const here = existsSync(shared);
if (!here) console.warn('skipped: the real tiles, because ../shared/data is not here');
const real = test.skipIf(!here);

const fourTiles = join(shared, 'em-tiles-2x2');
const levelOne: Affine = [2, 0, 0, 2, 0, 0];
const affineClass = 'mpicbg.trakem2.transform.AffineModel2D';

interface RealTile {
  readonly tileId: string;
  readonly published: Affine;
  readonly picture: Picture;
}

let four: { readonly tiles: readonly RealTile[]; readonly pairs: readonly PairMatches[] } | null = null;

/** The four tiles and what they share, found once for all tests. */
function fourMatched(): NonNullable<typeof four> {
  const tiles = four?.tiles ?? readFourTiles();
  four ??= { tiles, pairs: matchAll(tiles) };
  return four;
}

function readFourTiles(): readonly RealTile[] {
  const { tiles } = parseRenderTilespecs(
    readFileSync(join(fourTiles, 'test_4_tiles_level_1.json'), 'utf8'),
    'published',
  );
  return tiles.map(({ tileId, stageFromTile, own }) => ({
    tileId,
    published: stageFromTile,
    picture: decodePng(readFileSync(join(fourTiles, own.images.get(1)?.split('/').at(-1) ?? ''))),
  }));
}

interface PairMatches {
  readonly a: string;
  readonly b: string;
  readonly matches: readonly FeatureMatch[];
}

/** Matches at level 1 between all pairs that overlap. */
function matchAll(tiles: readonly RealTile[]): readonly PairMatches[] {
  return tiles.flatMap((a, i) =>
    tiles.slice(i + 1).map((b) => {
      const [fromA, fromB] = [composeAffine(a.published, levelOne), composeAffine(b.published, levelOne)];
      return { a: a.tileId, b: b.tileId, matches: featureMatches(a.picture, b.picture, fromA, fromB) };
    }),
  );
}

/** Level-0 pixels. */
function allMisfits(pairs: readonly PairMatches[], placed: ReadonlyMap<string, Affine>): readonly number[] {
  const mapOf = (id: string): Affine => composeAffine(placed.get(id) ?? [NaN, 0, 0, NaN, 0, 0], levelOne);
  return pairs.flatMap(({ a, b, matches }) => misfits(matches, mapOf(a), mapOf(b)));
}

async function placedBy(at: TempEngine, dataset: string, stack: string): Promise<ReadonlyMap<string, Affine>> {
  const { value } = await at.client.stitch.placements({ library: at.library, stack });
  const placed = new Map(value.placements.map((p) => [p.tile, p.stackFromTile]));
  return new Map(
    [...(await tilesByName(at, dataset)).values()].map((tile) => [
      tile.name,
      placed.get(tile.id) ?? [NaN, 0, 0, NaN, 0, 0],
    ]),
  );
}

const stitch = (
  { client, library, result }: TempEngine,
  dataset: string,
  options: { readonly model: 'affine' | 'translation'; readonly searchPx?: number },
) =>
  result<{ stack: string; links: number; rmsPx: number; verdict: string }>(
    client.stitch.start({ library, dataset, ...options }),
  );

real(
  'four TEMCA tiles are placed at least as well as their published layout, on matches found independently',
  async () => {
    const at = tempEngine();
    const { tiles, pairs } = fourMatched();
    const published = allMisfits(pairs, new Map(tiles.map((tile) => [tile.tileId, tile.published])));
    expect(published.length).toBeGreaterThan(400);
    const { dataset, warnings } = await importTiles(at, fourTiles, 'render:test_4_tiles_level_1.json');
    expect(warnings.map((w) => w.message)).toEqual([
      '4 of 4 tiles name a mask that was not found; the first: test_mask.jpg.',
    ]);
    for (const tile of (await tilesByName(at, dataset)).values())
      expect(tile).toMatchObject({ mipmapLevel: 1, widthPx: 2650, heightPx: 2260, verdict: 'ok' });
    const { stack, links, verdict } = await stitch(at, dataset, { model: 'affine' });
    const ours = allMisfits(pairs, await placedBy(at, dataset, stack));
    console.log(
      `four tiles: ${ours.length} matches, median ${quantile(ours, 0.5).toFixed(3)} px, p90 ${quantile(ours, 0.9).toFixed(3)} px at level 0; published ${quantile(published, 0.5).toFixed(3)} and ${quantile(published, 0.9).toFixed(3)}; ${links} links`,
    );
    expect(verdict).toBe('pass');
    expect(quantile(ours, 0.5)).toBeLessThanOrEqual(Math.min(0.9, quantile(published, 0.5)));
    expect(quantile(ours, 0.9)).toBeLessThanOrEqual(Math.min(1.9, quantile(published, 0.9)));
  },
);

real('the same tiles are placed as well from a stage that is off by tens of pixels and knows no shear', async () => {
  const at = tempEngine();
  const { tiles, pairs } = fourMatched();
  const source = join(at.folder, 'tiles');
  mkdirSync(source);
  const specs = tiles.map(({ tileId, published }, i) => {
    const [dx, dy] = [
      [0, 0],
      [23, -31],
      [-28, 17],
      [35, 30],
    ][i] ?? [0, 0];
    const stage = `0.96 0 0 0.96 ${published[4] + (dx ?? 0)} ${published[5] + (dy ?? 0)}`;
    return {
      tileId,
      width: 2650,
      height: 2260,
      mipmapLevels: { 1: { imageUrl: imageOf(tileId) } },
      transforms: { specList: [{ className: affineClass, dataString: stage }] },
    };
  });
  for (const { tileId } of tiles) symlinkSync(join(fourTiles, imageOf(tileId)), join(source, imageOf(tileId)));
  writeFileSync(join(source, 'stage.json'), JSON.stringify(specs));
  const { dataset } = await importTiles(at, source, 'render:stage.json');
  const { stack } = await stitch(at, dataset, { model: 'affine' });
  const ours = allMisfits(pairs, await placedBy(at, dataset, stack));
  console.log(
    `four tiles from a rough stage: median ${quantile(ours, 0.5).toFixed(3)} px, p90 ${quantile(ours, 0.9).toFixed(3)} px at level 0`,
  );
  expect(quantile(ours, 0.5)).toBeLessThan(0.9);
  expect(quantile(ours, 0.9)).toBeLessThan(1.9);
});

const imageOf = (tileId: string): string =>
  ({
    tile_1: 'col0075_row0021_cam1.png',
    tile_2: 'col0075_row0022_cam3.png',
    tile_3: 'col0076_row0021_cam0.png',
    tile_4: 'col0076_row0022_cam2.png',
  })[tileId] + '_level_1_mipmap.png';

real('a 16-bit pair keeps its bits, its grey levels and its place', async () => {
  const at = tempEngine();
  const { client, library, result } = at;
  const { dataset } = await importTiles(at, fourTiles, 'render:16_bit_tiles.json');
  const tiles = await tilesByName(at, dataset);
  for (const [name, tile] of tiles) {
    const { pixels } = decodePng(readFileSync(join(fourTiles, name)));
    const mean = Array.from(pixels).reduce((sum, v) => sum + v, 0) / pixels.length;
    expect(tile).toMatchObject({ dtype: 'uint16', widthPx: 400, heightPx: 400 });
    expect(Math.abs((tile.metrics?.mean ?? NaN) - mean)).toBeLessThan(1e-6);
  }
  const { stack, links } = await stitch(at, dataset, { model: 'translation' });
  expect(links).toBe(1);
  const [left, right] = ['tile_1', 'tile_2'].map((name) =>
    placedBy(at, dataset, stack).then((placed) => placed.get(name)),
  );
  const [a, b] = [await left, await right];
  expect(Math.hypot((b?.[4] ?? NaN) - (a?.[4] ?? NaN) - 299, (b?.[5] ?? NaN) - (a?.[5] ?? NaN))).toBeLessThan(2);
  const { volume } = await result<{ volume: string }>(client.stitch.fuse({ library, stack }));
  expect((await client.view.volume({ library, volume })).value.dtype).toBe('uint16');
});

const mipmaps = join(shared, 'em-mipmaps');
const mipmapOf = (col: number, level: number): string => `col00${col}_row0140_cam0.tif_level_${level}_mipmap.tif`;

real.each([1, 2, 3])('TIFF mipmaps serve at level %d where nothing finer is there', async (level) => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  mkdirSync(source);
  const specs = [60, 61].map((col, i) => {
    const images = Object.fromEntries([
      [0, { imageUrl: `col00${col}_row0140_cam0.tif` }],
      ...[1, 2, 3].map((l) => [l, { imageUrl: mipmapOf(col, l) }]),
    ] as [number, object][]);
    return {
      tileId: `t${i}`,
      z: 1,
      width: 2560,
      height: 2160,
      mipmapLevels: images,
      transforms: { specList: [{ className: affineClass, dataString: `1 0 0 1 ${i * 2330} 0` }] },
    };
  });
  for (const col of [60, 61])
    for (let l = level; l <= 3; l++) symlinkSync(join(mipmaps, mipmapOf(col, l)), join(source, mipmapOf(col, l)));
  writeFileSync(join(source, 'layout.json'), JSON.stringify(specs));
  const { dataset, warnings } = await importTiles(at, source, 'render:layout.json');
  expect(warnings).toEqual([]);
  for (const tile of (await tilesByName(at, dataset)).values())
    expect(tile).toMatchObject({ mipmapLevel: level, widthPx: 2560, heightPx: 2160, verdict: 'ok' });
});

real('tilespecs without images, and tilespecs whose images are elsewhere, are refused by name', async () => {
  const at = tempEngine();
  const refused = async (source: string, layout: string) => {
    const error: unknown = await importTiles(at, source, layout).then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!isLamellaError(error)) throw new Error('it was not refused', { cause: error });
    return [error.tag, error.message] as const;
  };
  expect(await refused(join(shared, 'tilespecs'), 'render:small_montage.json')).toEqual([
    'bad-layout',
    'None of the 9 tilespecs in small_montage.json names an image (mipmapLevels).',
  ]);
  const [tag, message] = await refused(join(shared, 'point-matches'), 'render:solver_raw_tiles_for_montage.json');
  expect(tag).toBe('bad-source');
  expect(message).toMatch(
    /^None of the 9 tiles that the layout names is in .*: no 20170502152544598_295434_5LC_0064_01_001015_0_20_32\.tif/,
  );
});

real('a real montage with one image present imports that one and names the others', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  mkdirSync(source);
  symlinkSync(join(mipmaps, mipmapOf(60, 3)), join(source, '20170502152544598_295434_5LC_0064_01_001015_0_20_32.tif'));
  const layout = join(shared, 'point-matches', 'solver_raw_tiles_for_montage.json');
  const { dataset, tiles, warnings } = await importTiles(at, source, `render:${layout}`);
  expect(tiles).toBe(9);
  expect(warnings.filter((w) => w.message.includes('its file was not found'))).toHaveLength(8);
  expect(warnings.filter((w) => w.message.includes('NonLinearCoordinateTransform'))).toEqual([]);
  // Its lens is followed: the version as imported has a place through it for every tile.
  const { stacks } = (await at.client.library.info({ library: at.library })).value;
  expect(stacks).toMatchObject([{ madeBy: 'import', tiles: 9 }]);
  const { placements } = (await at.client.stitch.placements({ library: at.library, stack: stacks[0]?.id ?? '' })).value;
  expect(placements.every(({ transforms }) => (transforms?.length ?? 0) > 1)).toBe(true);
  const present = (await tilesByName(at, dataset)).get('20170502152544598_295434_5LC_0064_01_001015_0_20_32.tif');
  expect(present?.reasons[0]).toContain('its file is 320 x 270 px');
});

real('detect offers the layout files of real tiles first, then a pattern in which the camera is no axis', async () => {
  const { value } = await tempEngine().client.ingest.detect({ source: fourTiles });
  expect(value.candidates.map(({ layout, tiles, missing }) => [layout, tiles, missing])).toEqual([
    ['render:test_4_tiles_level_1.json', 4, 0],
    ['render:16_bit_tiles.json', 2, 0],
    ['pattern:col{col}_row{row}_cam*.png_level_1_mipmap.png', 4, 0],
  ]);
  const mipmaps = await tempEngine().client.ingest.detect({ source: join(shared, 'em-mipmaps') });
  expect(mipmaps.value.candidates.map(({ layout }) => layout)).toEqual([
    'pattern:col{col}_row0140_cam0.tif_level_1_mipmap.tif',
  ]);
});
