// Stack versions: their life, their lineage, their way in and out, and points that are led from one to the next.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LamellaClient } from '../../preload/contract/api.ts';
import { acquireTiles } from './acquisition.ts';
import { importTiles, type TempEngine, tempEngine } from './temp-engine.ts';

interface ImportedStack {
  readonly stack: string;
  readonly dataset: string;
  readonly tiles: number;
  readonly unplaced: number;
  readonly unknown: number;
  readonly warnings: readonly { readonly subject: string; readonly message: string }[];
}

type Point = readonly [number, number];
type Json = Record<string, unknown>;

const leaf = (className: string, ...numbers: readonly number[]): Json => ({
  type: 'leaf',
  className: `mpicbg.trakem2.transform.${className}`,
  dataString: numbers.join(' '),
});

/** x' = x + 2e-5 x y, y' = y + 1e-5 x², as a polynomial: bent, and easy to reckon with. */
const bend = leaf('PolynomialTransform2D', 0, 1, 0, 0, 2e-5, 0, 0, 0, 1, 1e-5, 0, 0);
const bent = ([x, y]: Point): Point => [x + 2e-5 * x * y, y + 1e-5 * x * x];

const [width, height, step] = [400, 300, 360];

function specOf(name: string, z: number, transforms: readonly Json[], more: Json = {}): Json {
  return {
    tileId: name,
    z,
    width,
    height,
    mipmapLevels: { '0': { imageUrl: `${name}.png` } },
    transforms: { type: 'list', specList: transforms },
    ...more,
  };
}

/** 4 x 4 tiles of two sections that overlap by 40 px, each moved by a map of its own. */
function gridOf(place: (column: number, row: number, z: number) => readonly Json[], shared?: Json): object {
  const specs: Json[] = [];
  for (const z of [1, 2])
    for (let row = 0; row < 4; row++)
      for (let column = 0; column < 4; column++) specs.push(specOf(`t${z}${row}${column}`, z, place(column, row, z)));
  return shared ? { tileSpecs: specs, sharedTransforms: [shared] } : specs;
}

function importJson(
  { client, library, result, folder }: TempEngine,
  json: object,
  more: Partial<Parameters<LamellaClient['stack']['import']>[0]> = {},
) {
  const source = join(folder, `stack-${Math.random().toString(36).slice(2)}.json`);
  writeFileSync(source, JSON.stringify(json));
  return result<ImportedStack>(client.stack.import({ library, source, ...more }));
}

const placeA = (column: number, row: number): Json[] => [leaf('TranslationModel2D', column * step, row * 260)];
const mapB = (column: number, row: number) =>
  [1, 0.01 * column, -0.02, 1, 5000 + column * step, -300 + row * 260] as const;
const placeB = (column: number, row: number): Json[] => [
  { type: 'ref', refId: 'lens' },
  leaf('AffineModel2D', ...mapB(column, row)),
];

test('ten thousand points are carried through the tiles on top to 0.01 px, and those under no tile are told with why', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const first = await importJson(at, gridOf(placeA));
  const second = await importJson(at, gridOf(placeB, { id: 'lens', ...bend }), { dataset: first.dataset });
  let state = 9;
  const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const points = Array.from({ length: 10_000 }, (_, k) => ({
    x: random() * 1700 - 100,
    y: random() * 1300 - 100,
    section: k % 50 === 0 ? 3 : 1 + (k % 2),
  }));
  const { value } = await client.stack.carryPoints({ library, stack: first.stack, to: second.stack, points });
  const counts = { carried: 0, uncovered: 0, noSection: 0 };
  points.forEach(({ x, y, section }, k) => {
    const found = value.points[k]!;
    // The last of the layout's order lies on top: highest row, then highest column.
    let top: { column: number; row: number } | null = null;
    for (let row = 0; row < 4; row++)
      for (let column = 0; column < 4; column++)
        if (x >= column * step && x <= column * step + width && y >= row * 260 && y <= row * 260 + height)
          top = { column, row };
    if (section === 3) {
      counts.noSection++;
      return expect(found).toEqual({ place: null, through: null, reason: 'the stack places no tile of section 3' });
    }
    if (!top) {
      counts.uncovered++;
      return expect(found).toEqual({ place: null, through: null, reason: `no tile of section ${section} lies there` });
    }
    counts.carried++;
    expect(found.through).toBe(`t${section}${top.row}${top.column}`);
    const [lx, ly] = bent([x - top.column * step, y - top.row * 260]);
    const [a, b, c, d, e, f] = mapB(top.column, top.row);
    expect(Math.hypot(found.place!.x - (a * lx + c * ly + e), found.place!.y - (b * lx + d * ly + f))).toBeLessThan(
      0.01,
    );
    expect(found.place!.section).toBe(section);
  });
  expect(value.carried).toBe(counts.carried);
  expect(Math.min(counts.carried - 5000, counts.uncovered, counts.noSection)).toBeGreaterThan(100);
});

test('a point under several tiles names them all, the one on top marked, and leads back from each', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const { stack } = await importJson(at, gridOf(placeB, { id: 'lens', ...bend }));
  const { value: led } = await client.stack.localToWorld({
    library,
    stack,
    points: [
      { name: 't100', x: 380, y: 290 },
      { name: 't100', x: 401, y: 290 },
      { name: 'nobody', x: 1, y: 1 },
    ],
  });
  expect(led.points[1]?.reason).toBe('it lies outside tile "t100" (400 x 300 px)');
  expect(led.points[2]?.reason).toBe('the stack places no tile "nobody"');
  const place = led.points[0]!.place!;
  const { value } = await client.stack.worldToLocal({ library, stack, points: [place] });
  const { tiles } = value.points[0]!;
  expect(tiles.map(({ name, visible }) => [name, visible])).toEqual([
    ['t100', false],
    ['t101', false],
    ['t110', false],
    ['t111', true],
  ]);
  expect(tiles[0]!.x).toBeCloseTo(380, 6);
  expect(tiles[0]!.y).toBeCloseTo(290, 6);
  const back = await client.stack.localToWorld({ library, stack, points: [...tiles] });
  for (const { place: again } of back.value.points)
    expect(Math.hypot(again!.x - place.x, again!.y - place.y)).toBeLessThan(1e-6);
});

test('points in a fold are reported, not guessed', async () => {
  const at = tempEngine();
  const folded = leaf('PolynomialTransform2D', 0, 1, 0, -1 / 600, 0, 0, 0, 0, 1, 0, 0, 0);
  const { stack, warnings } = await importJson(at, [
    specOf('a', 1, [folded]),
    specOf('b', 1, [leaf('TranslationModel2D', 900, 0)]),
  ]);
  expect(warnings.map(({ message }) => message).join()).toMatch(/"a": its transforms fold \d+ % of it over/);
  const { value } = await at.client.stack.worldToLocal({
    library: at.library,
    stack,
    points: [
      { x: 145, y: 50, section: 1 },
      { x: 60, y: 50, section: 1 },
    ],
  });
  expect(value.points[0]).toEqual({ tiles: [], reason: 'the map of tile "a" folds there, or leads nowhere' });
  expect(value.points[1]!.tiles).toMatchObject([{ name: 'a', x: 300 - Math.sqrt(90_000 - 36_000) }]);
});

test('the file of another program is compared with the dataset: missing, unknown, twice and contradictory tiles by name', async () => {
  const at = tempEngine();
  const first = await importJson(at, gridOf(placeA));
  const specs = (gridOf(placeA) as Json[]).slice(1);
  specs[0] = { ...specs[0], width: 512 };
  specs[1] = { ...specs[1], z: 7 };
  specs.push(specOf('stranger', 1, []), { ...specs[5], groupId: 'again' });
  const second = await importJson(at, specs, { dataset: first.dataset });
  expect(second).toMatchObject({ tiles: 31, unplaced: 1, unknown: 1 });
  const said = second.warnings.map(({ message }) => message).join('\n');
  expect(said).toMatch(/lists tile "t112" more than once, with contradictory words; the first is used/);
  expect(said).toMatch(/1 tiles are in the file and not in the dataset: stranger/);
  expect(said).toMatch(/1 tiles are in the dataset and not in the file: t100/);
  expect(said).toMatch(/Tile "t101" is 512 x 300 px in the file and 400 x 300 px in the dataset/);
  expect(said).toMatch(/Tile "t102" is in section 7 in the file and stays in section 1/);
  await expect(
    importJson(at, [specOf('x', 1, []), specOf('y', 1, [])], { dataset: first.dataset }),
  ).rejects.toMatchObject({ tag: 'bad-layout' });
});

test('states go as in Render, and no other way; every step can be undone to the bit', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const { stack } = await importJson(at, gridOf(placeB, { id: 'lens', ...bend }));
  const look = async () => (await client.stack.describe({ library, stack })).value;
  const before = await look();
  expect(before.stats).toMatchObject({
    sectionCount: 2,
    tileCount: 32,
    transformCount: 1,
    minTileWidth: 400,
    maxTileHeight: 300,
  });
  const legal = {
    LOADING: ['COMPLETE'],
    COMPLETE: ['LOADING', 'READ_ONLY', 'OFFLINE'],
    READ_ONLY: ['COMPLETE', 'OFFLINE'],
    OFFLINE: ['COMPLETE'],
  } as const;
  const states = ['LOADING', 'COMPLETE', 'READ_ONLY', 'OFFLINE'] as const;
  for (const from of states)
    for (const to of states) {
      if (from !== 'COMPLETE') await client.stack.setState({ library, stack, state: from });
      const step = client.stack.setState({ library, stack, state: to });
      if (from === to || (legal[from] as readonly string[]).includes(to)) expect(await step).toEqual({ state: to });
      else
        await expect(step).rejects.toMatchObject({
          tag: 'conflict',
          message: `Stack ${stack} is ${from} and cannot become ${to} at once.`,
        });
      await client.stack.setState({ library, stack, state: 'COMPLETE' });
    }
  // Entering LOADING counts as another version: twice from COMPLETE above.
  expect((await look()).stack.version).toBeGreaterThan(before.stack.version);
  await client.stack.setState({ library, stack, state: 'OFFLINE' });
  await expect(
    client.stack.worldToLocal({ library, stack, points: [{ x: 1, y: 1, section: 1 }] }),
  ).rejects.toMatchObject({ tag: 'conflict' });
  await client.library.undo({ library });
  await client.stack.setState({ library, stack, state: 'READ_ONLY' });
  await expect(client.stack.note({ library, stack, name: 'x' })).rejects.toMatchObject({ tag: 'conflict' });
  await expect(client.stitch.remove({ library, stack })).rejects.toMatchObject({ tag: 'conflict' });
  await client.library.undo({ library });
  await client.stack.note({
    library,
    stack,
    name: 'rough',
    facts: { versionNotes: 'first try', alignmentQuality: 0.5 },
  });
  expect(await look()).toMatchObject({
    stack: { name: 'rough' },
    facts: { versionNotes: 'first try', alignmentQuality: 0.5 },
  });
  await client.library.undo({ library });
  const after = await look();
  expect(after.stack.name).toBe(before.stack.name);
  expect(after.facts).toEqual({});
  expect(after.lineage[0]!.contentSha256).toBe(before.lineage[0]!.contentSha256);
});

test('a version tells the steps that it came by, and undo brings the one before back', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const first = await importJson(at, gridOf(placeA), { name: 'montage' });
  const other = await importJson(at, gridOf(placeB, { id: 'lens', ...bend }), {
    dataset: first.dataset,
    name: 'aligned',
  });
  const { stack: reset } = await client.intensity.reset({ library, stack: other.stack });
  const { value } = await client.stack.describe({ library, stack: reset });
  expect(value.lineage).toMatchObject([
    { stack: reset, version: 3, madeBy: 'intensity', parameters: { reset: true } },
    { stack: other.stack, version: 2, madeBy: 'import', parameters: { format: 'render' } },
  ]);
  for (const { lamella, inputsSha256, contentSha256, job } of value.lineage) {
    expect(lamella).toMatch(/^\d+\.\d+/);
    expect(job).not.toBe('');
    expect([inputsSha256, contentSha256].every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
  }
  expect(value.lineage[0]!.contentSha256).toBe(value.lineage[1]!.contentSha256);
  await client.library.undo({ library });
  await client.library.undo({ library });
  const { value: left } = await client.stack.list({ library, dataset: first.dataset });
  expect(left.stacks.map(({ name }) => name)).toEqual(['montage']);
  await client.library.redo({ library });
  const again = await client.stack.describe({ library, stack: other.stack });
  expect(again.value.lineage[0]).toEqual(value.lineage[1]);
});

test.each(['render', 'trakem2', 'tiles'] as const)(
  'what is exported as %s comes back to the same places',
  async (format) => {
    const at = tempEngine();
    const { client, library, result, folder } = at;
    const shared = format === 'render' || format === 'trakem2';
    const first = shared
      ? await importJson(at, gridOf(placeB, { id: 'lens', ...bend }))
      : await importJson(at, gridOf(placeA));
    const out = join(folder, { render: 'out.json', trakem2: 'out.xml', tiles: 'out.txt' }[format]);
    const exported = await client.stack.export({ library, stack: first.stack, format, out });
    expect(exported).toMatchObject({ tiles: 32, warnings: [] });
    const second = await result<ImportedStack>(client.stack.import({ library, source: out, dataset: first.dataset }));
    expect(second).toMatchObject({ tiles: 32, unplaced: 0, unknown: 0, warnings: [] });
    const points = ['t100', 't133', 't211'].flatMap((name) => [0, 111, 400].map((x) => ({ name, x, y: 300 - x / 2 })));
    const [a, b] = await Promise.all(
      [first, second].map(({ stack }) => client.stack.localToWorld({ library, stack, points })),
    );
    a!.value.points.forEach(({ place }, k) => {
      const other = b!.value.points[k]!.place!;
      expect(Math.hypot(place!.x - other.x, place!.y - other.y)).toBeLessThan(1e-9);
    });
  },
);

test('a TrakEM2 project places bent patches as TrakEM2 does: corner taken off, then the affine map', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'project.xml');
  // Bent and moved by (-120.75, 33.5): the least x that any node of the mesh leads to is -120.75, so its corner is -120, 33.
  writeFileSync(
    source,
    `<?xml version="1.0"?><!DOCTYPE trakem2_anything [ <!ELEMENT t2_patch EMPTY> ]><trakem2><t2_layer_set><t2_layer oid="5" z="12.0">
    <t2_patch oid="6" width="400" height="300" transform="matrix(1.0,0.0,0.0,1.0,1000.0,2000.0)" title="plain" file_path="plain.tif" o_width="400" o_height="300" min="3" max="200" type="0"/>
    <t2_patch oid="7" width="400" height="300" transform="matrix(0.0,1.0,-1.0,0.0,50.0,60.0)" title="bent" file_path="bent.tif" o_width="400" o_height="300" min="0" max="255" ct_id="7" mres="32">
      <ict_transform_list><ict_transform class="mpicbg.trakem2.transform.PolynomialTransform2D" data="${String(bend['dataString'])}"/>
      <ict_transform class="mpicbg.trakem2.transform.TranslationModel2D" data="-120.75 33.5"/></ict_transform_list></t2_patch>
    <t2_patch oid="8" transform="nonsense" title="lost" file_path="lost.tif" o_width="400" o_height="300"/>
    </t2_layer></t2_layer_set></trakem2>`,
  );
  const { stack, tiles, warnings } = await at.result<ImportedStack>(
    at.client.stack.import({ library: at.library, source }),
  );
  expect(tiles).toBe(2);
  expect(warnings.map(({ message }) => message).join()).toMatch(/patch "lost" has no usable place/);
  const { value } = await at.client.stack.localToWorld({
    library: at.library,
    stack,
    points: [
      { name: 'plain', x: 10, y: 20 },
      { name: 'bent', x: 200, y: 100 },
    ],
  });
  expect(value.points[0]?.place).toEqual({ x: 1010, y: 2020, section: 12 });
  const [bx, by] = bent([200, 100]);
  const [x, y] = [bx - 120.75 + 120, by + 33.5 - 33];
  expect(value.points[1]?.place?.x).toBeCloseTo(-y + 50, 9);
  expect(value.points[1]?.place?.y).toBeCloseTo(x + 60, 9);
});

test('annotations of a fused volume are carried into a volume of another version, undoably, and the rest is listed', async () => {
  const at = tempEngine();
  const { client, library, result } = at;
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { sections: 2, rows: 2, cols: 2, errorPx: 0, seed: 6 });
  const { dataset } = await importTiles(at, source);
  const { stack } = await result<{ stack: string }>(client.stitch.start({ library, dataset }));
  const { value: placed } = await client.stitch.placements({ library, stack });
  const { value: tiles } = await client.tile.list({ library, dataset });
  const moved = placed.placements.slice(0, -1).map(({ tile, stackFromTile: [a, b, c, d, e, f] }) => {
    const { name, section } = tiles.tiles.find(({ id }) => id === tile)!;
    return {
      tileId: name,
      z: section,
      transforms: { type: 'list', specList: [leaf('AffineModel2D', a, b, c, d, e + 37.25, f - 12.5)] },
    };
  });
  const other = await importJson(at, moved, { dataset });
  const volumeOf = async (id: string): Promise<string> =>
    (await result<{ volume: string }>(client.stitch.fuse({ library, stack: id }))).volume;
  const [from, to] = [await volumeOf(stack), await volumeOf(other.stack)];
  const add = (name: string, ...pointsNm: readonly (readonly [number, number, number])[]) =>
    client.annotate.add({
      library,
      volume: from,
      kind: pointsNm.length === 1 ? 'point' : 'line',
      pointsNm: [...pointsNm],
      name,
    });
  const last = placed.placements.at(-1)!.stackFromTile;
  await add('here', [400, 600, 50]);
  await add('line', [400, 600, 50], [480, 640, 10]);
  await add('far', [1e7, 1e7, 50]);
  await add('gone', [4 * (last[4] + 180), 4 * (last[5] + 180), 60]);
  const { carried, left } = await client.stack.carry({ library, from, to });
  expect(carried.map(({ name, pointsNm }) => [name, pointsNm.length])).toEqual([
    ['here', 1],
    ['line', 2],
  ]);
  const [x, y, z] = carried[0]!.pointsNm[0]!;
  expect([x, y, z]).toEqual([
    expect.closeTo(400 + 4 * 37.25, 6),
    expect.closeTo(600 - 4 * 12.5, 6),
    expect.closeTo(50, 9),
  ]);
  expect(left.map(({ name }) => name)).toEqual(['far', 'gone']);
  expect(left[0]!.reason).toBe('no tile of section 1 lies there');
  expect(left[1]!.reason).toMatch(/the other stack does not place/);
  const there = async (): Promise<number> =>
    (await client.annotate.list({ library, volume: to })).value.annotations.length;
  expect(await there()).toBe(2);
  await client.library.undo({ library });
  expect(await there()).toBe(0);
});

test('tilespecs with masks, channels and bent places come in by ingest with a first version beside the stage', async () => {
  const at = tempEngine();
  const { client, library, folder } = at;
  const source = join(folder, 'tiles');
  const acquired = acquireTiles(source, { sections: 1, rows: 1, cols: 2, errorPx: 0, seed: 6 });
  const level = (imageUrl: string, more: Json = {}): Json => ({ '0': { imageUrl, ...more } });
  const names = acquired.map(({ name }) => name);
  const specs = names.map((name, k) => ({
    tileId: `tile-${k}`,
    z: 3,
    minIntensity: 10,
    maxIntensity: 200,
    mipmapLevels: level(name, { maskUrl: names[0] }),
    channels: [
      { name: 'DAPI', mipmapLevels: level(name) },
      { name: 'PSD95', mipmapLevels: level(names[1 - k]!) },
    ],
    transforms: { type: 'list', specList: [{ type: 'ref', refId: 'lens' }, leaf('TranslationModel2D', 150 * k, 0)] },
  }));
  writeFileSync(
    join(source, 'layout.json'),
    JSON.stringify({ tileSpecs: specs, sharedTransforms: [{ id: 'lens', ...bend }] }),
  );
  const { dataset, warnings } = await importTiles(at, source, 'render:layout.json');
  expect(warnings).toEqual([]);
  const { value } = await client.stack.list({ library, dataset });
  expect(value.stacks).toMatchObject([{ name: 'as imported', model: 'imported', madeBy: 'import', tiles: 2 }]);
  const stack = value.stacks[0]!.id;
  const { value: described } = await client.stack.describe({ library, stack });
  expect(described.stats).toMatchObject({ channelNames: ['DAPI', 'PSD95'], transformCount: 1 });
  const out = join(folder, 'out.json');
  await client.stack.export({ library, stack, out });
  const written = JSON.parse(readFileSync(out, 'utf8')) as { tileIdToSpecMap: Json; transformIdToSpecMap: Json };
  expect(Object.values(written.tileIdToSpecMap)).toEqual(specs);
  expect(written.transformIdToSpecMap).toEqual({ lens: { id: 'lens', ...bend } });
});
