// Names and colours of labels: of the dataset, and those that the user gives.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { NamedLabel } from '../../preload/contract/label.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

const atlas = join(import.meta.dirname, '../../../shared/data/atlas');
const missing = !existsSync(join(atlas, 'ara_ontology.json'));
if (missing) console.log('skipped: the atlas in ../shared/data is not there');

/** A segmentation of a few voxels; `type` decides whether it may be one. */
function writeNrrd(file: string, type = 'uint32', bytes = 4): void {
  const header = `NRRD0004\ntype: ${type}\ndimension: 3\nsizes: 8 8 8\nspacings: 1 1 1\nendian: little\nencoding: raw\n\n`;
  writeFileSync(file, Buffer.concat([Buffer.from(header), Buffer.alloc(512 * bytes, 1)]));
}

async function addTo({ client, library, result }: TempEngine, source: string, kind?: 'image'): Promise<string> {
  const { volume } = await result<{ volume: string }>(client.volume.add({ library, source, ...(kind && { kind }) }));
  return volume;
}

interface Asked {
  readonly find?: string;
  readonly ids?: string[];
  readonly from?: number;
  readonly most?: number;
}

async function labelsOf(
  { client, library }: TempEngine,
  volume: string,
  asked: Asked = {},
): Promise<{ readonly total: number; readonly labels: readonly NamedLabel[]; readonly table: string | null }> {
  return (await client.volume.labels({ library, volume, ...asked })).value;
}

async function named(at: TempEngine, table: string): Promise<string> {
  writeNrrd(join(at.folder, 'labels.nrrd'));
  const volume = await addTo(at, join(at.folder, 'labels.nrrd'));
  writeFileSync(join(at.folder, 'names.csv'), table);
  await at.client.volume.legend({ library: at.library, volume, table: join(at.folder, 'names.csv') });
  return volume;
}

test('a table gives names; it is undone, redone and taken off', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const volume = await named(at, 'id,name,colour\n16843009,all of it,#00ff00\n');
  const wanted = { id: '16843009', name: 'all of it', about: '', colour: '#00ff00' };
  expect(await labelsOf(at, volume)).toEqual({ total: 1, labels: [wanted], table: 'names.csv' });
  expect((await client.library.undo({ library })).label).toBe('Name the labels of labels');
  expect(await labelsOf(at, volume)).toEqual({ total: 0, labels: [], table: null });
  await client.library.redo({ library });
  expect((await labelsOf(at, volume)).labels).toEqual([wanted]);
  expect(await client.volume.legend({ library, volume })).toEqual({ labels: 0, colours: 0 });
  expect((await labelsOf(at, volume)).total).toBe(0);
  await client.library.undo({ library });
  expect((await labelsOf(at, volume)).labels).toEqual([wanted]);
});

test('labels are found by name and by id, the best first, some at a time', async () => {
  const at = tempEngine();
  const rows = ['12,Visual cortex', '120,Layer 12', '7,cortex', '8,Cortex of nowhere', '9,sub cortex', '1,else'];
  const volume = await named(at, `id,name\n${rows.join('\n')}\n`);
  const found = async (asked: Asked): Promise<readonly string[]> =>
    (await labelsOf(at, volume, asked)).labels.map(({ id }) => id);
  expect(await found({ find: 'CORTEX' })).toEqual(['7', '8', '12', '9']);
  expect(await found({ find: 'cortex nowhere' })).toEqual(['8']);
  expect(await found({ find: '12' })).toEqual(['12', '120']);
  expect(await found({ ids: ['9', '55', '7'] })).toEqual(['9', '7']);
  expect(await labelsOf(at, volume, { from: 1, most: 2 })).toMatchObject({
    total: 6,
    labels: [{ id: '120' }, { id: '7' }],
  });
  expect(await found({ find: 'nothing like it' })).toEqual([]);
});

test('what is no table, no segmentation or no volume is refused by name', async () => {
  const at = tempEngine();
  const { client, library, folder } = at;
  const volume = await named(at, '1,a\n');
  const table = join(folder, 'other.csv');
  await expect(client.volume.legend({ library, volume, table })).rejects.toMatchObject({ tag: 'bad-source' });
  writeFileSync(table, 'id,name\none,a\n');
  await expect(client.volume.legend({ library, volume, table })).rejects.toThrow('line 2: "one" is no label id');
  await expect(client.volume.legend({ library, volume, table: folder })).rejects.toThrow('is no file');
  expect((await labelsOf(at, volume)).total).toBe(1);
  writeNrrd(join(folder, 'grey.nrrd'), 'uint8', 1);
  const image = await addTo(at, join(folder, 'grey.nrrd'), 'image');
  await expect(labelsOf(at, image)).rejects.toThrow('it has no labels');
  await expect(labelsOf(at, 'volume-000000000000')).rejects.toMatchObject({ tag: 'not-found' });
});

/** A precomputed segmentation of one chunk, whose info names a folder of properties. */
function writePrecomputed(folder: string, properties: unknown, named = 'properties'): void {
  mkdirSync(join(folder, '1_1_1'), { recursive: true });
  mkdirSync(join(folder, 'properties'));
  const scale = { key: '1_1_1', size: [4, 4, 4], chunk_sizes: [[4, 4, 4]], resolution: [8, 8, 8], encoding: 'raw' };
  const info = {
    type: 'segmentation',
    data_type: 'uint64',
    num_channels: 1,
    scales: [scale],
    segment_properties: named,
  };
  writeFileSync(join(folder, 'info'), JSON.stringify(info));
  writeFileSync(join(folder, 'properties', 'info'), JSON.stringify(properties));
  writeFileSync(join(folder, '1_1_1', '0-4_0-4_0-4'), Buffer.alloc(512, 1));
}

const properties = {
  '@type': 'neuroglancer_segment_properties',
  inline: {
    ids: ['18446744073709551615', '5'],
    properties: [
      { id: 'label', type: 'label', values: ['Giant fibre', ''] },
      { id: 'tags', type: 'tags', tags: ['left', 'traced'], values: [[0, 1], [1]] },
      { id: 'note', type: 'description', values: ['', 'a stub'] },
    ],
  },
};

test('segment properties of a precomputed volume are its names; a table stands over them', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'segments');
  writePrecomputed(source, properties);
  const volume = await addTo(at, source);
  const giant = { id: '18446744073709551615', name: 'Giant fibre', about: 'left · traced', colour: null };
  const stub = { id: '5', name: 'a stub', about: 'traced', colour: null };
  expect(await labelsOf(at, volume)).toEqual({ total: 2, labels: [giant, stub], table: null });
  expect((await labelsOf(at, volume, { find: 'left' })).labels).toEqual([giant]);
  const table = join(at.folder, 'more.json');
  writeFileSync(table, '[{"id": 5, "name": "Axon"}, {"id": 18446744073709551615, "colour": "#010203"}]');
  await at.client.volume.legend({ library: at.library, volume, table });
  expect((await labelsOf(at, volume)).labels).toEqual([
    { ...giant, colour: '#010203' },
    { ...stub, name: 'Axon' },
  ]);
});

test.each([
  ['its own folder', properties, '../other', 'leads out of the dataset'],
  ['what they are', { '@type': 'something' }, 'properties', '@type'],
  ['a list of ids', { ...properties, inline: { ids: 'all' } }, 'properties', 'inline.ids'],
  ['a file', properties, 'nothing', 'there is no such file'],
])('segment properties without %s are refused, and draw all the same', async (_, given, named, message) => {
  const at = tempEngine();
  const source = join(at.folder, 'segments');
  writePrecomputed(source, given, named);
  const volume = await addTo(at, source);
  await expect(labelsOf(at, volume)).rejects.toThrow(message);
  const table = join(at.folder, 'names.csv');
  writeFileSync(table, '1,a');
  await at.client.volume.legend({ library: at.library, volume, table });
  expect((await labelsOf(at, volume)).total).toBe(1);
});

test('labels of an OME-Zarr keep the names and colours that it gives them', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'labels.nrrd');
  writeNrrd(source);
  const out = join(at.folder, 'labels.zarr');
  await at.result(at.client.volume.convert({ library: at.library, source, out, format: 'ome-zarr' }));
  const file = join(out, 'zarr.json');
  const group = JSON.parse(readFileSync(file, 'utf8')) as { attributes: { ome: Record<string, unknown> } };
  group.attributes.ome['image-label'] = {
    colors: [{ 'label-value': 16_843_009, rgba: [1, 2, 3, 255] }],
    properties: [{ 'label-value': 16_843_009, name: 'cube' }],
  };
  writeFileSync(file, JSON.stringify(group));
  const copy = join(at.folder, 'copy.zarr');
  cpSync(out, copy, { recursive: true });
  const volume = await addTo(at, copy);
  expect((await labelsOf(at, volume)).labels).toEqual([{ id: '16843009', name: 'cube', about: '', colour: '#010203' }]);
});

describe.skipIf(missing)('the atlas of the mouse brain', () => {
  test('every label that it has is named by its ontology, after a restart too', async () => {
    const at = tempEngine();
    const { client, library } = at;
    const volume = await addTo(at, join(atlas, 'annotation_200.nrrd'));
    const table = join(atlas, 'ara_ontology.json');
    expect(await client.volume.legend({ library, volume, table })).toEqual({ labels: 1327, colours: 1327 });
    const [w, h, d] = (await client.view.volume({ library, volume })).value.levels[0]?.size ?? [0, 0, 0];
    const { bytes } = await client.volume.cutout({ library, source: volume, box: `0:${w},0:${h},0:${d}` });
    const ids = [...new Set(new Uint32Array((bytes ?? new Uint8Array()).slice().buffer))].filter((id) => id > 0);
    expect(ids.length).toBeGreaterThan(400);
    await client.library.close({ library });
    const { labels } = await labelsOf(at, volume, { ids: ids.map(String), most: 1000 });
    expect(labels.map(({ id }) => Number(id))).toEqual(ids);
    expect((await labelsOf(at, volume, { find: 'ca1' })).labels[0]).toMatchObject({
      name: 'Field CA1',
      colour: '#7ed04b',
    });
  });
});
