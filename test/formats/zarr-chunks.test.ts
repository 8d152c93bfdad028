import { describe, expect, it } from 'vitest';
import { quoteLargeIntegers } from '../../preload/contract/large-integers.ts';
import { crc32cOf } from '../../main/engine/formats/crc32c.ts';
import { DecodedChunks } from '../../main/engine/formats/decoded-chunks.ts';
import type { ByteStore } from '../../main/engine/formats/byte-store.ts';
import type { OpenVolume } from '../../main/engine/formats/volume-format.ts';
import { zarr } from '../../main/engine/formats/zarr.ts';
import { fillBytes } from '../../main/engine/formats/zarr/fill-value.ts';
import { LamellaError } from '../../preload/contract/errors.ts';
import { kernelCodec } from '../conformance/kernel-codec.ts';
import { memoryStore } from '../conformance/memory-store.ts';

type Json = Readonly<Record<string, unknown>>;
const codec = kernelCodec();
const open = (source: ByteStore): Promise<OpenVolume> =>
  zarr.open({ source, key: '' }, { codec, scratch: async () => '' });
const corner = { level: 0, xyz: [0, 0, 0], channel: 0, time: 0 } as const;

const bytes = { name: 'bytes', configuration: { endian: 'little' } };
/** Two shards of 2 x 2 x 2 chunks of 2 x 2 x 2 voxels; `more` goes over it. */
const sharded = (more: Json = {}, configuration: Json = {}): Json => ({
  zarr_format: 3,
  node_type: 'array',
  shape: [4, 4, 8],
  data_type: 'uint8',
  chunk_grid: { name: 'regular', configuration: { chunk_shape: [4, 4, 4] } },
  chunk_key_encoding: { name: 'default' },
  fill_value: 0,
  codecs: [
    {
      name: 'sharding_indexed',
      configuration: {
        chunk_shape: [2, 2, 2],
        codecs: [bytes],
        index_codecs: [bytes, { name: 'crc32c' }],
        ...configuration,
      },
    },
  ],
  ...more,
});

const none = 2n ** 64n - 1n;

/** A shard whose chunk i is 8 bytes of value i, or what `entry` says of it. */
function shard(entry: (i: number) => readonly [bigint, bigint] = (i) => [BigInt(i * 8), 8n]): Uint8Array {
  const file = new Uint8Array(8 * 8 + 8 * 16 + 4);
  for (let i = 0; i < 8; i++) file.fill(i, i * 8, i * 8 + 8);
  const view = new DataView(file.buffer, 64);
  for (let i = 0; i < 8; i++)
    for (const [k, value] of entry(i).entries()) view.setBigUint64(i * 16 + k * 8, value, true);
  view.setUint32(128, crc32cOf(file.subarray(64, 192)), true);
  return file;
}

function storeOf(metadata: Json, file?: Uint8Array): ReturnType<typeof memoryStore> {
  const store = memoryStore('an array');
  store.files.set('zarr.json', new TextEncoder().encode(JSON.stringify(metadata)));
  if (file) store.files.set('c/0/0/0', file);
  return store;
}

describe('a shard', () => {
  it('gives each chunk its bytes, and nothing where its index says so or where there is no file', async () => {
    const volume = await open(
      storeOf(
        sharded(),
        shard((i) => (i === 5 ? [none, none] : [BigInt(i * 8), 8n])),
      ),
    );
    expect(await volume.locate({ ...corner, xyz: [1, 1, 0] })).toEqual({ key: 'c/0/0/0', offset: 24, bytes: 8 });
    expect(await volume.readChunk({ ...corner, xyz: [1, 1, 0] })).toEqual(new Uint8Array(8).fill(3));
    expect(await volume.readChunk({ ...corner, xyz: [1, 0, 1] })).toBeUndefined();
    expect(await volume.readChunk({ ...corner, xyz: [2, 0, 0] })).toBeUndefined();
    expect(await volume.locate({ ...corner, xyz: [2, 0, 0] })).toBeUndefined();
  });

  it('has its index read once', async () => {
    const store = storeOf(sharded(), shard());
    const reads: string[] = [];
    const counted: ByteStore = {
      ...store,
      get: (key, range, signal) => {
        reads.push(`${key} ${range?.offset ?? 0}+${range?.length ?? ''}`);
        return store.get(key, range, signal);
      },
    };
    const volume = await open(counted);
    reads.length = 0;
    for (const x of [0, 1]) for (const y of [0, 1]) await volume.readChunk({ ...corner, xyz: [x, y, 0] });
    expect(reads).toEqual(['c/0/0/0 64+132', 'c/0/0/0 0+8', 'c/0/0/0 16+8', 'c/0/0/0 8+8', 'c/0/0/0 24+8']);
  });

  const truncated = shard().slice(0, 100);
  const flipped = shard();
  flipped[70] = 1;
  it.each([
    ['empty', new Uint8Array(), 'the file is empty'],
    ['shorter than its index', truncated, 'too few for the 132 bytes of its index'],
    ['cut', shard().slice(0, 190), 'checksum \\(crc32c\\) of its index'],
    ['with a wrong index', flipped, 'checksum \\(crc32c\\) of its index'],
    ['with a chunk of no bytes', shard(() => [0n, 0n]), 'the chunk at byte 0: it is empty'],
    ['with a chunk beyond its end', shard(() => [500n, 8n]), 'the file ends after 0 of its 8 bytes|it is empty'],
    ['with a chunk beyond 2^53', shard(() => [none - 9n, 8n]), 'outside of it'],
    ['with a chunk of half the bytes', shard(() => [0n, 4n]), 'the chunk at byte 0: it holds 4 bytes of voxels, not 8'],
    ['with a chunk of far too many', shard(() => [0n, 10n ** 9n]), 'larger than a chunk can be'],
  ])('%s is named', async (_what, file, words) => {
    const volume = await open(storeOf(sharded(), file));
    await expect(volume.readChunk(corner)).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringMatching(new RegExp(`"c/0/0/0" of an array.*(${words})`)),
    });
  });

  it.each([
    [{ chunk_shape: [3, 2, 2] }, 'no whole number of its chunks'],
    [{ chunk_shape: [2, 2] }, 'no whole number of its chunks'],
    [{ chunk_shape: [0, 2, 2] }, 'no whole number of its chunks'],
    [{ index_codecs: [bytes, { name: 'zstd' }] }, 'index_codecs are bytes, zstd'],
    [{ index_location: 'middle' }, 'start or end'],
    [{ codecs: [bytes, { name: 'pcodec' }] }, '"pcodec" is not known'],
    [{ codecs: [] }, 'lists no codecs'],
  ])('refuses %j', async (configuration, words) => {
    await expect(open(storeOf(sharded({}, configuration)))).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining(words),
    });
  });
});

describe('a chunk that is not stored', () => {
  it('is the fill value, whatever that is; nothing where it is 0', async () => {
    const filled = (data_type: string, fill_value: unknown) =>
      open(storeOf(sharded({ data_type, fill_value }))).then((volume) => volume.readChunk(corner));
    expect(await filled('uint8', 7)).toEqual(new Uint8Array(8).fill(7));
    expect(await filled('uint8', 0)).toBeUndefined();
    expect(new Uint16Array(new Uint8Array((await filled('uint16', 500)) ?? []).buffer)).toEqual(
      new Uint16Array(8).fill(500),
    );
    expect([...new Float32Array(new Uint8Array((await filled('float32', '-Infinity')) ?? []).buffer)]).toEqual(
      Array(8).fill(-Infinity),
    );
  });

  it('and 64-bit ids are exact, though JSON numbers are not', async () => {
    const store = storeOf(sharded({ data_type: 'uint64' }));
    const text = new TextDecoder()
      .decode(store.files.get('zarr.json'))
      .replace('"fill_value":0', '"fill_value":18446744073709551557');
    store.files.set('zarr.json', new TextEncoder().encode(text));
    const voxels = await (await open(store)).readChunk(corner);
    expect(new BigUint64Array(new Uint8Array(voxels ?? []).buffer)[7]).toBe(18446744073709551557n);
  });

  it.each([
    [1.5, 'uint8'],
    [256, 'uint8'],
    [-1, 'uint64'],
    ['18446744073709551616', 'uint64'],
    ['abc', 'int16'],
    ['0x7fc0', 'float32'],
    [[], 'float64'],
    [{}, 'int8'],
  ] as const)('refuses the fill value %j of %s', (value, dtype) => {
    expect(fillBytes(value, { dtype, storedAs: undefined })).toContain('the fill value');
  });

  it.each([
    [0.1, 0.0999755859375],
    [65_519, 65_504],
    [65_520, Infinity],
    [-2.5, -2.5],
    [2 ** -24, 2 ** -24],
    [2 ** -26, 0],
    [1 + 2 ** -11, 1],
    [1 + 3 * 2 ** -11, 1 + 2 ** -9],
    ['0xfc00', -Infinity],
    ['0x0001', 2 ** -24],
    ['0x3c01', 1 + 2 ** -10],
  ])('rounds %s to the half float %s', (value, half) => {
    const filled = fillBytes(value, { dtype: 'float32', storedAs: 'float16' });
    expect(typeof filled === 'string' ? filled : new DataView(filled.buffer).getFloat32(0, true)).toBe(half);
  });
});

describe('whole numbers in JSON', () => {
  it.each([
    ['{"a": 9007199254740991, "b": -9007199254740991}', { a: 2 ** 53 - 1, b: 1 - 2 ** 53 }],
    ['{"a": 18446744073709551615}', { a: '18446744073709551615' }],
    ['[-9223372036854775808, 1.25000000000000000000, 12500000000000000000e3]', ['-9223372036854775808', 1.25, 1.25e22]],
    [
      '{"a \\" 18446744073709551615": "18446744073709551615 \\\\"}',
      { 'a " 18446744073709551615': '18446744073709551615 \\' },
    ],
  ])('%s', (text, value) => {
    expect(JSON.parse(quoteLargeIntegers(text))).toEqual(value);
  });

  it('takes a text of nothing but backslashes and quotes in one go', () => {
    const odd = `${'"\\'.repeat(500_000)}1234567890123456789`;
    expect(quoteLargeIntegers(odd).length).toBeGreaterThanOrEqual(odd.length);
  });
});

describe('decoded chunks', () => {
  const made = (n: number) => async () => new Uint8Array(n);

  it('are made once, also for those who ask meanwhile, and the oldest goes first', async () => {
    const chunks = new DecodedChunks(100);
    let count = 0;
    const make = async () => (count++, new Uint8Array(40));
    const [a, b] = await Promise.all([chunks.get('a', 40, make), chunks.get('a', 40, make)]);
    expect(a).toBe(b);
    await chunks.get('b', 40, make);
    await chunks.get('a', 40, make);
    await chunks.get('c', 40, make);
    expect([count, chunks.heldBytes]).toEqual([3, 80]);
    await chunks.get('a', 40, make);
    expect(count).toBe(3);
    await chunks.get('b', 40, make);
    expect(count).toBe(4);
  });

  it('do not keep what is larger than all, nor what fails', async () => {
    const chunks = new DecodedChunks(100);
    await chunks.get('large', 101, made(101));
    expect(chunks.heldBytes).toBe(0);
    await expect(chunks.get('bad', 10, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(chunks.heldBytes).toBe(0);
    expect(await chunks.get('bad', 10, made(10))).toHaveLength(10);
  });

  it('are made anew by those who waited for one that was cancelled', async () => {
    const chunks = new DecodedChunks(100);
    const cancelled = chunks.get('a', 10, () => Promise.reject(new LamellaError('cancelled', 'stopped', { hint: '' })));
    const waiting = chunks.get('a', 10, made(10));
    await expect(cancelled).rejects.toMatchObject({ tag: 'cancelled' });
    expect(await waiting).toHaveLength(10);
    expect(chunks.heldBytes).toBe(10);
  });
});
