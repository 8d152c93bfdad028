import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { detectVolume, findVolumes } from '../../main/engine/formats/detect.ts';
import { omeZarr } from '../../main/engine/formats/ome-zarr.ts';
import type { OpenVolume, Place, VolumeFormat } from '../../main/engine/formats/volume-format.ts';
import { zarr } from '../../main/engine/formats/zarr.ts';
import { openFolderSource } from '../../main/engine/sources/folder.ts';
import { kernelCodec } from './kernel-codec.ts';
import { memoryStore } from './memory-store.ts';
import { readAll } from './whole-level.ts';

const data = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'formats');
const present = existsSync(data);
if (!present) console.warn('skipped: volumes written by other programs (../shared/data/formats is not there)');

const options = { codec: kernelCodec(), scratch: async () => '' };
const folderAt = (path: string): Place => ({ source: openFolderSource(join(data, path), path), key: '' });
const open = (format: VolumeFormat, path: string, image?: string): Promise<OpenVolume> =>
  format.open(folderAt(path), { ...options, image });
const hashOf = async (volume: OpenVolume, level = 0): Promise<string> =>
  createHash('sha256')
    .update(await readAll(volume, level))
    .digest('hex')
    .slice(0, 16);

/** First 16 digits of the sha256 of all voxels (little-endian, x fastest), as tensorstore and zarr-python read them. */
const fourI2 = 'ea99f710d9d0b8ba';
const cubeI2 = '58a54299e0e8d0a7';
const v2Arrays: Readonly<Record<string, string>> = {
  '1d.chunked.i2': fourI2,
  '1d.chunked.ragged.i2': '6ca637cc10a30392',
  '1d.contiguous.b1': '507503b51960cced',
  '1d.contiguous.blosc.i2': fourI2,
  '1d.contiguous.f4.be': 'dcddaac5238c2c60',
  '1d.contiguous.f4.le': 'dcddaac5238c2c60',
  '1d.contiguous.f8': 'd261cc2e77ca0609',
  '1d.contiguous.i4': 'cf97adeedb59e05b',
  '1d.contiguous.lz4.i2': fourI2,
  '1d.contiguous.raw.i2': fourI2,
  '1d.contiguous.u1': '3554726ba0f5404f',
  '1d.contiguous.zlib.i2': fourI2,
  '1d.contiguous.zstd.i2': fourI2,
  '2d.chunked.i2': fourI2,
  '2d.chunked.ragged.i2': '00d2e6ff506fb601',
  '2d.contiguous.i2': fourI2,
  '3d.chunked.i2': cubeI2,
  '3d.chunked.mixed.i2.C': cubeI2,
  '3d.chunked.mixed.i2.F': cubeI2,
  '3d.contiguous.i2': cubeI2,
};
const v3Arrays: Readonly<Record<string, string>> = {
  '1d.chunked.compressed.sharded.i2': fourI2,
  '1d.chunked.filled.compressed.sharded.i2': '6ab1684123fce9ed',
  '1d.chunked.i2': fourI2,
  '1d.chunked.ragged.i2': '6ca637cc10a30392',
  '1d.contiguous.b1': '507503b51960cced',
  '1d.contiguous.blosc.i2': fourI2,
  '1d.contiguous.compressed.sharded.b1': '507503b51960cced',
  '1d.contiguous.compressed.sharded.f4': 'dcddaac5238c2c60',
  '1d.contiguous.compressed.sharded.f8': 'd261cc2e77ca0609',
  '1d.contiguous.compressed.sharded.i4': 'cf97adeedb59e05b',
  '1d.contiguous.compressed.sharded.u1': '3554726ba0f5404f',
  '1d.contiguous.f4.be': 'dcddaac5238c2c60',
  '1d.contiguous.gzip.i2': fourI2,
  '1d.contiguous.raw.i2': fourI2,
  '2d.chunked.compressed.sharded.filled.i2': '64a240d34d0c29ec',
  '2d.chunked.compressed.sharded.i2': '9774afe2116a2ba0',
  '2d.chunked.ragged.compressed.sharded.i2': '00d2e6ff506fb601',
  '2d.chunked.ragged.i2': '00d2e6ff506fb601',
  '3d.chunked.compressed.sharded.i2': 'd9f3c8064105485f',
  '3d.chunked.mixed.compressed.sharded.i2': cubeI2,
  '3d.chunked.mixed.i2.C': cubeI2,
  '3d.chunked.mixed.i2.F': cubeI2,
  '3d.contiguous.compressed.sharded.i2': cubeI2,
};

describe.skipIf(!present)('arrays of Zarr that other programs wrote', () => {
  const v2 = 'neuroglancer/zarr/zarr_v2/from_zarr-python/data.zarr';
  const v3 = 'neuroglancer/zarr/zarr_v3/from_zarrita/data.zarr';
  it.each(Object.entries(v2Arrays))('zarr-python 2: %s', async (name, hash) => {
    expect(await hashOf(await open(zarr, `${v2}/${name}`))).toBe(hash);
    expect(await hashOf(await open(zarr, v2, name))).toBe(hash);
  });
  it.each(Object.entries(v3Arrays))('zarrita: %s', async (name, hash) => {
    expect(await hashOf(await open(zarr, `${v3}/${name}`))).toBe(hash);
  });
  it('tensorstore', async () => {
    expect(await hashOf(await open(zarr, 'neuroglancer/zarr/zarr_v3/examples/single_res'))).toBe('2d83d7541bb7ebf6');
  });
  it.each(['1d.contiguous.S7', '1d.contiguous.U13.be', '2d.chunked.U7', '3d.chunked.O'])(
    'names text: %s',
    async (name) => {
      await expect(open(zarr, `${v2}/${name}`)).rejects.toMatchObject({
        tag: 'bad-source',
        message: expect.stringContaining('dtype: Lamella reads |b1, and u, i and f'),
      });
    },
  );
  it('names the arrays of a group where that asked for is not one of them', async () => {
    await expect(open(zarr, v2, 'nothing')).rejects.toMatchObject({
      tag: 'invalid-input',
      hint: expect.stringContaining('1d.chunked.i2'),
    });
  });
});

describe.skipIf(!present)('OME-Zarr that other programs wrote', () => {
  it.each(['0.4', '0.5'])('neuroglancer, %s: two axes, three levels, a corner that all share', async (version) => {
    const volume = await open(omeZarr, `neuroglancer/zarr/ome_zarr/simple_${version}`);
    expect(volume.plan).toMatchObject({ dtype: 'uint16', kind: 'image', times: 1, transforms: [] });
    expect(
      volume.plan.levels.map(({ key, sizeXyz, voxelSizeNm, originNm, stepXyz }) => ({
        key,
        sizeXyz,
        voxelSizeNm,
        originNm,
        stepXyz,
      })),
    ).toEqual([
      {
        key: 'scale0/image',
        sizeXyz: [10, 10, 1],
        voxelSizeNm: [30, 4, 1],
        originNm: [-15, -2, 0],
        stepXyz: [1, 1, 1],
      },
      { key: 'scale1/image', sizeXyz: [5, 5, 1], voxelSizeNm: [60, 8, 1], originNm: [-15, -2, 0], stepXyz: [2, 2, 1] },
      {
        key: 'scale2/image',
        sizeXyz: [2, 2, 1],
        voxelSizeNm: [120, 16, 1],
        originNm: [-15, -2, 0],
        stepXyz: [2, 2, 1],
      },
    ]);
    const hashes = await Promise.all([0, 1, 2].map((level) => hashOf(volume, level)));
    expect(hashes).toEqual(['0914116557e78ac6', '1d349bcf8d50d874', '8fd1879afa9abc94']);
  });

  it('WEBKNOSSOS: axes c, x, y, z and three channels to a chunk, in shards', async () => {
    const volume = await open(omeZarr, 'zarr3/color');
    expect(volume.plan.channels).toHaveLength(3);
    expect(volume.plan.levels[0]).toMatchObject({
      sizeXyz: [24, 24, 24],
      voxelSizeNm: [1, 1, 1],
      originNm: [-0.5, -0.5, -0.5],
    });
    expect(await hashOf(volume)).toBe('f50fd6de132421ea');
  });

  it('WEBKNOSSOS: a level that is not where the metadata says is named', async () => {
    await expect(open(omeZarr, 'zarr2/color')).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('"1/.zarray"'),
    });
    const { plan } = await open(zarr, 'zarr2/color', '1-1-1');
    expect(plan.channels).toHaveLength(3);
  });

  /** The array that all examples of 0.6 link to; git keeps the links as texts. */
  const example = (path: string): Place => {
    const store = memoryStore(path);
    const at = `neuroglancer/zarr/ome_zarr/all_0.6`;
    for (const key of ['zarr.json', 'array/zarr.json']) store.files.set(key, readFileSync(join(data, at, path, key)));
    store.files.set('array/c/0/0/0', readFileSync(join(data, at, 'base_array/0')));
    return { source: store, key: '' };
  };
  const um = 1000;
  it.each([
    ['basic/identity', [1, 1, 1], [0, 0, 0]],
    ['basic/scale', [2, 3, 4], [0, 0, 0]],
    ['basic/translation', [1, 1, 1], [10, 20, 30]],
    ['basic/sequenceScaleTranslation', [2, 3, 4], [10, 21, 32]],
    ['simple/affine', [2, 3, 4], [10, 21, 32]],
  ] as const)('0.6, %s: sizes and places', async (path, size, centre) => {
    const volume = await omeZarr.open(example(`${path}.zarr`), options);
    const [level] = volume.plan.levels;
    expect(level).toMatchObject({ sizeXyz: [186, 226, 27], voxelSizeNm: size.map((n) => n * um) });
    expect(level?.originNm).toEqual(size.map((n, i) => ((centre[i] ?? 0) - n / 2) * um));
    expect(volume.plan.transforms).toEqual([]);
    expect(await hashOf(volume)).toBe('0d5d732dfa19e4b5');
  });

  it.each([
    // z, y, x = y, x, z of the array; the rotation, z, y, x = x, z, y.
    ['axis_dependent/mapAxis', 'mapAxis', [0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0]],
    ['simple/rotation', 'rotation', [0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0]],
  ] as const)('0.6, %s: a map to its space', async (path, kind, matrix) => {
    const { plan } = await omeZarr.open(example(`${path}.zarr`), options);
    expect(plan.levels[0]).toMatchObject({ voxelSizeNm: [um, um, um], originNm: [-um / 2, -um / 2, -um / 2] });
    expect(plan.transforms).toEqual([{ space: 'physical', kind, matrix }]);
  });

  it('0.6: a further space, by way of the first', async () => {
    const { plan } = await open(omeZarr, 'neuroglancer/zarr/ome_zarr/all_0.6/simple/anisotropic_rotation.zarr');
    expect(plan.levels[0]).toMatchObject({ voxelSizeNm: [250, 500, 2000], originNm: [-125, -250, -1000] });
    const s = 0.7071;
    expect(plan.transforms).toEqual([
      { space: 'world', kind: 'affine', matrix: [1, 0, 0, 0, 0, -s, s, 0, 0, -s, -s, 0] },
    ]);
  });
});

describe.skipIf(!present)('finding volumes', () => {
  const found = async (place: Place): Promise<readonly (readonly [string, string])[]> =>
    (await findVolumes(place)).map(({ format, key }) => [format.id, key] as const);

  it('in a folder, below it, and around one of its files', async () => {
    expect(await found(folderAt('zarr2/color'))).toEqual([['ome-zarr', '']]);
    expect(await found(folderAt('zarr2'))).toEqual([['ome-zarr', 'color']]);
    expect(await found(folderAt('zarr3'))).toEqual([['ome-zarr', 'color']]);
    expect(await found({ ...folderAt('zarr3'), key: 'color/zarr.json' })).toEqual([['ome-zarr', 'color']]);
    expect(await found({ ...folderAt('zarr3'), key: 'color/1/zarr.json' })).toEqual([['ome-zarr', 'color']]);
    expect(await found({ ...folderAt('zarr2/color/1-1-1'), key: '.zarray' })).toEqual([['zarr', '']]);
    expect(await found(folderAt('neuroglancer/zarr/ome_zarr/all_0.6/basic'))).toEqual([
      ['ome-zarr', 'identity.zarr'],
      ['ome-zarr', 'scale.zarr'],
      ['ome-zarr', 'sequenceScaleTranslation.zarr'],
      ['ome-zarr', 'translation.zarr'],
    ]);
    expect(await found({ ...folderAt('neuroglancer/precomputed/one_channel'), key: 'info' })).toEqual([
      ['precomputed', ''],
    ]);
    expect(await detectVolume(folderAt('nml'))).toBeNull();
  });
});
