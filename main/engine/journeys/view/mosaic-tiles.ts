import { createHash } from 'node:crypto';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import {
  affineSchema,
  boundsOfTile,
  dtypeSchema,
  type Affine,
  type Dtype,
  type Rect,
} from '../../../../preload/contract/space.ts';
import type { LibraryStore, ReadHandle } from '../../store/library-store.ts';
import { datasetRow } from '../../store/tiles.ts';

/** A tile where the stage or a stack puts it, with what drawing needs. */
export interface MosaicTile {
  readonly id: number;
  readonly name: string;
  readonly section: number;
  readonly path: string;
  /** Level-0 pixels a stored pixel. */
  readonly scale: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly dtype: Dtype;
  readonly sha256: string;
  readonly sectionFromTile: Affine;
  readonly bounds: Rect;
  /** Mean, 0.1 % and 99.9 % grey levels; 0 for a tile that was not measured. */
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface MosaicOf {
  readonly dataset: string;
  /** Null: where the stage put the tiles. */
  readonly stack: string | null;
}

export interface MosaicTiles extends MosaicOf {
  readonly name: string;
  readonly voxelSizeNm: readonly [number, number, number];
  readonly createdAt: string;
  readonly tiles: readonly MosaicTile[];
  /** Another wherever a tile is another, or lies elsewhere. */
  readonly stamp: string;
}

interface Row {
  readonly id: number;
  readonly name: string;
  readonly section: number;
  readonly path: string;
  readonly mipmap_level: number;
  readonly width_px: number;
  readonly height_px: number;
  readonly dtype: string;
  readonly sha256: string;
  readonly place: string;
  readonly mean: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * Tiles that can be read and were not rejected: of a stack, those that it places. One query, because a mosaic of 100,000
 * tiles opens with it. 'not-found' for a dataset or stack that is not there; 'invalid-input' where no tile is left.
 */
export function readMosaic({ read }: LibraryStore, { dataset, stack }: MosaicOf): MosaicTiles {
  const { name, voxel_size_nm } = datasetRow(read, dataset);
  const version = stack === null ? null : stackVersion(read, dataset, stack);
  const [place, join, values] =
    stack === null
      ? (['t.stage_from_tile', '', [dataset]] as const)
      : (['p.stack_from_tile', 'JOIN placement p ON p.tile = t.id AND p.stack = ?', [stack, dataset]] as const);
  const rows = read.all<Row>(
    `SELECT t.id, t.name, t.section, t.path, t.mipmap_level, t.width_px, t.height_px, t.dtype, t.sha256, ${place} AS place,
      json_extract(t.metrics, '$.mean') AS mean, json_extract(t.metrics, '$.percentiles[0]') AS low,
      json_extract(t.metrics, '$.percentiles[2]') AS high
    FROM tile t ${join} LEFT JOIN tile_review r ON r.id = CAST(t.id AS TEXT)
    WHERE t.dataset = ? AND t.sha256 <> '' AND coalesce(r.review, '') <> 'rejected' ORDER BY t.id`,
    ...values,
  );
  if (rows.length === 0) throw nothingToShow(name, dataset);
  const voxelSizeNm = JSON.parse(voxel_size_nm) as [number, number, number];
  const title = version === null ? `${name}, as the stage placed it` : `${name}, stack ${version}`;
  const createdAt = new Date(0).toISOString();
  return { dataset, stack, name: title, voxelSizeNm, createdAt, tiles: rows.map(tileOf), stamp: stampOf(rows) };
}

function stampOf(rows: readonly Row[]): string {
  const hash = createHash('sha256');
  for (const { id, sha256, place } of rows) hash.update(`${id} ${sha256} ${place}\n`);
  return hash.digest('hex').slice(0, 12);
}

function tileOf(row: Row): MosaicTile {
  const sectionFromTile = affineOf(row.place);
  return {
    id: row.id,
    name: row.name,
    section: row.section,
    path: row.path,
    scale: 2 ** row.mipmap_level,
    widthPx: row.width_px,
    heightPx: row.height_px,
    dtype: row.dtype === 'uint8' ? row.dtype : dtypeSchema.parse(row.dtype),
    sha256: row.sha256,
    sectionFromTile,
    bounds: boundsOfTile(sectionFromTile, row.width_px, row.height_px),
    mean: row.mean ?? 0,
    low: row.low ?? 0,
    high: row.high ?? 0,
  };
}

/** Looked at without a schema where it is plain: there may be 100,000 of them. */
function affineOf(text: string): Affine {
  const found: unknown = JSON.parse(text);
  const isPlain = Array.isArray(found) && found.length === 6 && found.every(Number.isFinite);
  return isPlain ? (found as unknown as Affine) : affineSchema.parse(found);
}

function stackVersion(read: ReadHandle, dataset: string, stack: string): number {
  const row = read.get<{ version: number }>(
    'SELECT version FROM stack WHERE id = ? AND dataset = ? AND removed = 0',
    stack,
    dataset,
  );
  if (row) return row.version;
  throw new LamellaError('not-found', `The dataset ${dataset} has no stack ${stack}.`, {
    hint: 'It may have been removed: undo, or list the stacks with library info.',
    fields: { dataset, stack },
  });
}

const nothingToShow = (name: string, dataset: string): LamellaError =>
  new LamellaError('invalid-input', `"${name}" has no tile to show.`, {
    hint: 'Its tiles could not be read, or were all rejected: look at them in Acquire.',
    fields: { dataset },
  });
