import { z } from 'zod';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { channelSchema, volumeLevelSchema, volumeSchema, type Volume } from '../../../preload/contract/library.ts';
import { dtypeSchema, vec3Schema, voxelSizeNmSchema, voxelTypeSchema } from '../../../preload/contract/space.ts';
import { matrix34Schema } from '../../../preload/contract/view-state.ts';
import type { ReadHandle, Row } from './library-store.ts';
import { stampOf, stepsInWords, type StoredWarp, storedWarpSchema } from './warp-rows.ts';

/** Where the voxels of an added volume lie, and what was said of them when it was added. JSON of the column `source`. */
export const volumeSourceSchema = z.object({
  kind: z.enum(['local', 'remote']),
  /** A path, or an address; a format before it and a file in a zip after it, as the user gave them. */
  address: z.string(),
  format: z.string(),
  /** Which image of a file that holds several. */
  image: z.string().nullable(),
  /** Tells the data again after it moved: see volumes/fingerprint.ts. */
  fingerprint: z.string(),
  /** The user let this address be one of this computer or a private network. */
  allowPrivate: z.boolean(),
  /** Where the user corrected the dataset. */
  voxelSizeNm: voxelSizeNmSchema.nullable(),
  /** Nobody said how large its voxels are: its nanometres count voxels. Rows of before do not say. */
  unsized: z.boolean().default(false),
  /** Levels that the dataset itself has; those after them lie in the library. */
  levels: z.number().int().min(1),
  /** Where the dataset turns or mirrors it; rows of before do not say. */
  worldFromVolume: matrix34Schema.nullable().default(null),
});
export type VolumeSource = z.infer<typeof volumeSourceSchema>;

/** A row of `volume` with its JSON read. */
export interface StoredVolume {
  readonly volume: Volume;
  /**
   * Relative to the library, forward slashes: the volume itself or, where it has a source, the coarse levels that were
   * made for it. null where there are none.
   */
  readonly folder: string | null;
  /** null: the voxels lie in `folder`, or there is a `warp`. */
  readonly source: VolumeSource | null;
  /** Another volume seen through a map, whose voxels lie nowhere; null for all others. */
  readonly warp: StoredWarp | null;
  readonly job: string;
}

interface VolumeRow {
  readonly id: string;
  readonly stack: string | null;
  readonly name: string;
  readonly kind: string;
  readonly folder: string | null;
  readonly dtype: string;
  readonly levels: string;
  readonly origin_voxel: string;
  readonly window: string;
  readonly channels: string | null;
  readonly times: number;
  readonly display: string | null;
  readonly source: string | null;
  readonly warp?: string | null;
  readonly bytes: number | null;
  readonly favourite: number;
  readonly opened_at: string | null;
  readonly job: string;
  readonly created_at: string;
}

/** Labels are sent as indexed bricks, and drawn as numbers of 32 bits. */
export const displayOfLabels: Volume['display'] = { dtype: 'uint32', range: [0, 2 ** 32 - 1], labels: true };

const windowSchema = z.tuple([z.number(), z.number()]);

const columnsSchema = z.object({
  /** Rows of before have no origin. */
  levels: z.array(volumeLevelSchema.extend({ originNm: vec3Schema.optional() })).min(1),
  dtype: voxelTypeSchema,
  originVoxel: vec3Schema,
  window: windowSchema,
  channels: z.array(channelSchema).min(1).nullable(),
  /** Rows of before say uint16 of labels: a hash of them. Read, not migrated, so that a library on a read-only disk opens. */
  display: volumeSchema.shape.display.transform((display) => (display.labels ? displayOfLabels : display)).nullable(),
  source: volumeSourceSchema.nullable(),
  warp: storedWarpSchema.nullable(),
});
type Columns = z.infer<typeof columnsSchema>;

/** Throws 'not-found' where there is no such volume, or it was undone; 'library-damaged' where its row can't be read. */
export function volumeById(read: ReadHandle, id: string): StoredVolume {
  const row = read.get<VolumeRow>('SELECT * FROM volume WHERE id = ? AND removed = 0', id);
  if (row) return storedVolume(row);
  throw new LamellaError('not-found', `There is no volume ${id} in this library.`, {
    hint: 'List the volumes with library info; add one, or fuse a stack to make one.',
    fields: { volume: id },
  });
}

/** Every volume, newest first. One whose row can't be read is left out and told by its id, so that the others can be used. */
export function allVolumes(read: ReadHandle): {
  readonly volumes: readonly StoredVolume[];
  readonly unreadable: readonly string[];
} {
  const rows = read.all<VolumeRow>('SELECT * FROM volume WHERE removed = 0 ORDER BY created_at DESC, rowid DESC');
  const [volumes, unreadable]: [StoredVolume[], string[]] = [[], []];
  for (const row of rows) {
    const stored = readRow(row);
    if (stored) volumes.push(stored);
    else unreadable.push(row.id);
  }
  return { volumes, unreadable };
}

/** What a journey says of a volume that it made; the rest of the row has defaults. */
export interface NewVolume {
  readonly volume: Omit<Volume, 'source' | 'favourite' | 'openedAt' | 'worldFromVolume'>;
  readonly folder: string | null;
  readonly source: VolumeSource | null;
  readonly warp?: StoredWarp;
  readonly job: string;
}

export function volumeRow({ volume, folder, source, warp, job }: NewVolume): Row {
  return {
    id: volume.id,
    stack: volume.stack,
    name: volume.name,
    folder,
    dtype: volume.dtype,
    levels: JSON.stringify(volume.levels),
    origin_voxel: JSON.stringify(volume.originVoxel),
    window: JSON.stringify(volume.window),
    bytes: volume.bytes,
    job,
    created_at: volume.createdAt,
    removed: 0,
    kind: volume.kind,
    source: source === null ? null : JSON.stringify(source),
    warp: warp === undefined ? null : JSON.stringify(warp),
    channels: JSON.stringify(volume.channels),
    times: volume.times,
    display: JSON.stringify(volume.display),
  };
}

function storedVolume(row: VolumeRow): StoredVolume {
  const stored = readRow(row);
  if (stored) return stored;
  throw new LamellaError('library-damaged', `The record of volume ${row.id} can't be read.`, {
    hint: 'Run library check; adding it or fusing its stack again makes a new volume.',
    fields: { volume: row.id },
  });
}

function readRow(row: VolumeRow): StoredVolume | null {
  const columns = columnsSchema.safeParse({
    levels: parsed(row.levels),
    dtype: row.dtype,
    originVoxel: parsed(row.origin_voxel),
    window: parsed(row.window),
    channels: parsed(row.channels),
    display: parsed(row.display),
    source: parsed(row.source),
    // Absent where a library of before can only be read.
    warp: parsed(row.warp ?? null),
  });
  if (!columns.success) return null;
  const volume = volumeSchema.safeParse({
    id: row.id,
    stack: row.stack,
    name: row.name,
    kind: row.kind,
    dtype: row.dtype,
    times: row.times,
    bytes: row.bytes,
    favourite: row.favourite === 1,
    openedAt: row.opened_at,
    createdAt: row.created_at,
    ...ofColumns(columns.data, row.folder),
  });
  if (!volume.success) return null;
  const { source, warp } = columns.data;
  return { volume: volume.data, folder: row.folder, source, warp, job: row.job };
}

function ofColumns(columns: Columns, folder: string | null): Partial<Volume> {
  const { originVoxel, window, source, warp } = columns;
  const size = columns.levels[0]?.voxelSizeNm ?? [1, 1, 1];
  const originNm: Volume['levels'][number]['originNm'] = [
    originVoxel[0] * size[0],
    originVoxel[1] * size[1],
    originVoxel[2] * size[2],
  ];
  const dtype = dtypeSchema.catch('uint16').parse(columns.dtype);
  return {
    levels: columns.levels.map((level) => ({ ...level, originNm: level.originNm ?? originNm })),
    originVoxel,
    worldFromVolume: source?.worldFromVolume ?? warp?.worldFromVolume ?? null,
    window,
    channels: columns.channels ?? [{ name: '', color: null, window }],
    display: columns.display ?? { dtype, range: dtype === 'uint8' ? [0, 255] : [0, 65_535], labels: false },
    ...(source?.unsized && { unsized: true }),
    ...(warp && { warp: shownWarp(warp, columns.levels) }),
    source: shownSource(columns, folder),
  };
}

const shownWarp = (warp: StoredWarp, levels: unknown): Volume['warp'] => ({
  source: warp.source,
  steps: warp.steps.map(({ type }) => type),
  stamp: stampOf(warp, levels),
});

function shownSource({ source, warp, levels }: Columns, folder: string | null): Volume['source'] {
  if (source) return { kind: source.kind, format: source.format, text: source.address };
  if (!warp) return { kind: 'library', format: 'ome-zarr', text: folder ?? '' };
  // What was drawn of another map is drawn anew.
  const text = `${warp.sourceName} through ${stepsInWords(warp.steps)} (${stampOf(warp, levels)})`;
  return { kind: 'library', format: 'warp', text };
}

function parsed(json: string | null): unknown {
  if (json === null) return null;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
