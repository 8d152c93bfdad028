import { createHash } from 'node:crypto';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Part } from '../../../../preload/contract/publish.ts';
import { bytesPerVoxel } from '../../../../preload/contract/space.ts';
import { chunkExtent, levelAt, voxelsIn } from '../../formats/pyramid.ts';
import type { ChunkCodec, OpenVolume } from '../../formats/volume-format.ts';
import { unitKey, type Unit } from '../../jobs/job.ts';
import type { PublishTarget } from '../../targets/index.ts';
import type { ChunkPlace, PartPlan, PublishPlan } from './plan.ts';

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** SHA-256 of the stored bytes of a chunk by its key in the volume; null where there is none. */
export type ChunkHashes = ReadonlyMap<string, string | null>;

export type HashRow = readonly [key: string, sha256: string | null];

/**
 * Hashes chunks of the volume before any is written, and decodes them, so that only sound chunks count. The ledger
 * keeps the hashes for good: a chunk that changes later, while it is published or between two publications, is noticed.
 */
export function hashUnit(volumeId: string, opened: OpenVolume, group: readonly ChunkPlace[]): Unit<readonly HashRow[]> {
  const keys = group.map(({ level, xyz }) => opened.chunkKey(level, xyz));
  return {
    key: unitKey('publish-hash', 1, volumeId, keys),
    subject: keys[0] ?? '',
    run: async (signal) => {
      const rows: HashRow[] = [];
      for (const { level, xyz } of group) {
        signal.throwIfAborted();
        const stored = await opened.readStored(level, xyz);
        if (stored) await opened.decode(level, xyz, stored);
        rows.push([opened.chunkKey(level, xyz), stored ? sha256Of(stored) : null]);
      }
      return rows;
    },
  };
}

/** Writes the parts of a group. Its key names where they go and the bytes that they are made from. */
export function writeUnit(
  plan: PublishPlan,
  group: readonly PartPlan[],
  hashes: ChunkHashes,
  target: PublishTarget,
  out: string,
  codec: ChunkCodec,
): Unit<readonly Part[]> {
  const wanted = group.map(({ level, xyz }) => hashes.get(plan.opened.chunkKey(level, xyz)) ?? null);
  return {
    key: unitKey(
      'publish-write',
      1,
      plan.format.id,
      out,
      group.map(({ path }) => path),
      wanted,
    ),
    subject: group[0]?.path ?? '',
    stillThere: (parts) => parts.every(({ path, bytes }) => target.sizeOf(path) === bytes),
    run: async (signal) => {
      const parts: Part[] = [];
      for (const [i, part] of group.entries()) {
        signal.throwIfAborted();
        const bytes = await partBytes(plan, part, wanted[i] ?? null, codec);
        await target.put(part.path, bytes);
        parts.push({ path: part.path, bytes: bytes.byteLength, sha256: sha256Of(bytes) });
      }
      return parts;
    },
  };
}

async function partBytes(
  plan: PublishPlan,
  { level, xyz }: PartPlan,
  wanted: string | null,
  codec: ChunkCodec,
): Promise<Uint8Array> {
  const stored = await plan.opened.readStored(level, xyz);
  if ((stored ? sha256Of(stored) : null) !== wanted) throw changed(plan, plan.opened.chunkKey(level, xyz));
  if (stored && plan.copies) return stored;
  const voxels = stored ? await plan.opened.decode(level, xyz, stored) : emptyChunk(plan, level, xyz);
  return plan.format.encodeChunk(plan.plan, level, xyz, voxels, codec);
}

function emptyChunk({ plan }: PublishPlan, level: number, xyz: PartPlan['xyz']): Uint8Array {
  return new Uint8Array(voxelsIn(chunkExtent(levelAt(plan, level), xyz).size) * bytesPerVoxel[plan.dtype]);
}

function changed({ source }: PublishPlan, key: string): LamellaError {
  return new LamellaError(
    'conflict',
    `"${key}" of ${source.name} is not what it was when publishing began, so nothing more was written.`,
    {
      hint: 'A volume never changes by itself: check the disk, then fuse the stack again and publish the new volume.',
      fields: { file: key, source: source.name },
    },
  );
}
