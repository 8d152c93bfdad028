import { z } from 'zod';

/**
 * Which shard and minishard of a "neuroglancer_uint64_sharded_v1" store hold a key
 * (google/neuroglancer, src/datasource/precomputed/sharded.rst). Keys are uint64, here bigints: a double does not hold them.
 */
const bits = z.number().int().min(0).max(64);
const encoding = z.enum(['raw', 'gzip']).default('raw');

export const shardingSchema = z
  .object({
    '@type': z.literal('neuroglancer_uint64_sharded_v1', {
      error: 'Lamella reads sharding of the type neuroglancer_uint64_sharded_v1',
    }),
    preshift_bits: bits,
    hash: z.enum(['identity', 'murmurhash3_x86_128']),
    minishard_bits: bits.max(32),
    shard_bits: bits,
    minishard_index_encoding: encoding,
    data_encoding: encoding,
  })
  .refine((s) => s.minishard_bits + s.shard_bits <= 64, 'minishard_bits and shard_bits are more than 64 together');
export type Sharding = z.output<typeof shardingSchema>;

export interface ShardPlace {
  readonly shard: bigint;
  /** At most 2^32. */
  readonly minishard: number;
}

export function shardPlaceOf(sharding: Sharding, key: bigint): ShardPlace {
  const shifted = key >> BigInt(sharding.preshift_bits);
  const hashed = sharding.hash === 'identity' ? shifted : murmurHash3x86Low64(shifted);
  return {
    minishard: Number(BigInt.asUintN(sharding.minishard_bits, hashed)),
    shard: BigInt.asUintN(sharding.shard_bits, hashed >> BigInt(sharding.minishard_bits)),
  };
}

/** Name of a shard's file without its ending: lowercase hexadecimal, padded to what shard_bits can need. */
export const shardName = (sharding: Sharding, shard: bigint): string =>
  shard.toString(16).padStart(Math.ceil(sharding.shard_bits / 4), '0');

/** Bytes of the index at the start of a shard: where each minishard's index begins and ends. */
export const shardIndexBytes = (sharding: Sharding): number => 16 * 2 ** sharding.minishard_bits;

const [c1, c2, c3] = [0x239b961b, 0xab0e9789, 0x38b34ae5];

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

function finalMix(given: number): number {
  let h = given ^ (given >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * The low 64 bits of MurmurHash3_x86_128 (Austin Appleby, smhasher) of a key's 8 little-endian bytes, with seed 0. Eight
 * bytes are less than one block of 16, so that only the tail and the finalisation of the algorithm are left.
 */
export function murmurHash3x86Low64(key: bigint): bigint {
  const low = Number(BigInt.asUintN(32, key));
  const high = Number(BigInt.asUintN(32, key >> 32n));
  let h1 = Math.imul(rotate(Math.imul(low, c1), 15), c2) ^ 8;
  let h2 = Math.imul(rotate(Math.imul(high, c2), 16), c3) ^ 8;
  // The third and fourth lanes saw no bytes and are alike from here on.
  let h3 = 8;
  h1 = (h1 + h2 + h3 + h3) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  [h1, h2, h3] = [finalMix(h1), finalMix(h2), finalMix(h3)];
  h1 = (h1 + h2 + h3 + h3) | 0;
  h2 = (h2 + h1) | 0;
  return (BigInt(h2 >>> 0) << 32n) | BigInt(h1 >>> 0);
}
