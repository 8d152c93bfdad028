import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { TileSpec } from '../formats/render-fields.ts';
import type { PlacedPicture, PlacedTile } from '../formats/render-write.ts';
import type { ReadHandle } from '../store/library-store.ts';
import { type StoredTile, tilesOf } from '../store/tiles.ts';
import { placementsOf } from './stack-rows.ts';

interface PictureRow {
  readonly tile: number;
  readonly name: string;
  readonly path: string;
  readonly mipmap_level: number;
  readonly mask_path: string | null;
  readonly mask_level: number;
  readonly intensity: string | null;
}

/** The tiles of a stack version with all that other programs are told of them, in the order of the layout. */
export function placedTilesOf(read: ReadHandle, dataset: string, stack: string): readonly PlacedTile[] {
  const specs = specsOf(read, dataset);
  const placed = new Map(placementsOf(read, stack).map((placement) => [placement.tile, placement]));
  const own = new Map(ownPictures(read, dataset).map((row) => [row.tile, row]));
  const channels = byTile(channelPictures(read, dataset));
  return tilesOf(read, dataset).flatMap((tile) => {
    const placement = placed.get(tile.id);
    const row = own.get(tile.id);
    if (!placement || !row) return [];
    return [
      {
        tileId: tile.name,
        section: tile.section,
        sizePx: [tile.widthPx, tile.heightPx] as const,
        own: pictureOf(tile, row),
        channels: (channels.get(tile.id) ?? []).map((channel) => pictureOf(tile, channel)),
        stageFromTile: tile.stageFromTile,
        stackFromTile: placement.stackFromTile,
        transforms: placement.transforms ?? null,
        spec: specs.get(tile.id) ?? null,
      },
    ];
  });
}

function byTile(rows: readonly PictureRow[]): ReadonlyMap<number, readonly PictureRow[]> {
  const found = new Map<number, PictureRow[]>();
  for (const row of rows) {
    const same = found.get(row.tile);
    if (same) same.push(row);
    else found.set(row.tile, [row]);
  }
  return found;
}

const ownPictures = (read: ReadHandle, dataset: string): PictureRow[] =>
  read.all<PictureRow>(
    `SELECT id AS tile, '' AS name, path, mipmap_level, mask_path, mask_level, intensity FROM tile WHERE dataset = ?`,
    dataset,
  );

const channelPictures = (read: ReadHandle, dataset: string): PictureRow[] =>
  read.all<PictureRow>(
    `SELECT c.* FROM tile_channel c JOIN tile t ON t.id = c.tile WHERE t.dataset = ? ORDER BY c.tile, c.name`,
    dataset,
  );

const intensitySchema = z.tuple([z.number(), z.number()]);

function pictureOf(tile: StoredTile, row: PictureRow): PlacedPicture {
  return {
    name: row.name,
    imageUrl: pathToFileURL(row.path).href,
    mipmapLevel: row.mipmap_level,
    maskUrl: row.mask_path === null ? null : pathToFileURL(row.mask_path).href,
    maskLevel: row.mask_level,
    intensity:
      row.intensity === null
        ? [0, tile.dtype === 'uint16' ? 65_535 : 255]
        : intensitySchema.parse(JSON.parse(row.intensity)),
  };
}

/** The tilespecs that tiles came with, by tile. */
export function specsOf(read: ReadHandle, dataset: string): ReadonlyMap<number, TileSpec> {
  const rows = read.all<{ id: number; spec: string }>(
    'SELECT id, spec FROM tile WHERE dataset = ? AND spec IS NOT NULL',
    dataset,
  );
  return new Map(rows.map(({ id, spec }) => [id, JSON.parse(spec) as TileSpec]));
}
