// Atlases: imported, looked up through maps, mapped, with tables that do not fit their annotation.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readAtlasMap, valueAt } from '../../preload/contract/atlas-map.ts';
import { seededRandom } from '../formats/mutate.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';
import { spacedUm, writeNrrd } from './write-nrrd.ts';

const real = join(import.meta.dirname, '../../../shared/data/atlas');
const missing = !existsSync(join(real, 'ara_ontology.json'));
if (missing) console.log('skipped: the atlas in ../shared/data is not there');

interface Imported {
  readonly atlas: string;
  readonly annotation: string;
  readonly template: string | null;
  readonly regions: number;
  readonly notInTable: number;
}

const size = [12, 10, 8] as const;
const voxels = size[0] * size[1] * size[2];

/** 12 x 10 x 8 voxels of 100 um: 1 in the lower x, 2 in the upper, 0 in the first slice, 7 in one voxel. */
function toyLabels(): Uint32Array {
  return Uint32Array.from({ length: voxels }, (_, i) => {
    if (i === voxels - 1) return 7;
    if (i < size[0] * size[1]) return 0;
    return i % size[0] < 6 ? 1 : 2;
  });
}

const writeToy = (file: string): string => writeNrrd(file, size, toyLabels(), spacedUm([100, 100, 100]));

const toyTable = 'id,name,acronym,parent,colour\n9,all,root,,#ffffff\n1,low,L,9,#ff0000\n2,high,H,9,\n3,none,N,9,\n';

function importToy(at: TempEngine, table = toyTable, orientation = 'lsa'): Promise<Imported> {
  const ontology = join(at.folder, 'regions.csv');
  writeFileSync(ontology, table);
  const annotation = writeToy(join(at.folder, 'annotation.nrrd'));
  return at.result<Imported>(at.client.atlas.import({ library: at.library, annotation, ontology, orientation }));
}

/** The middle of a voxel, nanometres; `first`: of the first voxel, in voxels from where nanometres are counted. */
const middleOf = ([x = 0, y = 0, z = 0]: readonly number[], um: number, first: number): [number, number, number] => [
  (x + first) * um * 1000,
  (y + first) * um * 1000,
  (z + first) * um * 1000,
];

test('an atlas is imported, told, looked up, undone and removed', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const made = await importToy(at);
  expect(made).toMatchObject({ regions: 5, notInTable: 1, template: null });
  const { atlas } = (await client.atlas.get({ library, atlas: made.atlas })).value;
  expect(atlas).toMatchObject({ name: 'annotation', kind: 'table', orientation: 'lsa', empty: 1, notInTable: 1 });
  expect(atlas.warnings.map(({ message }) => message)).toEqual([
    'Its labels 7 (1 voxels) are not in regions.csv: shown as regions without a name.',
  ]);
  const { regions } = (await client.atlas.regions({ library, atlas: made.atlas })).value;
  expect(regions.map(({ id, voxels: own, allVoxels, inTable }) => [id, own, allVoxels, inTable])).toEqual([
    ['9', 0, 839, true],
    ['1', 420, 420, true],
    ['2', 419, 419, true],
    ['3', 0, 0, true],
    ['7', 1, 1, false],
  ]);
  // What has no colour has that of the region that it is inside of.
  expect(regions[2]?.colour).toBe('#ffffff');
  const points = [
    [5, 5, 3],
    [6, 5, 3],
    [6, 5, 0],
    [11, 9, 7],
    [-1, 0, 0],
  ].map((voxel) => middleOf(voxel, 100, 0.5));
  const found = (await client.atlas.lookup({ library, atlas: made.atlas, points })).value;
  const said = found.points.map(({ place, region, hemisphere }) => [
    region === null ? place : found.regions[region]?.acronym,
    hemisphere,
  ]);
  expect(said).toEqual([
    ['L', 'left'],
    ['H', 'right'],
    ['background', 'right'],
    ['7', 'right'],
    ['outside', null],
  ]);
  expect(found.regions[0]?.path.map(({ name }) => name)).toEqual(['all', 'low']);
  // View names them, too.
  const { labels } = (await client.volume.labels({ library, volume: made.annotation, ids: ['1'] })).value;
  expect(labels).toEqual([{ id: '1', name: 'low', about: 'L', colour: '#ff0000' }]);
  expect((await client.library.undo({ library })).label).toBe('Import the atlas annotation');
  expect((await client.atlas.list({ library })).value.atlases).toEqual([]);
  await client.library.redo({ library });
  expect((await client.atlas.list({ library })).value.atlases).toHaveLength(1);
  await client.atlas.remove({ library, atlas: made.atlas });
  await expect(client.atlas.get({ library, atlas: made.atlas })).rejects.toMatchObject({ tag: 'not-found' });
});

test('points are led through warped volumes, either way, and to volumes laid out like them', async () => {
  const at = tempEngine();
  const { client, library, folder, result } = at;
  const { atlas, annotation } = await importToy(at);
  const other = writeToy(join(folder, 'other.nrrd'));
  const { volume: fixed } = await result<{ volume: string }>(client.volume.add({ library, source: other }));
  const point = [250_000, 450_000, 350_000] as [number, number, number];
  const ask = (space: string) => client.atlas.lookup({ library, atlas, points: [point], space });
  await expect(ask(fixed)).rejects.toThrow('No map leads from "other" to the atlas annotation');
  // Result to source: half a millimetre along x, so that what is shown at 0.25 mm is what lies at 0.75 mm.
  const matrix = [1, 0, 0, 500_000, 0, 1, 0, 0, 0, 0, 1, 0];
  const steps = [{ type: 'affine' as const, matrix }];
  const grid = { type: 'like' as const, volume: fixed };
  const { volume: seen } = await client.warp.create({ library, volume: annotation, steps, grid });
  for (const space of [seen.id, fixed]) {
    const { value } = await ask(space);
    expect([value.regions[0]?.acronym, value.through]).toEqual(['H', [seen.id]]);
  }
  const { volume: back } = await client.warp.create({ library, volume: fixed, steps });
  const { value } = await ask(back.id);
  expect([value.points[0]?.place, value.through]).toEqual(['outside', [back.id, seen.id]]);
  // The source of a warped volume that is laid out like the annotation: through it the other way.
  const third = { library, source: writeToy(join(folder, 'third.nrrd')) };
  const { volume: moving } = await result<{ volume: string }>(client.volume.add(third));
  const onAtlas = await client.warp.create({
    ...{ library, volume: moving, steps },
    grid: { type: 'like', volume: annotation },
  });
  const far: [number, number, number] = [750_000, 450_000, 350_000];
  const led = (await client.atlas.lookup({ library, atlas, points: [far], space: moving })).value;
  expect([led.regions[0]?.acronym, led.through]).toEqual(['L', [onAtlas.volume.id]]);
});

test('the map holds every voxel, within its budget', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const { atlas } = await importToy(at);
  const { value, bytes } = await client.atlas.map({ library, atlas });
  expect(value).toMatchObject({ level: 0, size, midline: { axis: 0, atNm: 600_000, below: 'left' } });
  const map = readAtlasMap(bytes ?? new Uint8Array(), size);
  const labels = toyLabels();
  // at + 1 of the regions with the labels 0, 1, 2 and 7.
  const valueOf = new Map([
    [0, 0],
    [1, 2],
    [2, 3],
    [7, 5],
  ]);
  const wrong = [...labels].filter((label, i) => {
    const [x, y, z] = [i % 12, Math.floor(i / 12) % 10, Math.floor(i / 120)];
    return valueAt(map, x, y, z) !== valueOf.get(label);
  });
  expect(wrong).toEqual([]);
  expect(value.runs).toBeLessThanOrEqual(3 * 80);
  const little = { ...map, size: [1, 1, 1] as const };
  expect(valueAt(little, 5, 0, 0)).toBe(0);
});

test('other programs of this computer are answered, with the token alone', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const { atlas } = await importToy(at);
  const stop = new AbortController();
  const serving = await new Promise<{ readonly address: string; readonly token: string }>((resolve, reject) => {
    client.atlas.serve({ library }, { signal: stop.signal, onValue: resolve }).catch(reject);
  });
  const ask = async (path: string, body?: string): Promise<{ readonly status: number; readonly said: string }> => {
    const headers = { authorization: `Bearer ${serving.token}` };
    const answer = await fetch(`${serving.address}/v1/atlases${path}`, {
      headers,
      ...(body && { method: 'PUT', body }),
    });
    return { status: answer.status, said: await answer.text() };
  };
  expect((await fetch(`${serving.address}/v1/atlases`)).status).toBe(401);
  expect(JSON.parse((await ask('')).said)).toMatchObject({ atlases: [{ id: atlas }] });
  const region = JSON.parse((await ask(`/${atlas}/regions/root`)).said);
  expect(region).toMatchObject({ region: { id: '9' }, inside: [{ id: '1' }, { id: '2' }, { id: '3' }] });
  expect(JSON.parse((await ask(`/${atlas}/regions?find=hi`)).said)).toMatchObject({ total: 1, regions: [{ id: '2' }] });
  const low = { regions: [{ acronym: 'L' }] };
  expect(JSON.parse((await ask(`/${atlas}/at/50000,50000,350000`)).said)).toMatchObject(low);
  expect(JSON.parse((await ask(`/${atlas}/lookup`, '{"points":[[50000,50000,350000]]}')).said)).toMatchObject(low);
  expect(await ask(`/${atlas}/lookup`, '{"points":[[1,2]]}')).toMatchObject({ status: 400 });
  expect(await ask(`/${atlas}/regions/nowhere`)).toMatchObject({ status: 404 });
  stop.abort();
});

test('a BrainGlobe folder says where it lies; files that it lacks are named', async () => {
  const at = tempEngine();
  const { client, library, folder, result } = at;
  const made = await importToy(at);
  const globe = join(folder, 'globe');
  mkdirSync(globe);
  const start = () => result<Imported>(client.atlas.import({ library, source: globe }));
  await expect(start()).rejects.toThrow('it has no metadata.json');
  const metadata = { name: 'toy_mouse', citation: 'Toy 2020', resolution: [50, 100, 200], orientation: 'asr' };
  writeFileSync(join(globe, 'metadata.json'), JSON.stringify({ ...metadata, orientation: 'asa' }));
  await expect(start()).rejects.toThrow('orientation');
  writeFileSync(join(globe, 'metadata.json'), JSON.stringify({ ...metadata, shape: size.toReversed() }));
  await expect(start()).rejects.toThrow('it has no annotation.tiff');
  const out = join(folder, 'annotation.ome.tif');
  await result(client.volume.convert({ library, source: made.annotation, out, format: 'tiff', levels: 'one' }));
  renameSync(out, join(globe, 'annotation.tiff'));
  const structures = [
    { id: 997, acronym: 'root', name: 'root', structure_id_path: [997], rgb_triplet: [255, 255, 255] },
    ...[1, 2, 7].map((id) => ({ id, acronym: `r${id}`, name: `region ${id}`, structure_id_path: [997, id] })),
  ];
  writeFileSync(join(globe, 'structures.json'), JSON.stringify(structures));
  expect((await client.atlas.describe({ source: globe })).value).toMatchObject({
    ...{ name: 'toy_mouse', regions: 4, annotation: 'annotation.tiff', template: null },
    voxelSizeNm: [200_000, 100_000, 50_000],
  });
  const { atlas, annotation } = await start();
  const { value } = await client.atlas.get({ library, atlas });
  expect(value.atlas).toMatchObject({
    name: 'toy_mouse',
    kind: 'brainglobe',
    orientation: 'rsa',
    citation: 'Toy 2020',
  });
  const { volumes } = (await client.library.info({ library })).value;
  const sizeNm = volumes.find(({ id }) => id === annotation)?.levels[0]?.voxelSizeNm;
  expect(sizeNm).toEqual([200_000, 100_000, 50_000]);
  const points = [[11.5 * 200_000, 9.5 * 100_000, 7.5 * 50_000] as [number, number, number]];
  const { value: found } = await client.atlas.lookup({ library, atlas, points });
  expect([found.regions[0]?.acronym, found.points[0]?.hemisphere]).toEqual(['r7', 'left']);
});

test('tables of other annotations, images and half of an atlas are refused by name', async () => {
  const at = tempEngine();
  const { client, library, folder, result } = at;
  await expect(importToy(at, 'id,name\n100,a\n')).rejects.toThrow(
    'regions.csv is the table of another annotation: no label of annotation is in it (1, 2, 7)',
  );
  const annotation = join(folder, 'annotation.nrrd');
  await expect(result(client.atlas.import({ library, annotation }))).rejects.toMatchObject({ tag: 'invalid-input' });
  const { volume } = await result<{ volume: string }>(
    client.volume.add({ library, source: annotation, kind: 'image', name: 'grey' }),
  );
  const ontology = join(folder, 'regions.csv');
  await expect(result(client.atlas.import({ library, annotation: volume, ontology }))).rejects.toThrow(
    '"grey" is an image',
  );
});

describe.skipIf(missing)("the Allen Institute's atlas", () => {
  /** Read without Lamella: the header ends at the first empty line, the rest is gzip. */
  function truth(um: number): Uint32Array {
    const file = readFileSync(join(real, `annotation_${um}.nrrd`));
    const { buffer, byteOffset, byteLength } = gunzipSync(file.subarray(file.indexOf('\n\n') + 2));
    return new Uint32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  }

  test.each([
    [100, [132, 80, 114]],
    [200, [66, 40, 57]],
  ])('a thousand points at %i um are in the regions that the file says', async (um, [nx = 0, ny = 0, nz = 0]) => {
    const at = tempEngine();
    const { client, library, result } = at;
    const [annotation, ontology, template] = [
      `annotation_${um}.nrrd`,
      'ara_ontology.json',
      `average_template_${um}.nrrd`,
    ].map((name) => join(real, name));
    const asked = { annotation: annotation ?? '', ontology: ontology ?? '', ...(template && { template }) };
    const { atlas, regions, notInTable } = await result<Imported>(
      client.atlas.import({ library, ...asked, orientation: 'asl' }),
    );
    expect([regions, notInTable]).toEqual([1327, 0]);
    const labels = truth(um);
    const next = seededRandom(7);
    const random = (n: number): number => Math.floor(next() * n);
    // NRRD's origin is the middle of the first voxel.
    const places = Array.from({ length: 1000 }, () => [random(nx), random(ny), random(nz)] as const);
    const points = places.map((place) => middleOf(place, um, 0));
    const { value } = await client.atlas.lookup({ library, atlas, points });
    const found = value.points.map(({ place, region }) =>
      region === null ? (place === 'background' ? '0' : place) : value.regions[region]?.id,
    );
    expect(found).toEqual(places.map(([x, y, z]) => String(labels[(z * ny + y) * nx + x])));
    expect(new Set(found).size).toBeGreaterThan(100);
    const counts = new Map<string, number>();
    for (const label of labels) counts.set(String(label), (counts.get(String(label)) ?? 0) + 1);
    const { regions: all } = (await client.atlas.regions({ library, atlas, most: 2000 })).value;
    expect(all.filter(({ id, voxels: own }) => own !== (counts.get(id) ?? 0))).toEqual([]);
    expect(all[0]?.allVoxels).toBe(labels.length - (counts.get('0') ?? 0));
    const { regions: best } = (await client.atlas.regions({ library, atlas, find: 'VISp', most: 1 })).value;
    expect(best).toMatchObject([{ id: '385', name: 'Primary visual area', colour: '#08858c' }]);
  });
});
