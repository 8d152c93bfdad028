import { z } from 'zod';
import { type ChunkCodecSpec, codecSchema } from '../../../../native-workers/voxel-tasks.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { ByteSource } from '../byte-store.ts';
import { chunkExtent, levelAt } from '../pyramid.ts';
import type { ChunkAt, ChunkCodec, OpenVolume, StoredChunk, VolumePlan } from '../volume-format.ts';
import { type TilePart, blockKey, partsByBlock, planeFolder } from './tile-parts.ts';

/** How an OME-TIFF that is being written is laid out in parts. */
export interface PartsRecord {
  readonly plan: VolumePlan;
  /** Width and height. */
  readonly tile: readonly [number, number];
  readonly codecs: readonly ChunkCodecSpec[];
  /** Along x and y, of each level. */
  readonly tilesOfBlock: readonly (readonly [number, number])[];
}

export const partsRecordKey = 'lamella-tiff-parts.json';

/** Only this process writes it, and reads it back at once. */
const recordSchema = z.object({
  plan: z.custom<VolumePlan>((value) => typeof value === 'object' && value !== null),
  tile: z.tuple([z.number(), z.number()]),
  codecs: z.array(codecSchema),
  tilesOfBlock: z.array(z.tuple([z.number(), z.number()])),
});

/** The finished levels of an OME-TIFF that is being written, for the levels that are made from them. */
export async function openParts(source: ByteSource, codec: ChunkCodec): Promise<OpenVolume | undefined> {
  const bytes = await source.get(partsRecordKey);
  if (!bytes) return undefined;
  const record: PartsRecord = recordSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  const listed = new Map<string, Promise<ReadonlyMap<string, TilePart>>>();
  const partsOf = (folder: string): Promise<ReadonlyMap<string, TilePart>> => {
    const parts = listed.get(folder) ?? listParts(source, folder);
    if (listed.size > 256) listed.clear();
    listed.set(folder, parts);
    parts.catch(() => listed.delete(folder));
    return parts;
  };
  const locate = (at: ChunkAt): Promise<StoredChunk | undefined> => locateTile(record, at, partsOf);
  return {
    plan: record.plan,
    notes: {},
    locate,
    readChunk: async (at, signal) => {
      const stored = await locate(at);
      if (!stored) return undefined;
      const range = { offset: stored.offset, length: stored.bytes };
      const tile = await source.get(stored.key, range, signal);
      if (tile?.length !== stored.bytes) throw cutShort(source, stored);
      const { size } = chunkExtent(levelAt(record.plan, at.level), at.xyz);
      return codec.decode(
        {
          dtype: record.plan.dtype,
          shape: [record.tile[0], record.tile[1], 1, 1, 1],
          codecs: [...record.codecs],
          crop: { at: [0, 0, 0, 0, 0], size: [size[0], size[1], 1, 1, 1] },
        },
        tile,
        signal,
      );
    },
  };
}

async function listParts(source: ByteSource, folder: string): Promise<ReadonlyMap<string, TilePart>> {
  const entries = (await source.children(folder)) ?? [];
  return partsByBlock(entries.map(({ name }) => folder + name));
}

async function locateTile(
  { plan, tilesOfBlock }: PartsRecord,
  { level, xyz, channel, time }: ChunkAt,
  partsOf: (folder: string) => Promise<ReadonlyMap<string, TilePart>>,
): Promise<StoredChunk | undefined> {
  const [nx, ny] = tilesOfBlock[level] ?? [1, 1];
  const place = { level, time, channel, z: xyz[2] };
  const [x, y] = [Math.floor(xyz[0] / nx), Math.floor(xyz[1] / ny)];
  const part = (await partsOf(planeFolder(place))).get(blockKey({ ...place, x, y }));
  if (!part) return undefined;
  const width = Math.min(nx, levelAt(plan, level).gridXyz[0] - x * nx);
  const index = (xyz[1] - y * ny) * width + xyz[0] - x * nx;
  const offset = part.tileBytes.slice(0, index).reduce((sum, bytes) => sum + bytes, 0);
  return { key: part.key, offset, bytes: part.tileBytes[index] ?? 0 };
}

const cutShort = (source: ByteSource, { key }: StoredChunk): LamellaError =>
  new LamellaError('bad-source', `A part of the unfinished TIFF, "${source.name}/${key}", is missing or cut short.`, {
    hint: 'Delete what was written and convert again.',
    fields: { key },
  });
