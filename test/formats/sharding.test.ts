import { describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import { mortonAxes, mortonBox, mortonCode } from '../../main/engine/formats/precomputed/morton.ts';
import { ShardReader } from '../../main/engine/formats/precomputed/shard-reader.ts';
import { layOutShards, makeShard } from '../../main/engine/formats/precomputed/shard-writer.ts';
import {
  murmurHash3x86Low64,
  shardName,
  shardPlaceOf,
  type Sharding,
} from '../../main/engine/formats/precomputed/sharding.ts';
import type { ByteRange, ByteSource } from '../../main/engine/formats/byte-store.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { seededRandom } from './mutate.ts';

/** mmh3.hash128(key, 0, x64arch=False) of Python's mmh3, the low 64 bits. */
const murmurVectors: readonly (readonly [bigint, bigint])[] = [
  [0x0n, 0x4772b084e028ae41n],
  [0x1n, 0xe8bd67d616d4ce9an],
  [0x2n, 0xd62f9cd21b013f5an],
  [0xffn, 0x4e2fc5b5b87bf79an],
  [0x100n, 0x4964fc5b464976dan],
  [0xffffffffn, 0x7260ffc08751ben],
  [0x100000000n, 0xbbb12d133b78fd64n],
  [0x20000000000000n, 0xebc1328bd79d72b8n],
  [0x20000000000001n, 0xdfde6c7958396398n],
  [0x8000000000000000n, 0x998a35e4316acfa8n],
  [0xffffffffffffffffn, 0x574f66bd212b5d1an],
  [0xf2a74de452e6b438n, 0x41a0225581de0243n],
  [0x6513270e269e0d37n, 0xbdff9d8c9f89c90en],
  [0xc5c7fd0a6a3a450n, 0x4812cab9e66eeb4en],
  [0xd23f0824128b2f33n, 0x655d0ea5a96c0e9fn],
  [0x1818e811892f902bn, 0xddbf03a577b43929n],
  [0x9531985d5d9dc9f8n, 0xd04c7d6e04f8df57n],
  [0xe8e25d940ed90475n, 0x506b194c7d05b5f1n],
  [0x36f675cc81e74ef5n, 0x565dbabc8800749fn],
  [0x1600a35a099950d8n, 0xcb011c2b9e9c57a1n],
  [0x6b0d549b6f03675an, 0x6111aa734d88bf59n],
  [0x3d9c172411e20b8fn, 0x6c75df29c74303ban],
  [0x8d116ece1738f7d9n, 0x22db74259f2be0c2n],
  [0xf21ddb66cad4a26n, 0xa839ba5125ced407n],
];

const random = seededRandom(20);
const pick = (n: number): number => Math.floor(random() * n);
const key64 = (): bigint => (BigInt(pick(2 ** 32)) << 32n) | BigInt(pick(2 ** 32));
const sharding = (s: Partial<Sharding>): Sharding => ({
  '@type': 'neuroglancer_uint64_sharded_v1',
  preshift_bits: 0,
  hash: 'identity',
  minishard_bits: 0,
  shard_bits: 0,
  minishard_index_encoding: 'raw',
  data_encoding: 'raw',
  ...s,
});

function sourceOf(files: ReadonlyMap<string, Uint8Array>) {
  const reads: string[] = [];
  const source: ByteSource = {
    name: 'shards',
    get: async (key, range?: ByteRange) => {
      reads.push(key);
      const bytes = files.get(key);
      return range ? bytes?.subarray(range.offset, range.offset + range.length) : bytes;
    },
    sizeOf: (key) => files.get(key)?.byteLength,
    list: async () => [...files.keys()],
    children: async () => [],
  };
  return { source, reads };
}

describe('murmurhash3_x86_128', () => {
  it('equals another implementation', () => {
    for (const [key, hash] of murmurVectors) expect(murmurHash3x86Low64(key)).toBe(hash);
  });
});

describe('compressed Morton codes', () => {
  /** The rule as the format words it. */
  const byTheRule = (grid: Vec3, at: Vec3): bigint => {
    let [code, bit] = [0n, 0n];
    for (let i = 0; i < 32; i++) {
      for (const dim of [0, 1, 2] as const) {
        if (2 ** i >= grid[dim]) continue;
        code |= ((BigInt(at[dim]) >> BigInt(i)) & 1n) << bit++;
      }
    }
    return code;
  };

  it('equal the rule on 10,000 random grids', () => {
    for (let i = 0; i < 10_000; i++) {
      const side = (): number => 1 + pick(2 ** (1 + pick(21)));
      const grid: Vec3 = [side(), side(), side()];
      const at: Vec3 = [pick(grid[0]), pick(grid[1]), pick(grid[2])];
      expect(mortonCode(mortonAxes(grid), at)).toBe(byTheRule(grid, at));
    }
  });

  it('are exact up to 64 bits', () => {
    const grid: Vec3 = [2 ** 22, 2 ** 21, 2 ** 21];
    expect(mortonAxes(grid)).toHaveLength(64);
    expect(mortonCode(mortonAxes(grid), [2 ** 22 - 1, 2 ** 21 - 1, 2 ** 21 - 1])).toBe(2n ** 64n - 1n);
  });

  it('count through boxes: all chunks of a box, and no others, share what follows its bits', () => {
    const grid: Vec3 = [5, 9, 3];
    const axes = mortonAxes(grid);
    for (let bits = 0; bits <= axes.length; bits++) {
      const box = mortonBox(axes, bits);
      const byCode = new Map<bigint, string>();
      for (let z = 0; z < grid[2]; z++)
        for (let y = 0; y < grid[1]; y++)
          for (let x = 0; x < grid[0]; x++) {
            const shard = mortonCode(axes, [x, y, z]) >> BigInt(bits);
            const place = [x, y, z].map((value, i) => Math.floor(value / (box[i] ?? 1))).join();
            expect(byCode.get(shard) ?? place).toBe(place);
            byCode.set(shard, place);
          }
      expect(new Set(byCode.values()).size).toBe(byCode.size);
    }
  });
});

/** Shards of keys, written another way than Lamella does: minishard indices before the data, and keys not in order. */
function shardFiles(spec: Sharding, chunks: ReadonlyMap<bigint, Uint8Array>, split: boolean): Map<string, Uint8Array> {
  const shards = new Map<bigint, Map<number, bigint[]>>();
  for (const id of chunks.keys()) {
    const { shard, minishard } = shardPlaceOf(spec, id);
    const minishards = shards.get(shard) ?? new Map<number, bigint[]>();
    shards.set(shard, minishards.set(minishard, [...(minishards.get(minishard) ?? []), id]));
  }
  const files = new Map<string, Uint8Array>();
  for (const [shard, minishards] of shards) {
    const index = Buffer.alloc(16 << spec.minishard_bits);
    const data: Buffer[] = [Buffer.from('padding')];
    let end = 7;
    for (const [minishard, ids] of minishards) {
      const rows = new BigUint64Array(ids.length * 3);
      let [lastId, lastEnd] = [0n, 0n];
      for (const [i, id] of ids.entries()) {
        const bytes = chunks.get(id) ?? new Uint8Array();
        rows.set([id - lastId], i);
        rows.set([BigInt(end) - lastEnd], ids.length + i);
        rows.set([BigInt(bytes.byteLength)], 2 * ids.length + i);
        data.push(Buffer.from(bytes));
        end += bytes.byteLength;
        [lastId, lastEnd] = [id, BigInt(end)];
      }
      const raw = Buffer.from(rows.buffer);
      const stored = spec.minishard_index_encoding === 'gzip' ? gzipSync(raw) : raw;
      data.push(stored);
      index.writeBigUInt64LE(BigInt(end), minishard * 16);
      index.writeBigUInt64LE(BigInt((end += stored.byteLength)), minishard * 16 + 8);
    }
    const name = `s/${shardName(spec, shard)}`;
    if (split) files.set(`${name}.index`, index).set(`${name}.data`, Buffer.concat(data));
    else files.set(`${name}.shard`, Buffer.concat([index, ...data]));
  }
  return files;
}

describe('shards', () => {
  const specs = (['identity', 'murmurhash3_x86_128'] as const).flatMap((hash) =>
    (['raw', 'gzip'] as const).flatMap((encoding) => [false, true].map((split) => ({ hash, encoding, split }))),
  );

  it.each(specs)('gives 10,000 random keys back: $hash, $encoding index, split $split', async (given) => {
    const spec = sharding({
      hash: given.hash,
      minishard_index_encoding: given.encoding,
      preshift_bits: 3,
      minishard_bits: 4,
      shard_bits: 5,
    });
    const chunks = new Map<bigint, Uint8Array>();
    while (chunks.size < 10_000) chunks.set(key64(), new Uint8Array(1 + pick(30)).fill(pick(256)));
    const files = shardFiles(spec, chunks, given.split);
    const { source, reads } = sourceOf(files);
    const reader = new ShardReader(source, 's', spec);
    for (const [id, bytes] of chunks) {
      const found = await reader.find(id);
      const file = files.get(found?.key ?? '');
      expect(found && file?.subarray(found.offset, found.offset + found.bytes)).toEqual(Buffer.from(bytes));
    }
    // Each shard's index and each minishard's is read once.
    const wanted = files.size * (1 + 16);
    expect(reads.length).toBeLessThanOrEqual(wanted);
    expect(await reader.find(key64())).toBeUndefined();
  });

  it('finds nothing where there is no shard, and names a shard that is cut short', async () => {
    const spec = sharding({ minishard_bits: 3, shard_bits: 6 });
    const files = new Map<string, Uint8Array>([
      ['s/01.shard', new Uint8Array(100)],
      ['s/02.shard', new Uint8Array()],
    ]);
    const reader = new ShardReader(sourceOf(files).source, 's', spec);
    expect(await reader.find(0n)).toBeUndefined();
    for (const [id, name] of [
      [8n, '01'],
      [16n, '02'],
    ] as const)
      await expect(reader.find(id)).rejects.toMatchObject({
        tag: 'bad-source',
        message: expect.stringContaining(`${name}.shard`),
      });
  });

  it('takes a shard whose bytes were lost to zeros, or to any byte repeated, for damage', async () => {
    const spec = sharding({ minishard_bits: 2 });
    for (const byte of [0, 0xa5, 0xff]) {
      const files = new Map<string, Uint8Array>([['s/0.shard', new Uint8Array(1000).fill(byte)]]);
      const reader = new ShardReader(sourceOf(files).source, 's', spec);
      await expect(reader.find(0n)).rejects.toMatchObject({
        tag: 'bad-source',
        message: expect.stringContaining('its index names no chunk, and 936 bytes follow it'),
      });
    }
    const none = new Map<string, Uint8Array>([['s/0.shard', new Uint8Array(64)]]);
    expect(await new ShardReader(sourceOf(none).source, 's', spec).find(0n)).toBeUndefined();
  });

  it('refuses indices that lead anywhere but into the file', async () => {
    const spec = sharding({ shard_bits: 1 });
    const row = (start: bigint, end: bigint, minishard: Uint8Array = new Uint8Array(0)) => {
      const index = Buffer.alloc(16);
      index.writeBigUInt64LE(start, 0);
      index.writeBigUInt64LE(end, 8);
      return Buffer.concat([index, minishard]);
    };
    const lies = [
      row(5n, 4n),
      row(0n, 24n),
      row(0n, 2n ** 63n),
      row(0n, 2n ** 40n),
      row(0n, 23n, new Uint8Array(23)),
      row(0n, 24n, Buffer.alloc(24, 0xff)),
    ];
    for (const bytes of lies) {
      const reader = new ShardReader(sourceOf(new Map([['s/0.shard', bytes]])).source, 's', spec);
      await expect(reader.find(0n)).rejects.toMatchObject({ tag: 'bad-source' });
    }
  });

  it('are boxes that keep to the limit, and hold what was put into them', async () => {
    for (let round = 0; round < 200; round++) {
      const chunkXyz: Vec3 = [1 + pick(40), 1 + pick(40), 1 + pick(40)];
      const gridXyz: Vec3 = [1 + pick(9), 1 + pick(9), 1 + pick(9)];
      const sizeXyz = gridXyz.map((n, i) => n * (chunkXyz[i] ?? 1) - pick(chunkXyz[i] ?? 1)) as unknown as Vec3;
      const level = {
        key: 'l',
        sizeXyz,
        chunkXyz,
        gridXyz,
        voxelSizeNm: chunkXyz,
        originNm: chunkXyz,
        stepXyz: chunkXyz,
      };
      const layout = layOutShards(level, { bytesPerPoint: 2, blockBytes: 4e5 * (1 + pick(9)), gzipped: true });
      if (!layout) throw new Error('these grids are small');
      const { blockXyz } = layout;
      const corner = gridXyz.map((n, i) => {
        const box = Math.round((blockXyz[i] ?? 1) / (chunkXyz[i] ?? 1));
        return pick(Math.ceil(n / box)) * box;
      });
      const chunks: { xyz: Vec3; bytes: Uint8Array }[] = [];
      const end = (i: 0 | 1 | 2): number => Math.min(gridXyz[i], (corner[i] ?? 0) + blockXyz[i] / chunkXyz[i]);
      for (let z = corner[2] ?? 0; z < end(2); z++)
        for (let y = corner[1] ?? 0; y < end(1); y++)
          for (let x = corner[0] ?? 0; x < end(0); x++)
            chunks.push({ xyz: [x, y, z], bytes: new Uint8Array(1 + pick(9)).fill(chunks.length) });
      const { name, bytes } = await makeShard(layout, chunks);
      const reader = new ShardReader(sourceOf(new Map([[`l/${name}`, bytes]])).source, 'l', layout.sharding);
      for (const chunk of chunks) {
        const found = await reader.find(mortonCode(layout.axes, chunk.xyz));
        expect(found && bytes.subarray(found.offset, found.offset + found.bytes)).toEqual(chunk.bytes);
      }
    }
  });
});
