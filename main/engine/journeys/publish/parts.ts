import { createHash } from 'node:crypto';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Part } from '../../../../preload/contract/publish.ts';
import { bytesPerVoxel } from '../../../../preload/contract/space.ts';
import type { ByteSource } from '../../formats/byte-store.ts';
import { chunksOf, levelAt, voxelsIn } from '../../formats/pyramid.ts';
import type { BlockAt, ChunkAt, OpenVolume } from '../../formats/volume-format.ts';
import { unitKey, type Unit } from '../../jobs/job.ts';
import type { PublishTarget } from '../../targets/index.ts';
import { copyFrom } from '../../volumes/block-sources.ts';
import { blockBox, blockGrid } from '../../volumes/write-blocks.ts';
import type { CopiedFile, PublishPlan } from './plan.ts';

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** SHA-256 of the files of a volume by their keys. */
export type FileHashes = ReadonlyMap<string, string>;
export type HashRow = readonly [key: string, sha256: string];

const groupBytes = 8 * 2 ** 20;

/** Consecutive items of about 8 MiB together: a unit of the ledger is neither a file of a few bytes nor minutes of work. */
export function groupsOf<C extends { readonly bytes: number }>(parts: readonly C[]): readonly (readonly C[])[] {
  const groups: C[][] = [];
  let room = 0;
  for (const part of parts) {
    if (room <= 0 || groups.length === 0) {
      groups.push([]);
      room = groupBytes;
    }
    groups[groups.length - 1]?.push(part);
    // Small files cost as much as their opening does.
    room -= Math.max(part.bytes, 2 ** 17);
  }
  return groups;
}

interface PlacedChunk {
  readonly at: ChunkAt;
  /** Of its voxels. */
  readonly bytes: number;
}

/**
 * Hashes the chunks of a volume of the library before any is written, and decodes them, so that only sound chunks count.
 * The ledger keeps the hashes for good: a chunk that changes later, while it is published or between two publications,
 * is noticed.
 */
export function hashUnits({ stored, opened, source }: PublishPlan): readonly Unit<readonly HashRow[]>[] {
  if (!source) return [];
  return groupsOf(placesOf(opened)).map((group) => ({
    key: unitKey('publish-hash', 2, stored.volume.id, group[0]?.at, group.length),
    subject: `level ${group[0]?.at.level}, chunk ${group[0]?.at.xyz.join(' ')}`,
    run: async (signal) => {
      const rows: HashRow[] = [];
      for (const { at } of group) {
        signal.throwIfAborted();
        const found = await opened.locate(at, signal);
        if (!found) continue;
        await opened.readChunk(at, signal);
        rows.push([found.key, sha256Of((await source.get(found.key)) ?? new Uint8Array())]);
      }
      return rows;
    },
  }));
}

function placesOf({ plan }: OpenVolume): readonly PlacedChunk[] {
  return plan.levels.flatMap((level, index) => {
    const bytes = voxelsIn(level.chunkXyz) * bytesPerVoxel[plan.dtype];
    return [...chunksOf(level)].map((xyz) => ({ at: { level: index, xyz, channel: 0, time: 0 }, bytes }));
  });
}

/** The volume's files; throws 'conflict' where one is not what it was when it was hashed. */
export function verified(source: ByteSource, hashes: FileHashes): ByteSource {
  return {
    name: source.name,
    sizeOf: (key, signal) => source.sizeOf(key, signal),
    list: (prefix) => source.list(prefix),
    children: (prefix) => source.children(prefix),
    get: async (key, range, signal) => {
      if (key.endsWith('zarr.json')) return source.get(key, range, signal);
      const bytes = await source.get(key, undefined, signal);
      if ((bytes && sha256Of(bytes)) !== hashes.get(key)) throw changed(source, key);
      return range ? bytes?.subarray(range.offset, range.offset + range.length) : bytes;
    },
  };
}

export interface Writing {
  readonly plan: PublishPlan;
  readonly target: PublishTarget;
  readonly out: string;
  /** Of all that the parts are made from: other bytes are other units. */
  readonly made: string;
}

/** Writes files as they are. */
export function copyUnits(
  { plan, target, out }: Writing,
  from: ByteSource,
  hashes: FileHashes,
): readonly Unit<readonly Part[]>[] {
  return groupsOf(plan.copies ?? []).map((group: readonly CopiedFile[]) => ({
    key: unitKey(
      'publish-copy',
      1,
      out,
      group.map(({ key }) => [key, hashes.get(key) ?? null]),
    ),
    subject: group[0]?.key ?? '',
    stillThere: (parts) => areThere(target, parts),
    run: async (signal) => {
      const files: { key: string; bytes: Uint8Array }[] = [];
      for (const { key } of group) {
        signal.throwIfAborted();
        files.push({ key, bytes: (await from.get(key)) ?? new Uint8Array() });
      }
      await target.putAll(files);
      return files.map(partOf);
    },
  }));
}

/** Encodes the blocks of a level as the published format has them. */
export function blockUnits(
  { plan, target, out, made }: Writing,
  from: OpenVolume,
  level: number,
): readonly Unit<readonly Part[]>[] {
  const { writer, format } = plan;
  const source = copyFrom(from, { level, min: [0, 0, 0], firstTime: 0, blockBytes: groupBytes });
  const planned = { ...levelAt(writer.plan, level), gridXyz: blockGrid(writer, level) };
  const blocks: BlockAt[] = [];
  for (let time = 0; time < writer.plan.times; time++)
    for (const xyz of chunksOf(planned)) blocks.push({ level, xyz, time });
  return blocks.map((at) => {
    const box = blockBox(writer, at);
    return {
      key: unitKey('publish-block', 1, format.id, out, level, box.min, box.size, at.time, made),
      subject: `level ${level}, block ${at.xyz.join(' ')}`,
      stillThere: (parts) => areThere(target, parts),
      run: async (signal) => {
        const { channels, dtype } = writer.plan;
        const voxels = await source(box, at, signal);
        const empty = (): Uint8Array => new Uint8Array(voxelsIn(box.size) * bytesPerVoxel[dtype] * channels.length);
        const parts = await writer.encodeBlock(at, voxels ?? empty(), signal);
        await target.putAll(parts);
        return parts.map(partOf);
      },
    };
  });
}

const areThere = (target: PublishTarget, parts: readonly Part[]): boolean =>
  parts.every(({ path, bytes }) => target.sizeOf(path) === bytes);

const partOf = ({ key, bytes }: { readonly key: string; readonly bytes: Uint8Array }): Part => ({
  path: key,
  bytes: bytes.byteLength,
  sha256: sha256Of(bytes),
});

function changed(source: ByteSource, key: string): LamellaError {
  return new LamellaError(
    'conflict',
    `"${key}" of ${source.name} is not what it was when publishing began, so nothing more was written.`,
    {
      hint: 'A volume never changes by itself: check the disk, then fuse the stack again and publish the new volume.',
      fields: { file: key, source: source.name },
    },
  );
}
