import { basename } from 'node:path';
import { LamellaError } from '../../../preload/contract/errors.ts';
import {
  type Review,
  type Tile,
  type TileMetrics,
  tileMetricsSchema,
  tileVerdictSchema,
} from '../../../preload/contract/dataset.ts';
import { affineSchema, dtypeSchema } from '../../../preload/contract/space.ts';
import type { ReadHandle } from './library-store.ts';

export interface DatasetRow {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly layout: string;
  readonly voxel_size_nm: string;
  readonly job: string;
}

/** The row of a dataset that is not removed; 'not-found' otherwise. */
export function datasetRow(read: ReadHandle, id: string): DatasetRow {
  const row = read.get<DatasetRow>(
    'SELECT id, name, source, layout, voxel_size_nm, job FROM dataset WHERE id = ? AND removed = 0',
    id,
  );
  if (row) return row;
  throw new LamellaError('not-found', `The library has no dataset ${id}.`, {
    hint: 'It may have been removed: undo, or list the datasets with library info.',
    fields: { dataset: id },
  });
}

/** A tile with what the engine needs beside the contract's fields. */
export interface StoredTile extends Tile {
  readonly path: string;
  readonly pixelSha256: string;
  readonly hasSpec: boolean;
}

interface TileRow {
  readonly id: number;
  readonly name: string;
  readonly section: number;
  readonly path: string;
  readonly mipmap_level: number;
  readonly width_px: number;
  readonly height_px: number;
  readonly dtype: string;
  readonly stage_from_tile: string;
  readonly sha256: string;
  readonly pixel_sha256: string;
  readonly bytes: number;
  readonly metrics: string | null;
  readonly verdict: string;
  readonly reasons: string;
  readonly review: Review | null;
  readonly has_spec: number;
}

const columns = `t.id, t.name, t.section, t.path, t.mipmap_level, t.width_px, t.height_px, t.dtype, t.stage_from_tile, t.sha256,
  t.pixel_sha256, t.bytes, t.metrics, t.verdict, t.reasons, r.review, t.spec IS NOT NULL AS has_spec`;
const tables = `tile t LEFT JOIN tile_review r ON r.id = CAST(t.id AS TEXT)`;

/** The tiles of a dataset, or of one section of it, in the order of its layout. */
export function tilesOf(read: ReadHandle, dataset: string, section?: number): readonly StoredTile[] {
  const rows =
    section === undefined
      ? read.all<TileRow>(`SELECT ${columns} FROM ${tables} WHERE t.dataset = ? ORDER BY t.id`, dataset)
      : read.all<TileRow>(
          `SELECT ${columns} FROM ${tables} WHERE t.dataset = ? AND t.section = ? ORDER BY t.id`,
          dataset,
          section,
        );
  return rows.map(storedTile);
}

const rowsAtOnce = 128;

/** The tiles of a dataset in steps of a few, in the order of its layout. */
export function* tileSteps(read: ReadHandle, dataset: string): Generator<undefined, readonly StoredTile[], undefined> {
  const found: StoredTile[] = [];
  for (; ; yield) {
    // By their ids, not by an index that would have to be sorted for each step.
    const rows = read.all<TileRow>(
      `SELECT ${columns} FROM tile t NOT INDEXED LEFT JOIN tile_review r ON r.id = CAST(t.id AS TEXT)
       WHERE t.dataset = ? AND t.id > ? ORDER BY t.id LIMIT ?`,
      ...[dataset, found.at(-1)?.id ?? -1, rowsAtOnce],
    );
    for (const row of rows) found.push(storedTile(row));
    if (rows.length < rowsAtOnce) return found;
  }
}

/** Some tiles of a dataset, by id. */
export function tilesWithIds(read: ReadHandle, dataset: string, ids: readonly number[]): readonly StoredTile[] {
  return read
    .all<TileRow>(
      `SELECT ${columns} FROM ${tables} WHERE t.dataset = ? AND t.id IN (SELECT value FROM json_each(?)) ORDER BY t.id`,
      dataset,
      JSON.stringify(ids),
    )
    .map(storedTile);
}

function storedTile(row: TileRow): StoredTile {
  return {
    id: row.id,
    name: row.name,
    section: row.section,
    fileName: basename(row.path),
    mipmapLevel: row.mipmap_level,
    widthPx: row.width_px,
    heightPx: row.height_px,
    dtype: dtypeSchema.parse(row.dtype),
    stageFromTile: affineSchema.parse(JSON.parse(row.stage_from_tile)),
    sha256: row.sha256,
    bytes: row.bytes,
    metrics: row.metrics === null ? null : metricsOf(row.metrics),
    verdict: tileVerdictSchema.parse(row.verdict),
    reasons: JSON.parse(row.reasons) as string[],
    review: row.review ?? 'unreviewed',
    path: row.path,
    pixelSha256: row.pixel_sha256,
    hasSpec: row.has_spec === 1,
  };
}

const metricsOf = (json: string): TileMetrics => tileMetricsSchema.parse(JSON.parse(json));

/** The sections of a dataset, in order. */
export function sectionsOf(read: ReadHandle, dataset: string): readonly number[] {
  return read
    .all<{ section: number }>('SELECT DISTINCT section FROM tile WHERE dataset = ? ORDER BY section', dataset)
    .map((row) => row.section);
}

/** Whether stitching and fusing use a tile: readable, not rejected, and not bad unless the user accepted it. */
export function isUsable(tile: Pick<StoredTile, 'sha256' | 'review' | 'verdict'>): boolean {
  return tile.sha256 !== '' && tile.review !== 'rejected' && (tile.verdict !== 'bad' || tile.review === 'accepted');
}
