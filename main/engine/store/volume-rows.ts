import { z } from 'zod';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { volumeLevelSchema, volumeSchema, type Volume } from '../../../preload/contract/library.ts';
import { vec3Schema } from '../../../preload/contract/space.ts';
import type { ReadHandle } from './library-store.ts';

/** A row of `volume` with its JSON read: the volume, where its chunks are, and the job that made it. */
export interface StoredVolume {
  readonly volume: Volume;
  /** Relative to the library, forward slashes. */
  readonly folder: string;
  /** Counted when the volume was made; empty voxels (0) left out. */
  readonly histogram: { readonly counts: number[]; readonly range: [number, number] };
  readonly job: string;
}

interface VolumeRow {
  readonly id: string;
  readonly stack: string;
  readonly name: string;
  readonly folder: string;
  readonly dtype: string;
  readonly levels: string;
  readonly origin_voxel: string;
  readonly window: string;
  readonly histogram: string;
  readonly bytes: number;
  readonly job: string;
  readonly created_at: string;
}

const columnsSchema = z.object({
  levels: z.array(volumeLevelSchema).min(1),
  originVoxel: vec3Schema,
  window: z.tuple([z.number(), z.number()]),
  histogram: z.object({ counts: z.array(z.number()).length(256), range: z.tuple([z.number(), z.number()]) }),
});

/** Throws 'not-found' where there is no such volume, or it was undone; 'library-damaged' where its row can't be read. */
export function volumeById(read: ReadHandle, id: string): StoredVolume {
  const row = read.get<VolumeRow>('SELECT * FROM volume WHERE id = ? AND removed = 0', id);
  if (row) return storedVolume(row);
  throw new LamellaError('not-found', `There is no volume ${id} in this library.`, {
    hint: 'List the volumes with library info; fuse a stack to make one.',
    fields: { volume: id },
  });
}

function storedVolume(row: VolumeRow): StoredVolume {
  const columns = columnsSchema.safeParse({
    levels: parsed(row.levels),
    originVoxel: parsed(row.origin_voxel),
    window: parsed(row.window),
    histogram: parsed(row.histogram),
  });
  const volume = volumeSchema.safeParse({
    ...columns.data,
    id: row.id,
    stack: row.stack,
    name: row.name,
    dtype: row.dtype,
    bytes: row.bytes,
    createdAt: row.created_at,
  });
  if (!columns.success || !volume.success) {
    throw new LamellaError('library-damaged', `The record of volume ${row.id} can't be read.`, {
      hint: 'Run library check; fusing the stack again makes a new volume.',
      fields: { volume: row.id },
    });
  }
  return { volume: volume.data, folder: row.folder, histogram: columns.data.histogram, job: row.job };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
