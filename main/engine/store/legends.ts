import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { namedLabelSchema, type NamedLabel } from '../../../preload/contract/label.ts';
import type { ReadHandle, Row } from './library-store.ts';

/** The names and colours that the user gave the labels of a volume. */
export interface Legend {
  readonly volume: string;
  readonly labels: readonly NamedLabel[];
  /** What it was read from. */
  readonly fileName: string;
  readonly createdAt: string;
}

interface LegendRow {
  readonly id: string;
  readonly labels: Uint8Array;
  readonly file_name: string;
  readonly created_at: string;
}

/** Changes with the legend; '' where there is none. Costs no unpacking. */
export const legendStamp = (read: ReadHandle, volume: string): string =>
  read.get<{ created_at: string }>('SELECT created_at FROM legend WHERE id = ?', volume)?.created_at ?? '';

/** The file that the legend was read from; null where there is none. */
export const tableOf = (read: ReadHandle, volume: string): string | null =>
  read.get<{ file_name: string }>('SELECT file_name FROM legend WHERE id = ?', volume)?.file_name ?? null;

/** Undefined where the volume has none; throws 'library-damaged' where its record can't be read. */
export function legendOf(read: ReadHandle, volume: string): Legend | undefined {
  const row = read.get<LegendRow>('SELECT * FROM legend WHERE id = ?', volume);
  return row && { volume, labels: unpacked(row), fileName: row.file_name, createdAt: row.created_at };
}

export function legendRow({ volume, labels, fileName, createdAt }: Legend): Row {
  const packed = gzipSync(JSON.stringify(labels));
  return { id: volume, labels: packed, file_name: fileName, created_at: createdAt };
}

function unpacked({ id, labels }: LegendRow): readonly NamedLabel[] {
  try {
    return z.array(namedLabelSchema).parse(JSON.parse(gunzipSync(labels).toString()));
  } catch (cause) {
    throw new LamellaError('library-damaged', `The names of the labels of volume ${id} can't be read.`, {
      hint: 'Take its legend off (volume legend without a table), and give it the table again.',
      fields: { volume: id },
      cause,
    });
  }
}
