import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { mapAxes, voxelsIn } from '../pyramid.ts';
import type { VolumeLevelPlan } from '../volume-format.ts';
import { mortonAxes, mortonBox, mortonCode, type MortonAxes } from './morton.ts';
import { shardIndexBytes, shardName, shardPlaceOf, type Sharding } from './sharding.ts';

/**
 * How a level is cut into shards so that each is a box of voxels that can be encoded at once.
 *
 * With the hash "identity", a shard holds the chunks whose codes are alike but for their lowest k = preshift_bits +
 * minishard_bits bits, and those chunks are a box of powers of two (see `mortonBox`). k is the largest whose box keeps
 * to the limit of bytes. Of the k bits up to 9 are preshift: a minishard is then a box of up to 512 chunks whose index
 * (12 KiB, less when gzipped) is fetched once for all of them.
 */
export interface ShardLayout {
  readonly sharding: Sharding;
  readonly axes: MortonAxes;
  /** Voxels of a shard. */
  readonly blockXyz: Vec3;
}

const maxPreshiftBits = 9;

/** Null where the grid needs codes of over 64 bits. `gzipped`: whether chunks are worth packing. */
export function layOutShards(
  level: VolumeLevelPlan,
  limits: { readonly bytesPerPoint: number; readonly blockBytes: number; readonly gzipped: boolean },
): ShardLayout | null {
  const axes = mortonAxes(level.gridXyz);
  if (axes.length > 64) return null;
  const boxOf = (bits: number): Vec3 => {
    const box = mortonBox(axes, bits);
    return mapAxes((i) => box[i] * level.chunkXyz[i]);
  };
  const bytesOf = (bits: number): number =>
    voxelsIn(mapAxes((i) => Math.min(boxOf(bits)[i], level.sizeXyz[i]))) * limits.bytesPerPoint;
  let bits = 0;
  while (bits < axes.length && bytesOf(bits + 1) <= limits.blockBytes) bits++;
  const preshift = Math.min(bits, maxPreshiftBits);
  const sharding: Sharding = {
    '@type': 'neuroglancer_uint64_sharded_v1',
    preshift_bits: preshift,
    hash: 'identity',
    minishard_bits: bits - preshift,
    shard_bits: axes.length - bits,
    minishard_index_encoding: 'gzip',
    data_encoding: limits.gzipped ? 'gzip' : 'raw',
  };
  return { sharding, axes, blockXyz: boxOf(bits) };
}

export interface ShardChunk {
  /** In the grid of the level. */
  readonly xyz: Vec3;
  readonly bytes: Uint8Array;
}

/** The shard of these chunks, which must be all in one: its file's name and its bytes. */
export async function makeShard(
  { sharding, axes }: ShardLayout,
  chunks: readonly ShardChunk[],
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const placed = chunks
    .map(({ xyz, bytes }) => ({ id: mortonCode(axes, xyz), bytes }))
    .map((chunk) => ({ ...chunk, ...shardPlaceOf(sharding, chunk.id) }))
    .toSorted((a, b) => a.minishard - b.minishard || (a.id < b.id ? -1 : 1));
  const [first] = placed;
  if (!first || placed.some(({ shard }) => shard !== first.shard)) throw new Error('these chunks are not one shard');
  const index = new DataView(new ArrayBuffer(shardIndexBytes(sharding)));
  const data: Uint8Array[] = [];
  const minishards: { readonly at: number; readonly rows: MinishardRow[] }[] = [];
  let end = 0;
  for (const { minishard, id, bytes } of placed) {
    const last = minishards.at(-1);
    const row = { id, start: end, bytes: bytes.byteLength };
    if (last?.at === minishard) last.rows.push(row);
    else minishards.push({ at: minishard, rows: [row] });
    data.push(bytes);
    end += bytes.byteLength;
  }
  for (const { at, rows } of minishards) {
    const raw = minishardIndex(rows);
    const packed = sharding.minishard_index_encoding === 'gzip' ? await promisify(gzip)(raw) : raw;
    index.setBigUint64(at * 16, BigInt(end), true);
    index.setBigUint64(at * 16 + 8, BigInt(end + packed.byteLength), true);
    data.push(packed);
    end += packed.byteLength;
  }
  return { name: `${shardName(sharding, first.shard)}.shard`, bytes: joined(new Uint8Array(index.buffer), data) };
}

interface MinishardRow {
  readonly id: bigint;
  readonly start: number;
  readonly bytes: number;
}

function minishardIndex(rows: readonly MinishardRow[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(rows.length * 24));
  const put = (row: number, i: number, value: bigint) =>
    view.setBigUint64((row * rows.length + i) * 8, BigInt.asUintN(64, value), true);
  let [lastId, lastEnd] = [0n, 0];
  for (const [i, { id, start, bytes }] of rows.entries()) {
    put(0, i, id - lastId);
    put(1, i, BigInt(start - lastEnd));
    put(2, i, BigInt(bytes));
    [lastId, lastEnd] = [id, start + bytes];
  }
  return new Uint8Array(view.buffer);
}

function joined(head: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, head.byteLength));
  out.set(head);
  let at = head.byteLength;
  for (const part of parts) {
    out.set(part, at);
    at += part.byteLength;
  }
  return out;
}
