import type { TileMetrics } from '../../../preload/contract/dataset.ts';
import type { Affine, Dtype, Vec3 } from '../../../preload/contract/space.ts';
import type { TaskOutput } from '../../../native-workers/tasks.ts';
import type { ReadHandle, Row, WriteHandle } from '../store/library-store.ts';
import { type Laying, layRows } from '../jobs/lay-rows.ts';
import { inTurns } from '../jobs/in-turns.ts';
import type { Steps } from '../formats/steps.ts';
import type { TileLayout, TilePlace } from './layout.ts';
import { type Judgement, type MeasuredTile, measuredOf, mostCommon } from './verdicts.ts';

export interface NewDataset {
  readonly id: string;
  readonly name: string;
  /** The folder of its images. */
  readonly source: string;
  /** Where its places come from: `render:FILE` and such. */
  readonly layout: string;
  readonly voxelSizeNm: Vec3;
  readonly job: string;
}

/**
 * Writes a dataset with its tiles and their channels, hidden until `showDataset`, while the engine goes on answering.
 * What a run that was killed left of it is written over. Gives the tiles' ids by their names.
 */
export async function layDataset(
  job: Laying,
  { voxelSizeNm, ...dataset }: NewDataset,
  layout: TileLayout,
  tiles: readonly MeasuredTile[],
  judged: readonly Judgement[],
): Promise<ReadonlyMap<string, number>> {
  const created_at = new Date().toISOString();
  const row = { ...dataset, voxel_size_nm: JSON.stringify(voxelSizeNm), created_at, removed: 1 };
  job.library.record((tx) => {
    tx.insertMany('dataset', [row], ['id']);
    tx.run('DELETE FROM tile_channel WHERE tile IN (SELECT id FROM tile WHERE dataset = ?)', dataset.id);
  });
  await layRows(job, 'tile', tileRows(dataset.id, layout, tiles, judged), ['dataset', 'name']);
  const idOf = await inTurns(tileIdSteps(job.library.read, dataset.id), job.signal);
  if (idOf.size > tiles.length) removeOthers(job, tiles, idOf);
  await layRows(job, 'tile_channel', channelRows(tiles, idOf));
  return idOf;
}

/** Tiles that a killed run found in the layout, and this one did not. */
function removeOthers({ library }: Laying, tiles: readonly MeasuredTile[], idOf: ReadonlyMap<string, number>): void {
  const names = new Set(tiles.map(({ located }) => located.layout.name));
  library.record((tx) => {
    for (const [name, id] of idOf) if (!names.has(name)) tx.run('DELETE FROM tile WHERE id = ?', id);
  });
}

/** Shows a dataset that was laid; undoing hides it again. */
export const showDataset = (tx: WriteHandle, id: string): void => tx.put('dataset', { id, removed: 0 });

const namesAtOnce = 5000;

function* tileIdSteps(read: ReadHandle, dataset: string): Steps<ReadonlyMap<string, number>> {
  const idOf = new Map<string, number>();
  for (let last = ''; ;) {
    const rows = read.all<{ id: number; name: string }>(
      'SELECT id, name FROM tile WHERE dataset = ? AND name > ? ORDER BY name LIMIT ?',
      ...[dataset, last, namesAtOnce],
    );
    for (const { id, name } of rows) idOf.set(name, id);
    last = rows.at(-1)?.name ?? '';
    if (rows.length < namesAtOnce) return idOf;
    yield;
  }
}

/** The rows of table `tile`, in the order of the layout. */
function* tileRows(
  dataset: string,
  layout: TileLayout,
  tiles: readonly MeasuredTile[],
  judged: readonly Judgement[],
): Generator<Row> {
  const usual = usualTile(tiles);
  const grid = gridOf(layout, usual.sizePx);
  for (const [i, tile] of tiles.entries()) {
    const measured = measuredOf(tile);
    const { layout: from, path, mipmapLevel, mask } = tile.located;
    const [width, height] = tile.sizePx ?? usual.sizePx;
    yield {
      dataset,
      name: from.name,
      section: from.section,
      path,
      mipmap_level: mipmapLevel,
      mask_path: mask?.path ?? null,
      mask_level: mask?.mipmapLevel ?? 0,
      intensity: intensityText(from.pictures?.intensity),
      width_px: width,
      height_px: height,
      dtype: measured?.dtype ?? usual.dtype,
      stage_from_tile: JSON.stringify(grid(from.place)),
      ...measuredColumns(measured),
      verdict: judged[i]?.verdict ?? 'bad',
      reasons: JSON.stringify(judged[i]?.reasons ?? []),
      spec: from.spec === null ? null : JSON.stringify(from.spec),
    };
  }
}

/** The rows of table `tile_channel`; `idOf` gives the id of a tile by its name. */
function* channelRows(tiles: readonly MeasuredTile[], idOf: ReadonlyMap<string, number>): Generator<Row> {
  for (const { located } of tiles)
    for (const { name, path, mipmapLevel, mask, intensity } of located.channels)
      yield {
        tile: idOf.get(located.layout.name) ?? null,
        name,
        path,
        mipmap_level: mipmapLevel,
        mask_path: mask?.path ?? null,
        mask_level: mask?.mipmapLevel ?? 0,
        intensity: intensityText(intensity),
      };
}

const intensityText = (intensity: readonly [number, number] | null | undefined): string | null =>
  intensity ? JSON.stringify(intensity) : null;

/** A tile that could not be read has no checksum, which keeps it out of everything that needs pixels. */
export function measuredColumns(measured: TaskOutput<'inspect-tile'> | null): Row {
  if (!measured)
    return { sha256: '', pixel_sha256: '', bytes: 0, metrics: null, histogram: null, histogram_range: null };
  return {
    sha256: measured.sha256,
    pixel_sha256: measured.pixelSha256,
    bytes: measured.fileBytes,
    metrics: JSON.stringify(metricsOf(measured)),
    histogram: new Uint8Array(Uint32Array.from(measured.histogram).buffer),
    histogram_range: JSON.stringify(measured.histogramRange),
  };
}

function metricsOf(m: TaskOutput<'inspect-tile'>): TileMetrics {
  const { mean, sd, min, max, percentiles, focus, saturated, black, blankness } = m;
  return { mean, sd, min, max, percentiles, focus, saturated, black, blankness };
}

interface UsualTile {
  readonly sizePx: readonly [number, number];
  readonly dtype: Dtype;
}

function usualTile(tiles: readonly MeasuredTile[]): UsualTile {
  const sizes = tiles.flatMap(({ sizePx }) => (sizePx ? [sizePx.join('x')] : []));
  const [width = 1, height = 1] = (mostCommon(sizes) ?? '1x1').split('x').map(Number);
  const dtypes = tiles.flatMap((tile) => measuredOf(tile)?.dtype ?? []);
  return { sizePx: [width, height], dtype: mostCommon(dtypes) === 'uint16' ? 'uint16' : 'uint8' };
}

/** Grid places become pixels: the first row and column at 0, neighbours a tile less the overlap apart. */
function gridOf(layout: TileLayout, [width, height]: readonly [number, number]): (place: TilePlace) => Affine {
  const places = layout.tiles.flatMap(({ place }) => (place.kind === 'grid' ? [place] : []));
  const [firstRow, firstCol] = places.reduce(
    ([row, col], p) => [Math.min(row, p.row), Math.min(col, p.col)],
    [Infinity, Infinity],
  );
  const [overlapX, overlapY] = layout.overlap ?? [
    { value: 0, unit: 'px' as const },
    { value: 0, unit: 'px' as const },
  ];
  const step = (side: number, { value, unit }: { value: number; unit: 'fraction' | 'px' }): number =>
    unit === 'px' ? Math.max(1, side - value) : side * (1 - value);
  const [stepX, stepY] = [step(width, overlapX), step(height, overlapY)];
  return (place) =>
    place.kind === 'affine'
      ? place.stageFromTile
      : [1, 0, 0, 1, (place.col - firstCol) * stepX, (place.row - firstRow) * stepY];
}
