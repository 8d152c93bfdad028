import { describe, expect, it } from 'vitest';
import { detectVolume, findVolumes } from '../../main/engine/formats/detect.ts';
import { omeZarr } from '../../main/engine/formats/ome-zarr.ts';
import { planVolume } from '../../main/engine/formats/pyramid.ts';
import { memoryStore } from '../conformance/memory-store.ts';
import { writeVolume } from '../conformance/written-volume.ts';
import {
  array,
  axesOf,
  group,
  image,
  open,
  opened,
  options,
  put,
  putImage,
  refusal,
  scale,
  valueOf,
  type Json,
} from './ome-image.ts';

describe('which image of an OME-Zarr', () => {
  it('a series of bioformats2raw: the first, or by name; listed in OME, or counted', async () => {
    const store = memoryStore();
    put(store, 'zarr.json', group({ ome: { version: '0.5', 'bioformats2raw.layout': 3 } }));
    putImage(store, '0', 10);
    putImage(store, '1', 11);
    expect(await omeZarr.detect({ source: store, key: '' })).toBe(true);
    expect(await valueOf(await open(store))).toBe(10);
    expect(await valueOf(await open(store, '1'))).toBe(11);
    put(store, 'OME/zarr.json', group({ ome: { version: '0.5', series: ['1', '0'] } }));
    expect(await valueOf(await open(store))).toBe(11);
    expect((await open(store)).notes.warnings?.join()).toContain('which open by name: 0.');
    await expect(open(store, '7')).rejects.toMatchObject({
      ...refusal('invalid-input', 'no image "7"'),
      hint: 'It has 1, 0.',
    });
    await expect(open(store, '../x')).rejects.toMatchObject({ tag: 'invalid-input' });
  });

  it('a plate: the first field of the first well, or by well, or by field', async () => {
    const store = memoryStore();
    put(store, 'zarr.json', group({ ome: { version: '0.5', plate: { wells: [{ path: 'A/1' }, { path: 'B/2' }] } } }));
    for (const [w, well] of ['A/1', 'B/2'].entries()) {
      put(
        store,
        `${well}/zarr.json`,
        group({ ome: { version: '0.5', well: { images: [{ path: '0' }, { path: '1' }] } } }),
      );
      for (const field of [0, 1]) putImage(store, `${well}/${field}`, 10 * w + field + 1);
    }
    expect(await valueOf(await open(store))).toBe(1);
    expect(await valueOf(await open(store, 'B/2'))).toBe(11);
    expect(await valueOf(await open(store, 'B/2/1'))).toBe(12);
  });

  it('labels: beside an image, of kind segmentation; or a group of them', async () => {
    const store = memoryStore();
    putImage(store, '', 1);
    put(store, 'labels/zarr.json', group({ ome: { version: '0.5', labels: ['cells'] } }));
    putImage(store, 'labels/cells', 2, { 'image-label': { version: '0.5' } });
    const volume = await open(store);
    expect([volume.plan.kind, await valueOf(volume)]).toEqual(['image', 1]);
    expect(volume.notes.warnings).toEqual(['It holds other images, which open by name: labels/cells.']);
    const labels = await open(store, 'labels/cells');
    expect([labels.plan.kind, await valueOf(labels)]).toEqual(['segmentation', 2]);
    const found = await detectVolume({ source: store, key: 'labels/zarr.json' });
    expect(found?.format.id).toBe('ome-zarr');
    if (found) expect((await found.format.open(found.place, options)).plan.kind).toBe('segmentation');
  });

  it('opens without labels that are damaged', async () => {
    const store = memoryStore();
    putImage(store, '', 1);
    store.files.set('labels/zarr.json', new TextEncoder().encode('{'));
    const volume = await open(store);
    expect([await valueOf(volume), volume.notes.warnings]).toEqual([1, undefined]);
  });

  it('one of several multiscales, by name', async () => {
    const store = memoryStore();
    const named = (name: string, size: number): Json => image(axesOf('zyx'), [[scale(size, size, size)]], { name });
    put(store, 'zarr.json', group({ ome: { version: '0.5', multiscales: [named('a', 1), named('b', 7)] } }));
    put(store, '0/zarr.json', array([4, 3, 2]));
    expect((await open(store)).plan.levels[0]?.voxelSizeNm).toEqual([1, 1, 1]);
    expect((await open(store, 'b')).plan.levels[0]?.voxelSizeNm).toEqual([7, 7, 7]);
  });

  it('those of several datasets in folders of a folder, and never the chunks of one', async () => {
    const store = memoryStore();
    putImage(store, 'one.zarr', 1);
    putImage(store, 'deep/two.ome.zarr', 2);
    const found = await findVolumes({ source: store, key: '' });
    expect(found.map(({ format, key }) => [format.id, key])).toEqual([
      ['ome-zarr', 'deep/two.ome.zarr'],
      ['ome-zarr', 'one.zarr'],
    ]);
  });

  it('names a group without any, and metadata that is damaged', async () => {
    const store = memoryStore('a group');
    put(store, 'zarr.json', group({ ome: { version: '0.5', 'bioformats2raw.layout': 3 } }));
    await expect(open(store)).rejects.toMatchObject(
      refusal('bad-source', '"zarr.json" of a group', 'no multiscale image'),
    );
    store.files.set('zarr.json', new TextEncoder().encode('{"zarr_format": 3'));
    await expect(open(store)).rejects.toMatchObject(refusal('bad-source', '"zarr.json" of a group', 'not JSON'));
  });
});

describe('axes of an OME-Zarr', () => {
  it.each([
    ['x', [5], { size: [5, 1, 1], channels: 1, times: 1 }],
    ['yx', [4, 5], { size: [5, 4, 1], channels: 1, times: 1 }],
    ['cyx', [2, 4, 5], { size: [5, 4, 1], channels: 2, times: 1 }],
    ['tzyx', [2, 3, 4, 5], { size: [5, 4, 3], channels: 1, times: 2 }],
    ['tczyx', [2, 6, 3, 4, 5], { size: [5, 4, 3], channels: 6, times: 2 }],
    ['ctzyx', [6, 2, 3, 4, 5], { size: [5, 4, 3], channels: 6, times: 2 }],
    ['xyzc', [5, 4, 3, 2], { size: [5, 4, 3], channels: 2, times: 1 }],
  ])('%s', async (names, shape, { size, channels, times }) => {
    const { plan } = await opened(image(axesOf(names), [[scale(...shape.map(() => 2))]]), [shape]);
    expect(plan.levels[0]?.sizeXyz).toEqual(size);
    expect([plan.channels.length, plan.times]).toEqual([channels, times]);
  });

  it('gives each channel and time its voxels', async () => {
    const store = memoryStore();
    put(
      store,
      'zarr.json',
      group({ ome: { version: '0.5', multiscales: [image(axesOf('tczyx'), [[scale(3, 1, 1, 1, 1)]])] } }),
    );
    put(store, '0/zarr.json', array([2, 2, 1, 2, 2]));
    store.files.set(
      '0/c/0/0/0/0/0',
      Uint8Array.from({ length: 16 }, (_, i) => i),
    );
    const volume = await open(store);
    const at = (channel: number, time: number) => volume.readChunk({ level: 0, xyz: [0, 0, 0], channel, time });
    expect([...((await at(1, 0)) ?? [])]).toEqual([4, 5, 6, 7]);
    expect([...((await at(0, 1)) ?? [])]).toEqual([8, 9, 10, 11]);
    await expect(at(2, 0)).rejects.toMatchObject({ tag: 'invalid-input' });
    expect(await volume.locate({ level: 0, xyz: [0, 0, 0], channel: 1, time: 1 })).toEqual({
      key: '0/c/0/0/0/0/0',
      offset: 0,
      bytes: 16,
    });
  });

  it('other names and units are read by their order, with a warning', async () => {
    const axes = ['depth', 'row', 'col'].map((name) => ({ name, type: 'space', unit: 'pixel' }));
    const { plan, notes } = await opened(image(axes, [[scale(3, 2, 1)]]), [[4, 5, 6]]);
    expect(plan.levels[0]).toMatchObject({ sizeXyz: [6, 5, 4], voxelSizeNm: [1, 2, 3] });
    expect(notes.warnings?.join(' ')).toMatch(/depth, row, col; they are read as z, y, x.*"pixel"/);
  });

  it.each([
    ['micrometer', 1000],
    ['um', 1000],
    ['Millimeters', 1e6],
    ['angstrom', 0.1],
    ['inch', 25_400_000],
  ])('%s', async (unit, nm) => {
    const { plan } = await opened(image(axesOf('zyx', unit), [[scale(1, 1, 2)]]), [[1, 1, 1]]);
    expect(plan.levels[0]?.voxelSizeNm).toEqual([2 * nm, nm, nm]);
  });

  it('refuses what it cannot tell', async () => {
    const rank = opened(image(axesOf('zyx'), [[scale(1, 1, 1)]]), [[4, 5]]);
    await expect(rank).rejects.toMatchObject(refusal('bad-source', '"0/zarr.json"', '2 dimensions', '3 axes'));
    const twice = opened(image(axesOf('zxx'), [[scale(1, 1, 1)]]), [[4, 5, 6]]);
    await expect(twice).rejects.toMatchObject(refusal('bad-source', 'z, x, x'));
  });
});

describe('channels of an OME-Zarr', () => {
  it('are as omero says, as far as it does', async () => {
    const omero = {
      channels: [
        { label: 'DAPI', color: '#00ff00', window: { start: 3, end: 90, min: 0, max: 255 } },
        { color: 'green', window: 3 },
      ],
    };
    const { plan } = await opened(image(axesOf('czyx'), [[scale(1, 1, 1, 1)]]), [[3, 4, 5, 6]], { omero });
    expect(plan.channels).toEqual([
      { name: 'DAPI', color: '00FF00', window: [3, 90] },
      { name: '', color: null, window: null },
      { name: '', color: null, window: null },
    ]);
  });

  it('are written as they are, in 0.4 and 0.5, with what else the volume says', async () => {
    const channels = [
      { name: 'a', color: 'FF0000', window: [1, 2] as const },
      { name: '', color: null, window: null },
    ];
    const plan = {
      ...planVolume({
        name: 'two',
        sizeXyz: [9, 8, 7],
        dtype: 'float32',
        voxelSizeNm: [4, 4, 40],
        chunkXyz: [8, 8, 8],
        originNm: [0.5, 0, 0],
      }),
      channels,
    };
    for (const encoding of ['zstd', 'v2-blosc']) {
      const made = await writeVolume(
        { write: omeZarr.write ?? expect.fail() },
        plan,
        { encoding, sharded: false, blockBytes: 1 << 20 },
        options.codec,
        () => undefined,
      );
      const volume = await omeZarr.open(made.place, options);
      expect(volume.plan).toEqual(made.plan);
      expect(volume.plan.channels).toEqual(channels);
      expect(volume.notes.attributes).toEqual({ title: 'T' });
      expect([...made.store.files.keys()].filter((key) => key.includes('/0/'))).toEqual([]);
    }
  });

  it('and what can not be written is refused', () => {
    const plan = planVolume({
      name: 'v',
      sizeXyz: [64, 64, 64],
      dtype: 'uint8',
      voxelSizeNm: [1, 1, 1],
      chunkXyz: [64, 64, 64],
      originNm: [0, 0, 0],
    });
    const writer = (choices: { encoding?: string; sharded?: boolean; blockBytes?: number }) => () =>
      omeZarr.write?.writer(plan, { sharded: false, blockBytes: 1 << 20, ...choices }, options.codec);
    expect(writer({ encoding: 'jpeg' })).toThrow(expect.objectContaining({ tag: 'invalid-input' }));
    expect(writer({ encoding: 'v2-zstd', sharded: true })).toThrow(expect.objectContaining({ tag: 'invalid-input' }));
    expect(writer({ blockBytes: 1000 })).toThrow(expect.objectContaining({ tag: 'over-budget' }));
  });
});
