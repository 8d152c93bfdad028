import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ByteSource } from '../../main/engine/formats/byte-store.ts';
import { shapeFormats } from '../../main/engine/formats/shapes/index.ts';
import type { OpenMeshes, OpenShapes, OpenSkeletons } from '../../main/engine/formats/shapes/shape-format.ts';
import { memorySource } from './memory-source.ts';
import { multiresFiles, multiresInfo, multiresMesh, triangle } from './multires-fixture.ts';
import * as samples from './shape-samples.ts';
import { meshOf, shapeOptions, skeletonOf } from './shape-work.ts';

type Files = Readonly<Record<string, Uint8Array>>;

/** A source that lists, as folders of this computer do. */
const localSource = (files: Files): ByteSource => ({ ...memorySource(files), pathOf: (key) => key });

async function open(files: Files, source: ByteSource = localSource(files)): Promise<OpenShapes> {
  const place = { source, key: '' };
  for (const format of shapeFormats) if (await format.detect(place)) return format.open(place, shapeOptions());
  throw new Error('no format');
}
const openMeshes = async (files: Files): Promise<OpenMeshes> => (await open(files)) as OpenMeshes;
const openSkeletons = async (files: Files): Promise<OpenSkeletons> => (await open(files)) as OpenSkeletons;

const identitySharding = {
  '@type': 'neuroglancer_uint64_sharded_v1',
  preshift_bits: 0,
  hash: 'identity',
  minishard_bits: 0,
  shard_bits: 0,
  minishard_index_encoding: 'raw',
  data_encoding: 'raw',
};

/** One shard of one minishard: each object with `before` bytes that the index does not know of. */
function shardOf(objects: readonly { readonly id: bigint; readonly before: Uint8Array; readonly bytes: Uint8Array }[]) {
  const rows: bigint[][] = [[], [], []];
  let [lastId, lastEnd, at] = [0n, 0, 0];
  for (const { id, before, bytes } of objects) {
    rows[0]?.push(id - lastId);
    rows[1]?.push(BigInt(at + before.length - lastEnd));
    rows[2]?.push(BigInt(bytes.length));
    at += before.length + bytes.length;
    [lastId, lastEnd] = [id, at];
  }
  const index = new Uint8Array(new BigUint64Array(rows.flat()).buffer);
  const head = new Uint8Array(new BigUint64Array([BigInt(at), BigInt(at + index.length)]).buffer);
  return Buffer.concat([head, ...objects.flatMap(({ before, bytes }) => [before, bytes]), index]);
}

/** mesh.rst: grid_origin + vertex_offset + chunk_shape 2^lod (position + x / (2^16 - 1)), then the transform. */
function placed(lod: number, offset: number[], position: number[], integers: readonly number[]): number[] {
  const [origin, shape] = [
    [1, 2, 3],
    [100, 200, 300],
  ];
  const [scale, move] = [
    [2, 3, 4],
    [10, 20, 30],
  ];
  return integers.map((x, i) => {
    const a = i % 3;
    const of = (list: number[]): number => list[a] ?? 0;
    return of(scale) * (of(origin) + of(offset) + of(shape) * 2 ** lod * (of(position) + x / 65_535)) + of(move);
  });
}

const sorted = (positions: Iterable<number>): string[] => {
  const flat = [...positions];
  return Array.from({ length: flat.length / 3 }, (_, i) =>
    [0, 1, 2].map((a) => flat[i * 3 + a]?.toFixed(2)).join(' '),
  ).sort();
};

async function checkMultires(set: OpenMeshes, key: string): Promise<void> {
  const { levels } = await set.manifest(key);
  expect(levels.map(({ parents }) => parents)).toEqual([[0, 0], [-1]]);
  // The cube root of 2 x 3 x 4, times the multiplier of the info.
  expect(levels.map(({ lodScaleNm }) => lodScaleNm)).toEqual(
    [10, 20].map((s) => expect.closeTo(s * 3 * Math.cbrt(24), 6)),
  );
  expect(levels[0]?.boxesNm.slice(0, 6)).toEqual([12, 26, 42, 212, 626, 1242]);
  expect(levels[0]?.bytes[1]).toBe(0);
  const fine = await set.mesh({ key, level: 0, box: 0 });
  expect(sorted(meshOf(fine).positions)).toEqual(sorted(placed(0, [0, 0, 0], [0, 0, 0], triangle)));
  expect(await set.mesh({ key, level: 0, box: 1 })).toMatchObject({ vertices: 0, triangles: 0 });
  const coarse = await set.mesh({ key, level: 1, box: 0 });
  expect(sorted(meshOf(coarse).positions)).toEqual(sorted(placed(1, [5, 6, 7], [0, 0, 0], [...triangle].reverse())));
}

describe('multi-resolution meshes', () => {
  test('in files: positions as the formula says, parents, empty fragments', async () => {
    const set = await openMeshes(await multiresFiles());
    expect(set.facts).toMatchObject({ format: 'precomputed-multires-mesh', count: 1, unitNm: 1 });
    expect(await set.keys()).toEqual([{ key: '7', name: '7' }]);
    await checkMultires(set, '7');
  });

  test('in shards: fragments lie before the manifest', async () => {
    const { manifest, data } = await multiresMesh();
    const shard = shardOf([3n, 2n ** 63n + 5n].map((id) => ({ id, before: data, bytes: manifest })));
    const set = await openMeshes({
      info: samples.jsonBytes({ ...multiresInfo, sharding: identitySharding }),
      '0.shard': shard,
    });
    expect((await set.keys()).map(({ key }) => key)).toEqual(['3', '9223372036854775813']);
    for (const { key } of await set.keys()) await checkMultires(set, key);
    await expect(set.manifest('4')).rejects.toMatchObject({ tag: 'not-found' });
  });

  test('say what is wrong with a manifest or a fragment', async () => {
    const files = await multiresFiles();
    const tell = async (changed: Files): Promise<unknown> => {
      const set = await openMeshes({ ...files, ...changed });
      const read = async (): Promise<unknown> => {
        await set.manifest('7');
        return set.mesh({ key: '7', level: 0, box: 0 });
      };
      return read().catch((error: unknown) => error);
    };
    const { '7.index': manifest = new Uint8Array(), '7': data = new Uint8Array() } = files;
    expect(await tell({ '7.index': manifest.subarray(0, 90) })).toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('"7.index"'),
    });
    expect(await tell({ '7': data.subarray(0, 10) })).toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('the file ends after 10'),
    });
    const zeros = new Uint8Array(data.length);
    expect(await tell({ '7': zeros })).toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('no Draco mesh'),
    });
    const many = Uint8Array.from(manifest);
    many.set([255, 255, 255, 255], 24);
    expect(await tell({ '7.index': many })).toMatchObject({
      message: expect.stringContaining('4294967295 levels of detail'),
    });
  });
});

describe('meshes of one resolution', () => {
  const info = samples.jsonBytes({ '@type': 'neuroglancer_legacy_mesh', segment_properties: 'names' });
  const names = samples.jsonBytes({
    '@type': 'neuroglancer_segment_properties',
    inline: { ids: ['12', '7', '99'], properties: [{ id: 'label', type: 'label', values: ['axon', 'soma', 'gone'] }] },
  });

  test('join their fragments; ids with names, in the order of their size', async () => {
    const fragments = { 'a:1': samples.legacyFragment(), 'b.gz': gzipSync(samples.legacyFragment()) };
    const manifest = samples.jsonBytes({ fragments: ['a:1', 'b'] });
    const set = await openMeshes({
      info,
      'names/info': names,
      '12:0': manifest,
      '7:0.gz': gzipSync(manifest),
      ...fragments,
    });
    expect(set.facts).toMatchObject({ format: 'precomputed-legacy-mesh', count: 2 });
    expect(await set.keys()).toEqual([
      { key: '7', name: 'soma' },
      { key: '12', name: 'axon' },
    ]);
    for (const key of ['7', '12']) {
      expect((await set.manifest(key)).levels).toEqual([
        { lodScaleNm: 0, boxesNm: [0, 0, 0, 4, 3, 2.5], bytes: [192], parents: [-1] },
      ]);
      expect(await set.mesh({ key, level: 0, box: 0 })).toMatchObject({ vertices: 8, triangles: 8 });
    }
  });

  test('are found by their files where there is no info, and below the segmentation that names them', async () => {
    const files = { '7:0': samples.jsonBytes({ fragments: ['x'] }), x: samples.legacyFragment() };
    expect((await openMeshes(files)).facts.format).toBe('precomputed-legacy-mesh');
    const volume = samples.jsonBytes({ type: 'segmentation', scales: [], mesh: 'm', skeletons: 's' });
    const below = Object.fromEntries(Object.entries(files).map(([key, bytes]) => [`m/${key}`, bytes]));
    expect((await (await openMeshes({ info: volume, ...below })).manifest('7')).levels).toHaveLength(1);
  });

  test('tell a fragment that is not there, and one that leads elsewhere', async () => {
    const set = async (fragments: string[]): Promise<unknown> =>
      (await openMeshes({ info, '7:0': samples.jsonBytes({ fragments }) }))
        .manifest('7')
        .catch((error: unknown) => error);
    expect(await set(['gone'])).toMatchObject({ tag: 'bad-source', message: expect.stringContaining('"gone"') });
    expect(await set(['../../x'])).toMatchObject({ tag: 'bad-source', message: expect.stringContaining('../../x') });
  });

  test('of a server that does not list: named ones, and any by its id', async () => {
    const files = {
      info,
      'names/info': names,
      '5:0': samples.jsonBytes({ fragments: ['x'] }),
      x: samples.legacyFragment(),
    };
    const remote = memorySource(files);
    const set = (await open(files, { ...remote, children: () => Promise.resolve(undefined) })) as OpenMeshes;
    expect(set.facts.count).toBeNull();
    expect((await set.keys()).map(({ key }) => key)).toEqual(['7', '12', '99']);
    expect((await set.manifest('5')).levels).toHaveLength(1);
  });
});

describe('precomputed skeletons', () => {
  const check = async (set: OpenSkeletons, key: string): Promise<void> => {
    const { positions, radii, edges } = skeletonOf(await set.skeleton(key));
    expect([...positions]).toEqual([100, 0, 0, 102, 0, 0, 102, 4, 0]);
    expect([...radii]).toEqual([1, 2, 3]);
    expect([...edges]).toEqual([0, 1, 1, 2]);
  };

  test('in files, packed or not: transform, and the radius behind other attributes', async () => {
    const bytes = samples.skeletonBytes();
    const set = await openSkeletons({
      info: samples.jsonBytes(samples.skeletonInfo),
      '7': bytes,
      '8.gz': gzipSync(bytes),
    });
    expect(set.facts).toMatchObject({ format: 'precomputed-skeletons', count: 2 });
    await check(set, '7');
    await check(set, '8');
  });

  test('in shards, gzipped', async () => {
    const info = samples.jsonBytes({
      ...samples.skeletonInfo,
      sharding: { ...identitySharding, data_encoding: 'gzip' },
    });
    const bytes = gzipSync(samples.skeletonBytes());
    const shard = shardOf([1n, 2n].map((id) => ({ id, before: new Uint8Array(), bytes })));
    const set = await openSkeletons({ info, '0.shard': shard });
    expect((await set.keys()).map(({ key }) => key)).toEqual(['1', '2']);
    await check(set, '2');
  });

  test('whose counts lie are refused by name', async () => {
    const set = await openSkeletons({
      info: samples.jsonBytes(samples.skeletonInfo),
      '7': samples.skeletonBytes().subarray(0, 60),
    });
    await expect(set.skeleton('7')).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('3 nodes and 2 edges take 78 bytes'),
    });
    await expect(set.skeleton('07')).rejects.toMatchObject({ tag: 'not-found' });
  });
});
