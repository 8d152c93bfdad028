import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { precomputed } from '../../main/engine/formats/precomputed.ts';
import { planVolume } from '../../main/engine/formats/pyramid.ts';
import type { OpenOptions, VolumePlan, WriteChoices } from '../../main/engine/formats/volume-format.ts';
import { openFolderSource } from '../../main/engine/sources/folder.ts';
import type { Vec3, VoxelType } from '../../preload/contract/space.ts';
import { kernelCodec } from '../conformance/kernel-codec.ts';
import { seededBytes } from '../conformance/seeded.ts';
import { readWhole } from '../conformance/whole-level.ts';
import { writeVolume } from '../conformance/written-volume.ts';
import { memorySource } from './memory-source.ts';

const codec = kernelCodec();
const options: OpenOptions = { codec, scratch: () => Promise.reject(new Error('nothing is unpacked')) };
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const scale = {
  key: '4_4_40',
  size: [10, 6, 3],
  voxel_offset: [-5, 7, 0],
  chunk_sizes: [[8, 8, 8]],
  resolution: [4, 4, 40],
  encoding: 'raw',
};
const info = { type: 'image', data_type: 'uint8', num_channels: 1, scales: [scale] };
const first = { level: 0, xyz: [0, 0, 0], channel: 0, time: 0 } as const;
const open = (files: Readonly<Record<string, Uint8Array>>) =>
  precomputed.open({ source: memorySource(files), key: '' }, options);
const refused = (field: string) => ({ tag: 'bad-source', message: expect.stringContaining(field) });

describe('precomputed: info', () => {
  it('reads names in any case, the first of several chunk sizes, hidden scales, and scales in the order given', async () => {
    const coarse = { ...scale, key: 'coarse', resolution: [8, 8, 40], size: [5, 3, 3], hidden: true };
    const volume = await open({
      info: json({
        ...info,
        '@type': 'neuroglancer_multiscale_volume',
        type: 'SEGMENTATION',
        data_type: 'UINT64',
        mesh: 'mesh',
        scales: [
          coarse,
          {
            ...scale,
            encoding: 'RAW',
            chunk_sizes: [
              [8, 4, 2],
              [64, 64, 64],
            ],
          },
        ],
      }),
    });
    expect(volume.plan).toMatchObject({ kind: 'segmentation', dtype: 'uint64', times: 1 });
    expect(volume.plan.levels).toMatchObject([
      { key: 'coarse', stepXyz: [1, 1, 1] },
      { key: '4_4_40', chunkXyz: [8, 4, 2], gridXyz: [2, 2, 2], originNm: [-20, 28, 0] },
    ]);
  });

  it('names a redirect, and does not follow it', async () => {
    const source = memorySource({ info: json({ redirect: 'https://example.org/other' }) });
    expect(await precomputed.detect({ source, key: '' })).toBe(true);
    await expect(precomputed.open({ source, key: '' }, options)).rejects.toMatchObject(
      refused('https://example.org/other'),
    );
  });

  it('opens the folder of an info that is named', async () => {
    const source = memorySource({ 'deep/info': json(info), 'deep/4_4_40/-5-3_7-13_0-3': new Uint8Array(144).fill(7) });
    expect(await precomputed.detect({ source, key: 'deep/info' })).toBe(true);
    const volume = await precomputed.open({ source, key: 'deep/info' }, options);
    expect(await volume.readChunk(first)).toEqual(new Uint8Array(144).fill(7));
  });

  it.each([
    ['meshes', { '@type': 'neuroglancer_legacy_mesh' }],
    ['annotations', { '@type': 'neuroglancer_annotations_v1', scales: [] }],
    ['no scales', {}],
  ])('is not seen in an info of %s', async (_what, given) => {
    expect(await precomputed.detect({ source: memorySource({ info: json(given) }), key: '' })).toBe(false);
  });

  it.each([
    ['data_type', { ...info, data_type: 'complex64' }],
    ['encoding', { ...info, scales: [{ ...scale, encoding: 'zfpc' }] }],
    ['key', { ...info, scales: [{ ...scale, key: '../up' }] }],
    ['jpeg', { ...info, data_type: 'uint16', scales: [{ ...scale, encoding: 'jpeg' }] }],
    ['compressed_segmentation', { ...info, scales: [{ ...scale, encoding: 'compressed_segmentation' }] }],
    ['512 MiB', { ...info, scales: [{ ...scale, chunk_sizes: [[2 ** 20, 2 ** 20, 1]] }] }],
    ['size', { ...info, scales: [{ ...scale, size: [2 ** 60, 1, 1] }] }],
    ['2^53', { ...info, scales: [{ ...scale, size: [2 ** 30, 2 ** 30, 1] }] }],
    ['num_channels', { ...info, num_channels: 0 }],
    ['minishard_bits', { ...info, scales: [{ ...scale, sharding: sharded(60) }] }],
  ])('refuses %s by name', async (field, given) => {
    await expect(open({ info: json(given) })).rejects.toMatchObject(refused(String(field)));
  });
});

function sharded(minishardBits: number) {
  return {
    '@type': 'neuroglancer_uint64_sharded_v1',
    hash: 'identity',
    preshift_bits: 0,
    minishard_bits: minishardBits,
    shard_bits: 5,
  };
}

describe('precomputed: chunks', () => {
  const key = '4_4_40/-5-3_7-13_0-3';
  const voxels = seededBytes('chunk', 8 * 6 * 3);

  it('tells a missing chunk, an empty file and a file of another size apart', async () => {
    expect(await (await open({ info: json(info) })).readChunk(first)).toBeUndefined();
    for (const bytes of [new Uint8Array(), voxels.subarray(1), Uint8Array.from([...voxels, 0])])
      await expect((await open({ info: json(info), [key]: bytes })).readChunk(first)).rejects.toMatchObject(
        refused(key),
      );
  });

  it.each([
    ['.gz', gzipSync(voxels)],
    ['.br', brotliCompressSync(voxels)],
  ])('reads files that cloud-volume left packed: %s', async (ending, packed) => {
    const volume = await open({ info: json(info), [key + ending]: new Uint8Array(packed) });
    expect(await volume.locate(first)).toEqual({ key: key + ending, offset: 0, bytes: packed.byteLength });
    expect(await volume.readChunk(first)).toEqual(voxels);
    const cut = await open({ info: json(info), [key + ending]: new Uint8Array(packed.subarray(0, -9)) });
    await expect(cut.readChunk(first)).rejects.toMatchObject(refused(key + ending));
  });

  it('refuses a packed file of far more than its voxels', async () => {
    for (const [ending, packed] of [
      ['.gz', gzipSync(new Uint8Array(2 ** 25))],
      ['.br', brotliCompressSync(new Uint8Array(2 ** 25))],
    ] as const) {
      const volume = await open({ info: json(info), [key + ending]: new Uint8Array(packed) });
      await expect(volume.readChunk(first)).rejects.toMatchObject(refused(key + ending));
    }
  });

  it('has channels one after the other, and no chunk outside of the grid', async () => {
    const bytes = seededBytes('channels', 8 * 6 * 3 * 2);
    const volume = await open({ info: json({ ...info, num_channels: 2 }), [key]: bytes });
    expect(await volume.readChunk(first)).toEqual(bytes.slice(0, 144));
    expect(await volume.readChunk({ ...first, channel: 1 })).toEqual(bytes.slice(144));
    for (const at of [
      { ...first, channel: 2 },
      { ...first, time: 1 },
      { ...first, xyz: [2, 0, 0] as Vec3 },
    ])
      await expect(volume.readChunk(at)).rejects.toMatchObject({ tag: 'invalid-input' });
  });
});

const planOf = (dtype: VoxelType, more: Partial<VolumePlan> = {}): VolumePlan => ({
  ...planVolume({
    name: 'v',
    dtype,
    sizeXyz: [100, 70, 5],
    chunkXyz: [32, 32, 4],
    voxelSizeNm: [4, 4, 40],
    originNm: [-6, 12, 0],
  }),
  ...more,
});
const choices: WriteChoices = { sharded: false, blockBytes: 1 << 20, chunkXyz: [32, 32, 4] };
const writer = (plan: VolumePlan, more: Partial<WriteChoices> = {}) =>
  precomputed.write?.writer(plan, { ...choices, ...more }, codec);

describe('precomputed: writing', () => {
  it('places levels at the nearest whole voxel and says so, never at -0', async () => {
    const plan = planOf('uint8');
    expect(plan.levels.map(({ originNm }) => originNm)).toEqual([
      [-6, 12, 0],
      [-6, 12, 0],
      [-6, 12, 0],
    ]);
    const written = writer(plan);
    expect(written?.plan.levels.map(({ key, originNm }) => [key, ...originNm])).toEqual([
      ['4_4_40', -4, 12, 0],
      ['8_8_40', -8, 16, 0],
      ['16_16_40', 0, 16, 0],
    ]);
    const [part] = (await written?.metadata({})) ?? [];
    expect(new TextDecoder().decode(part?.bytes)).not.toContain('-0');
  });

  it('has chunks of 64 x 64 x 64 where nothing else is asked, and wider ones of few sections', () => {
    const chunkOf = (z: number) =>
      writer(
        {
          ...planOf('uint8'),
          levels: planVolume({
            name: 'v',
            dtype: 'uint8',
            sizeXyz: [900, 900, z],
            chunkXyz: [64, 64, 64],
            voxelSizeNm: [4, 4, 40],
            originNm: [0, 0, 0],
          }).levels,
        },
        { chunkXyz: undefined },
      )?.plan.levels[0]?.chunkXyz;
    expect([chunkOf(900), chunkOf(16), chunkOf(1)]).toEqual([
      [64, 64, 64],
      [128, 128, 16],
      [512, 512, 1],
    ]);
  });

  it.each([
    ['time points', planOf('uint8', { times: 2 }), {}],
    ['int64', planOf('int64'), {}],
    ['float64', planOf('float64'), {}],
    ['jpeg', planOf('uint16'), { encoding: 'jpeg' }],
    ['compressed_segmentation', planOf('uint8'), { encoding: 'compressed_segmentation' }],
    ['"zfpc"', planOf('uint8'), { encoding: 'zfpc' }],
    ['65535', planOf('uint8'), { encoding: 'jpeg', chunkXyz: [64, 512, 512] as Vec3 }],
  ] as const)('refuses %s', (what, plan, more) => {
    expect(() => writer(plan, more)).toThrow(expect.objectContaining({ tag: 'invalid-input' }));
    expect(what.length).toBeGreaterThan(0);
  });

  it('keeps quality and notes in the info, and writes labels with more than 53 bits', async () => {
    const jpeg = await writer(planOf('uint8'), { encoding: 'jpeg', quality: 77 })?.metadata({ attributes: { a: 1 } });
    expect(JSON.parse(new TextDecoder().decode(jpeg?.[0]?.bytes))).toMatchObject({
      lamella: { a: 1 },
      scales: [{ jpeg_quality: 77 }, {}, {}],
    });
    const id = 2n ** 53n + 1n;
    const ids = (bytes: number): Uint8Array => new Uint8Array(new BigUint64Array(bytes / 8).fill(id).buffer);
    for (const encoding of ['raw', 'compressed_segmentation']) {
      const format = { write: precomputed.write ?? (undefined as never) };
      const made = await writeVolume(
        format,
        planOf('uint64', { kind: 'segmentation' }),
        { ...choices, encoding, sharded: true },
        codec,
        (_, bytes) => ids(bytes),
      );
      const opened = await precomputed.open(made.place, options);
      expect(opened.plan.kind).toBe('segmentation');
      const read = await opened.readChunk(first);
      expect(new BigUint64Array(read?.slice().buffer ?? new ArrayBuffer(0))[0]).toBe(id);
    }
  });
});

const data = join(import.meta.dirname, '../../../shared/data/formats');
if (!existsSync(data))
  console.warn('skipped: precomputed volumes of other programs (../shared/data/formats is not there)');

describe.skipIf(!existsSync(data))('precomputed volumes that other programs wrote', () => {
  it('compresso labels equal cloud-volume', async () => {
    const volume = await precomputed.open(
      { source: openFolderSource(join(data, 'precomputed-segmentation'), 'labels'), key: '' },
      options,
    );
    expect(volume.plan).toMatchObject({ kind: 'segmentation', dtype: 'uint32' });
    const hashes = [
      [0, '768d19f28d1b221bd285fe8f2b7a1e1f5a23cb72a92e8fa4cec720163941dadf'],
      [1, '09b253156eeb6b63340a8eb3518852e00bffe4920ecf48a18cc861a7c4dc4ffe'],
      [7, '190388ed937cc69d1d010c85ca6b1a6c4b5d16bf1f8abcef957a604809898ade'],
    ] as const;
    for (const [z, hash] of hashes) {
      const voxels = await volume.readChunk({ ...first, level: 2, xyz: [0, 0, z] });
      expect(
        createHash('sha256')
          .update(voxels ?? '')
          .digest('hex'),
      ).toBe(hash);
    }
    expect(await volume.readChunk(first)).toBeUndefined();
  });

  it('infos of tensorstore, of one channel and of two', async () => {
    for (const [name, channels] of [
      ['one_channel', 1],
      ['two_channels', 2],
    ] as const) {
      const source = openFolderSource(join(data, 'neuroglancer/precomputed', name), name);
      expect(await precomputed.detect({ source, key: '' })).toBe(true);
      const { plan } = await precomputed.open({ source, key: '' }, options);
      expect(plan.channels).toHaveLength(channels);
      expect(plan.levels).toMatchObject([
        { key: '3_4_5', sizeXyz: [10, 20, 30], voxelSizeNm: [3, 4, 5], stepXyz: [1, 1, 1] },
        { key: '6_8_10', sizeXyz: [5, 10, 15], stepXyz: [2, 2, 2] },
        { key: '12_16_20', sizeXyz: [3, 5, 8], stepXyz: [2, 2, 2] },
      ]);
    }
  });

  it('keeps every id of real labels, in every encoding that holds them', async () => {
    const folder = join(data, '../segmentation');
    const labels = [
      new Uint8Array(readFileSync(join(folder, '64x64x64-raw-uint64-segmentation.dat'))),
      ...['fib19', 'cx'].map(
        (name) => new Uint8Array(gunzipSync(readFileSync(join(folder, `${name}-64x64x64-sample1.dat.gz`)))),
      ),
    ];
    const write = precomputed.write ?? (undefined as never);
    const { levels } = planVolume({
      name: 'v',
      dtype: 'uint64',
      sizeXyz: [64, 64, 64],
      chunkXyz: [64, 64, 64],
      voxelSizeNm: [8, 8, 8],
      originNm: [0, 0, 0],
    });
    for (const voxels of labels) {
      expect(voxels.byteLength).toBe(2 ** 21);
      for (const encoding of ['raw', 'compressed_segmentation']) {
        for (const sharded of [false, true]) {
          const asked = { encoding, sharded, chunkXyz: [32, 32, 32] as const, blockBytes: 2 ** 21 };
          const { place } = await writeVolume(
            { write },
            planOf('uint64', { kind: 'segmentation', levels }),
            asked,
            codec,
            () => voxels,
          );
          expect(Buffer.compare(await readWhole(await precomputed.open(place, options), 0), voxels)).toBe(0);
        }
      }
    }
  });
});
