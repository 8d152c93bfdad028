import { createHash } from 'node:crypto';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { affineSchema, dtypeSchema, type Affine, type Dtype } from '../../../../preload/contract/space.ts';
import type { LibraryStore, ReadHandle } from '../../store/library-store.ts';
import { datasetRow } from '../../store/tiles.ts';
import { TileTableBuilder, type TileTable } from './tile-table.ts';

export interface MosaicOf {
  readonly dataset: string;
  /** Null: where the stage put the tiles. */
  readonly stack: string | null;
}

/** What the tiles of a mosaic are, without having read them. */
export interface MosaicFacts extends MosaicOf {
  readonly name: string;
  readonly voxelSizeNm: readonly [number, number, number];
  /** Tiles that are not shown. */
  readonly rejected: readonly number[];
  /** Another wherever a tile was rejected or taken back, or the name is another: tiles themselves never change. */
  readonly stamp: string;
}

/** 'not-found' for a dataset or stack that is not there. */
export function mosaicFacts({ read }: LibraryStore, { dataset, stack }: MosaicOf): MosaicFacts {
  const { name, voxel_size_nm } = datasetRow(read, dataset);
  const version = stack === null ? null : stackVersion(read, dataset, stack);
  const title = version === null ? `${name}, as the stage placed it` : `${name}, stack ${version}`;
  const rejected = read
    .all<{ id: number }>(
      `SELECT t.id FROM tile_review r JOIN tile t ON t.id = CAST(r.id AS INTEGER)
      WHERE r.review = 'rejected' AND t.dataset = ? ORDER BY t.id`,
      dataset,
    )
    .map(({ id }) => id);
  const text = JSON.stringify([dataset, stack, title, voxel_size_nm, rejected]);
  return {
    dataset,
    stack,
    name: title,
    voxelSizeNm: JSON.parse(voxel_size_nm) as [number, number, number],
    rejected,
    stamp: createHash('sha256').update(text).digest('hex').slice(0, 12),
  };
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

/** 0.1 % and 99.9 % grey levels. */
const greyEnds = `json_extract(t.metrics, '$.percentiles[0]') AS low, json_extract(t.metrics, '$.percentiles[2]') AS high`;

interface GreyEnds {
  readonly low: number | null;
  readonly high: number | null;
}

interface PlacedRow extends GreyEnds {
  readonly mean: number | null;
  readonly id: number;
  readonly section: number;
  readonly mipmap_level: number;
  readonly width_px: number;
  readonly height_px: number;
  readonly dtype: string;
  readonly sha256: string;
  readonly place: string;
}

/**
 * Tiles that can be read and were not rejected: of a stack, those that it places. One pass, because a mosaic of 100,000
 * tiles opens with it. 'invalid-input' where no tile is left.
 */
export function readTiles({ read }: LibraryStore, { dataset, stack, name, rejected }: MosaicFacts): TileTable {
  const [place, join, values] =
    stack === null
      ? (['t.stage_from_tile', '', [dataset]] as const)
      : (['p.stack_from_tile', 'JOIN placement p ON p.tile = t.id AND p.stack = ?', [stack, dataset]] as const);
  const most = read.get<{ n: number }>('SELECT count(*) AS n FROM tile WHERE dataset = ?', dataset)?.n ?? 0;
  const builder = new TileTableBuilder(most);
  const hidden = new Set(rejected);
  const rows = read.each<PlacedRow>(
    `SELECT t.id, t.section, t.mipmap_level, t.width_px, t.height_px, t.dtype, t.sha256, ${place} AS place,
      json_extract(t.metrics, '$.mean') AS mean, ${greyEnds}
    FROM tile t ${join} WHERE t.dataset = ? AND t.sha256 <> '' ORDER BY t.id`,
    ...values,
  );
  for (const row of rows)
    if (!hidden.has(row.id))
      builder.add({
        id: row.id,
        section: row.section,
        sectionFromTile: affineOf(row.place),
        widthPx: row.width_px,
        heightPx: row.height_px,
        sha256: row.sha256,
        scale: 2 ** row.mipmap_level,
        wide: row.dtype === 'uint16',
        mean: row.mean ?? 0,
        low: row.low ?? 0,
        high: row.high ?? 0,
      });
  const table = builder.table();
  if (table.count === 0) throw nothingToShow(name, dataset);
  return table;
}

/** Looked at without a schema where it is plain: there may be 100,000 of them. */
function affineOf(text: string): Affine {
  const found: unknown = JSON.parse(text);
  const isPlain = Array.isArray(found) && found.length === 6 && found.every(Number.isFinite);
  return isPlain ? (found as unknown as Affine) : affineSchema.parse(found);
}

const dtypeOf = (text: string): Dtype => (text === 'uint8' ? text : dtypeSchema.parse(text));

const nothingToShow = (name: string, dataset: string): LamellaError =>
  new LamellaError('invalid-input', `"${name}" has no tile to show.`, {
    hint: 'Its tiles could not be read, or were all rejected: look at them in Acquire.',
    fields: { dataset },
  });

/** A tile where the stage or a stack puts it, with what drawing it from its picture needs. */
export interface MosaicTile {
  readonly name: string;
  readonly path: string;
  /** Level-0 pixels a stored pixel. */
  readonly scale: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly dtype: Dtype;
  readonly sha256: string;
  readonly sectionFromTile: Affine;
  /** 0.1 % and 99.9 % grey levels; 0 for a tile that was not measured. */
  readonly low: number;
  readonly high: number;
}

interface FileRow extends GreyEnds {
  readonly id: number;
  readonly name: string;
  readonly path: string;
  readonly mipmap_level: number;
  readonly width_px: number;
  readonly height_px: number;
  readonly dtype: string;
  readonly sha256: string;
}

/** Some tiles of a table, by their numbers in it, with their files. */
export function tilesAt(
  { read }: LibraryStore,
  { ids, places }: TileTable,
  numbers: Uint32Array,
): readonly MosaicTile[] {
  const numberOf = new Map(Array.from(numbers, (at) => [ids[at] ?? 0, at]));
  const rows = read.all<FileRow>(
    `SELECT t.id, t.name, t.path, t.mipmap_level, t.width_px, t.height_px, t.dtype, t.sha256, ${greyEnds}
    FROM tile t WHERE t.id IN (SELECT value FROM json_each(?)) ORDER BY t.id`,
    JSON.stringify([...numberOf.keys()]),
  );
  return rows.map((row) => ({
    name: row.name,
    path: row.path,
    scale: 2 ** row.mipmap_level,
    widthPx: row.width_px,
    heightPx: row.height_px,
    dtype: dtypeOf(row.dtype),
    sha256: row.sha256,
    sectionFromTile: affineAt(places, 6 * (numberOf.get(row.id) ?? 0)),
    low: row.low ?? 0,
    high: row.high ?? 0,
  }));
}

function affineAt(places: Float64Array, at: number): Affine {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = places.subarray(at, at + 6);
  return [a, b, c, d, e, f];
}
