import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isLamellaError, type LamellaError } from '../../preload/contract/errors.ts';
import { acquireTiles } from './acquisition.ts';
import { encodePng, wrapPng } from './png.ts';
import { importTiles, tempEngine, tilesByName } from './temp-engine.ts';

/** Everything that a source folder holds and says of itself. */
function snapshot(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const facts = entries.map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return `${path} ${statSync(path).mtimeMs} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
  });
  return facts.toSorted().join('\n');
}

const failure = async (work: Promise<unknown>): Promise<LamellaError> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isLamellaError(error)) throw new Error('it did not fail as it should', { cause: error });
  return error;
};

test('imports tiles with their places, checksums, metrics and thumbnails, and leaves the source alone', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  const truth = acquireTiles(source, { sections: 2 });
  const before = snapshot(source);
  const { dataset, tiles, warnings } = await importTiles(at, source);
  expect([tiles, warnings]).toEqual([18, []]);
  const { value } = await at.client.tile.list({ library: at.library, dataset });
  expect(value.sections).toEqual([0, 1]);
  for (const tile of value.tiles) {
    const { stagePx } = truth.find((t) => t.name === tile.fileName) ?? { stagePx: [NaN, NaN] };
    expect(tile).toMatchObject({
      widthPx: 200,
      heightPx: 200,
      dtype: 'uint8',
      mipmapLevel: 0,
      verdict: 'ok',
      reasons: [],
      review: 'unreviewed',
      stageFromTile: [1, 0, 0, 1, ...stagePx],
    });
    expect(tile.sha256).toBe(
      createHash('sha256')
        .update(readFileSync(join(source, tile.fileName)))
        .digest('hex'),
    );
    expect(tile.metrics?.mean).toBeGreaterThan(100);
    expect(tile.metrics?.blankness).toBeLessThan(0.2);
  }
  const ids = value.tiles.slice(0, 5).map((tile) => tile.id);
  const {
    value: { thumbnails },
    bytes,
  } = await at.client.tile.thumbnails({ library: at.library, dataset, tiles: ids });
  expect(thumbnails.map((t) => t.tile)).toEqual(ids);
  expect(bytes?.byteLength).toBe(thumbnails.reduce((sum, t) => sum + t.widthPx * t.heightPx, 0));
  const { value: histogram } = await at.client.tile.histogram({ library: at.library, dataset, tile: ids[0] ?? 0 });
  expect(histogram.counts.reduce((a, b) => a + b)).toBe(200 * 200);
  expect(snapshot(source)).toBe(before);
});

test('thumbnails come back from the source when the cache is lost', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 1, cols: 2 });
  const { dataset } = await importTiles(at, source);
  const ids = [...(await tilesByName(at, dataset)).values()].map((tile) => tile.id);
  const ask = async () =>
    Buffer.from((await at.client.tile.thumbnails({ library: at.library, dataset, tiles: ids })).bytes ?? []);
  const first = await ask();
  await at.client.library.close({ library: at.library });
  for (const name of readdirSync(at.library).filter((n) => n.startsWith('cache.db'))) rmSync(join(at.library, name));
  expect((await ask()).equals(first)).toBe(true);
});

test('a pattern places tiles on a grid by the overlap, and says when it had to assume one', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 2, cols: 3 });
  const assumed = await importTiles(at, source, 'pattern:s{z}_r{row}_c{col}.png');
  expect(assumed.warnings.map((w) => w.message)).toEqual([
    'The pattern does not say how much neighbours overlap; 10 % is assumed.',
  ]);
  const { dataset, warnings } = await importTiles(
    at,
    source,
    'pattern:s{z}_r{row}_c{col}.png;overlapx=50px;overlapy=25%',
  );
  expect(warnings).toEqual([]);
  const tiles = await tilesByName(at, dataset);
  expect(tiles.get('s0_r1_c2.png')?.stageFromTile).toEqual([1, 0, 0, 1, 300, 150]);
});

test('a render layout finds moved files by name, serves a mipmap where level 0 is absent, and keeps the spec', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(join(source, 'deep', 'er'), { rows: 1, cols: 2 });
  const spec = (i: number, images: object, size: number) => ({
    tileId: `tile-${i}`,
    z: 7,
    layout: { sectionId: '7.0', camera: 'c' },
    width: size,
    height: size,
    minIntensity: 10,
    maxIntensity: 200,
    mipmapLevels: images,
    note: { kept: true },
    transforms: {
      type: 'list',
      specList: [
        { type: 'leaf', className: 'mpicbg.trakem2.transform.AffineModel2D', dataString: `1 0 0 1 ${i * 150} 0` },
      ],
    },
  });
  const specs = [
    spec(0, { 0: { imageUrl: 'file:/no/longer/there/s0_r0_c0.png', maskUrl: 'm.png' } }, 200),
    spec(1, { 0: { imageUrl: 'gone.png' }, 1: { imageUrl: 'other/s0_r0_c1.png' } }, 400),
  ];
  writeFileSync(join(source, 'layout.json'), JSON.stringify(specs));
  const { dataset, warnings } = await importTiles(at, source, 'render:layout.json');
  expect(warnings.map((w) => w.message)).toEqual([
    '1 of 2 tiles name a mask that was not found; the first: m.png.',
    'tile-1 (s0_r0_c1.png): 400 x 400 px where most tiles are 200 x 200 px.',
  ]);
  const tiles = await tilesByName(at, dataset);
  expect(tiles.get('s0_r0_c0.png')).toMatchObject({ name: 'tile-0', section: 7, mipmapLevel: 0, widthPx: 200 });
  expect(tiles.get('s0_r0_c1.png')).toMatchObject({
    name: 'tile-1',
    section: 7,
    mipmapLevel: 1,
    widthPx: 400,
    stageFromTile: [1, 0, 0, 1, 150, 0],
  });
});

test('bad tiles are named with the reason, and the rest goes on', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 4, cols: 4 });
  const file = (r: number, c: number) => join(source, `s0_r${r}_c${c}.png`);
  writeFileSync(file(0, 0), '');
  writeFileSync(file(0, 1), readFileSync(file(0, 1)).subarray(0, 9000));
  writeFileSync(file(0, 2), 'this is a letter, not a picture');
  rmSync(file(0, 3));
  copyFileSync(file(1, 1), file(1, 2));
  writeFileSync(file(2, 0), encodePng({ width: 200, height: 200, pixels: new Uint8Array(40_000).fill(77) }));
  writeFileSync(
    file(2, 1),
    encodePng({ width: 120, height: 90, pixels: readFileSync(file(1, 1)).subarray(100, 100 + 10_800) }),
  );
  writeFileSync(file(2, 2), wrapPng(60_000, 60_000, 8, new Uint8Array(20)));
  const { dataset, tiles, warnings } = await importTiles(at, source);
  expect(tiles).toBe(16);
  const flagged = new Map(
    [...(await tilesByName(at, dataset))]
      .filter(([, tile]) => tile.verdict !== 'ok')
      .map(([name, tile]) => [name, tile]),
  );
  expect([...flagged.keys()].toSorted()).toEqual([
    's0_r0_c0.png',
    's0_r0_c1.png',
    's0_r0_c2.png',
    's0_r0_c3.png',
    's0_r1_c2.png',
    's0_r2_c0.png',
    's0_r2_c1.png',
    's0_r2_c2.png',
  ]);
  const why = (name: string) => flagged.get(name)?.reasons.join('; ');
  expect(why('s0_r0_c0.png')).toMatch(/empty|0 bytes/);
  expect(why('s0_r0_c1.png')).toMatch(/^cut short: \d+ % of its rows are there/);
  expect(why('s0_r0_c2.png')).toMatch(/PNG|image/);
  expect(why('s0_r0_c3.png')).toBe('its file was not found');
  expect(why('s0_r1_c2.png')).toBe('repeats the pixels of s0_r1_c1.png');
  expect(why('s0_r2_c0.png')).toBe('blank: no texture in 100 % of it');
  expect(why('s0_r2_c1.png')).toContain('120 x 90 px where most tiles are 200 x 200 px');
  expect(why('s0_r2_c2.png')).toMatch(/3600000000|3,600,000,000|60000/);
  for (const name of flagged.keys()) expect(warnings.filter((w) => w.message.startsWith(name))).toHaveLength(1);
  expect(warnings.every((w) => (w.hint ?? '') !== '')).toBe(true);
});

test('a mislabelled picture is read for what it is', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 1, cols: 2 });
  renameSync(join(source, 's0_r0_c1.png'), join(source, 's0_r0_c1.tif'));
  writeFileSync(join(source, 'TileConfiguration.txt'), 'dim = 2\ns0_r0_c0.png; ; (0, 0)\ns0_r0_c1.tif; ; (150, 0)\n');
  const { dataset, warnings } = await importTiles(at, source);
  expect(warnings).toEqual([]);
  expect((await tilesByName(at, dataset)).get('s0_r0_c1.tif')?.verdict).toBe('ok');
});

test('a file that is still growing is reported, not half read', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 2, cols: 2 });
  const growing = join(source, 's0_r1_c1.png');
  const whole = readFileSync(growing);
  let length = Math.floor(whole.byteLength / 3);
  writeFileSync(growing, whole.subarray(0, length));
  const writer = setInterval(() => appendFileSync(growing, whole.subarray(length, (length += 1))), 5);
  try {
    const { dataset } = await importTiles(at, source);
    const tile = (await tilesByName(at, dataset)).get('s0_r1_c1.png');
    expect(tile).toMatchObject({ verdict: 'bad', reasons: ['s0_r1_c1.png is still being written.'], sha256: '' });
  } finally {
    clearInterval(writer);
  }
});

test.each<[string, string, string, RegExp]>([
  ['a folder that is not there', 'nowhere', 'pattern:r{row}_c{col}.png', /nowhere/],
  ['a file for a folder', 'tiles/TileConfiguration.txt', 'pattern:r{row}_c{col}.png', /is a file/],
  [
    'a pattern that fits nothing',
    'tiles',
    'pattern:x{row}_y{col}.png',
    /No image .*fits the pattern "x\{row\}_y\{col\}\.png".*s0_r0_c0\.png/,
  ],
  ['a pattern without rows and columns', 'tiles', 'pattern:s{z}.png', /neither \{row\} nor \{col\}/],
  ['a layout file that is not there', 'tiles', 'tiles:Missing.txt', /Missing\.txt/],
  ['a layout file of another kind', 'tiles', 'render:TileConfiguration.txt', /TileConfiguration\.txt is not JSON/],
  ['a layout whose files are not there', 'other', 'tiles:TileConfiguration.txt', /None of the 2 tiles .*other/],
])('refuses %s, by name', async (_what, source, layout, message) => {
  const at = tempEngine();
  acquireTiles(join(at.folder, 'tiles'), { rows: 1, cols: 2 });
  mkdirSync(join(at.folder, 'other'));
  writeFileSync(join(at.folder, 'other', 'TileConfiguration.txt'), 'dim = 2\na.png; ; (0, 0)\nb.png; ; (1, 0)\n');
  const error = await failure(importTiles(at, join(at.folder, source), layout));
  expect(['bad-layout', 'bad-source', 'not-found']).toContain(error.tag);
  expect(error.message).toMatch(message);
  expect(error.hint).not.toBe('');
  const { value } = await at.client.library.info({ library: at.library });
  expect(value.datasets).toEqual([]);
});

test('nothing readable at all is an error with the first reason', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 1, cols: 2 });
  for (const name of ['s0_r0_c0.png', 's0_r0_c1.png']) writeFileSync(join(source, name), 'no picture');
  const error = await failure(importTiles(at, source));
  expect(error.tag).toBe('bad-source');
  expect(error.message).toContain('None of the 2 tiles');
});

test('detect offers the layouts of a folder without reading pixels', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { sections: 2, rows: 2, cols: 2 });
  writeFileSync(
    join(source, 'specs.json'),
    JSON.stringify([
      { tileId: 'a', z: 1, mipmapLevels: { 0: { imageUrl: 's0_r0_c0.png' } } },
      { tileId: 'b', z: 1, mipmapLevels: { 0: { imageUrl: 'lost.png' } } },
    ]),
  );
  writeFileSync(join(source, 'notes.json'), '{"about": "nothing"}');
  const { value } = await at.client.ingest.detect({ source });
  expect(value).toMatchObject({ sourceName: 'tiles', images: 8 });
  expect(value.candidates.map(({ layout, tiles, sections, missing }) => [layout, tiles, sections, missing])).toEqual([
    ['tiles:TileConfiguration.txt', 8, 2, 0],
    ['pattern:s{z}_r{row}_c{col}.png', 8, 2, 0],
    ['render:specs.json', 2, 1, 1],
  ]);
});

test('reviews and removal are undoable', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 1, cols: 3 });
  const { dataset } = await importTiles(at, source);
  const { client, library } = at;
  const ids = [...(await tilesByName(at, dataset)).values()].map((tile) => tile.id);
  const reviews = async () => [...(await tilesByName(at, dataset)).values()].map((tile) => tile.review);
  expect(await client.tile.review({ library, dataset, tiles: ids.slice(0, 2), review: 'rejected' })).toEqual({
    changed: 2,
  });
  expect(await client.tile.review({ library, dataset, tiles: ids, review: 'rejected' })).toEqual({ changed: 1 });
  await client.tile.review({ library, dataset, tiles: ids.slice(2), review: 'unreviewed' });
  expect(await reviews()).toEqual(['rejected', 'rejected', 'unreviewed']);
  expect(await client.library.undo({ library })).toEqual({ label: 'Clear the review of s0_r0_c2.png' });
  await client.library.undo({ library });
  expect(await client.library.undo({ library })).toEqual({ label: 'Reject 2 tiles' });
  expect(await reviews()).toEqual(['unreviewed', 'unreviewed', 'unreviewed']);
  await client.library.redo({ library });
  expect(await reviews()).toEqual(['rejected', 'rejected', 'unreviewed']);
  await client.tile.remove({ library, dataset });
  expect((await failure(tilesByName(at, dataset))).tag).toBe('not-found');
  await client.library.undo({ library });
  expect((await reviews()).length).toBe(3);
  expect((await failure(client.tile.review({ library, dataset, tiles: [99_999], review: 'accepted' }))).tag).toBe(
    'not-found',
  );
});

test('importing again reads nothing twice', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 2, cols: 2 });
  const first = await importTiles(at, source);
  const second = await importTiles(at, source);
  expect(second.dataset).not.toBe(first.dataset);
  const { value } = await at.client.job.list({ library: at.library });
  expect(value.jobs.map((job) => [job.kind, job.state, job.done, job.total])).toEqual([
    ['ingest.start', 'done', 4, 4],
    ['ingest.start', 'done', 4, 4],
  ]);
  const [a, b] = [await tilesByName(at, first.dataset), await tilesByName(at, second.dataset)];
  for (const [name, tile] of a) expect({ ...b.get(name), id: 0 }).toEqual({ ...tile, id: 0 });
});

test('a voxel of more than a metre is refused, and an empty name is none', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 1, cols: 2 });
  const request = { library: at.library, source, layout: 'tiles:TileConfiguration.txt' };
  const huge = at.result(at.client.ingest.start({ ...request, voxelSizeNm: [1e300, 4, 4] }));
  await expect(huge).rejects.toMatchObject({ tag: 'invalid-input', fields: { field: 'voxelSizeNm' } });
  await at.result(at.client.ingest.start({ ...request, name: ' ' }));
  const { value } = await at.client.library.info({ library: at.library });
  expect(value.datasets.map(({ name }) => name)).toEqual(['tiles']);
});
