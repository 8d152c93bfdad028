import { createHash, type Hash } from 'node:crypto';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { ByteSource } from '../formats/byte-store.ts';
import { mapAxes } from '../formats/pyramid.ts';
import type { OpenVolume } from '../formats/volume-format.ts';

/** Chunks of a level that are looked at: its corners and its centre. */
const corners: readonly Vec3[] = [
  [0, 0, 0],
  [1, 1, 1],
  [0.5, 0.5, 0.5],
  [1, 0, 0.5],
  [0, 1, 0.5],
];
const mostBytes = 2 ** 20;

/**
 * Tells a dataset again after it was moved or copied: SHA-256 of its geometry and types, and of stored bytes (a
 * megabyte at most of each chunk) at the corners and in the centre of its finest and coarsest level.
 */
export async function fingerprintOf(volume: OpenVolume, source: ByteSource, signal?: AbortSignal): Promise<string> {
  const { plan } = volume;
  const hash = createHash('sha256');
  const levels = plan.levels.map(({ sizeXyz, chunkXyz, voxelSizeNm, originNm }) => [
    sizeXyz,
    chunkXyz,
    voxelSizeNm,
    originNm,
  ]);
  hash.update(JSON.stringify([plan.dtype, plan.channels.length, plan.times, levels]));
  for (const level of new Set([plan.levels.length - 1, 0])) await addSamples(hash, volume, source, level, signal);
  return hash.digest('hex');
}

async function addSamples(
  hash: Hash,
  volume: OpenVolume,
  source: ByteSource,
  level: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const grid = volume.plan.levels[level]?.gridXyz ?? [1, 1, 1];
  for (const corner of corners) {
    const xyz = mapAxes((i) => Math.round((grid[i] - 1) * corner[i]));
    const found = await volume.locate({ level, xyz, channel: 0, time: 0 }, signal);
    hash.update(`${level}/${xyz.join('/')}:`);
    if (!found) continue;
    const length = Math.min(found.bytes, mostBytes);
    hash.update((await source.get(found.key, { offset: found.offset, length }, signal)) ?? new Uint8Array());
  }
}
