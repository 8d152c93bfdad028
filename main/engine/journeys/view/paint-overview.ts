import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Kernels } from '../../jobs/job.ts';
import { measuredPicture } from '../../stacks/picture-facts.ts';
import type { StackTile } from '../../stacks/tile-rows.ts';
import type { TileTable } from '../../stacks/tile-table.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { smallPx, type Thumbnail, type ThumbnailPx } from '../../store/thumbnails.ts';
import { thumbnailOf } from '../../volumes/thumbnail-of.ts';
import { type Canvas, paintMean, paintThumbnail } from './paint-tiles.ts';

export interface OverviewEnv {
  readonly library: LibraryStore;
  readonly kernels: Kernels;
  readonly signal: AbortSignal;
  /** Of the thumbnails to paint with. */
  readonly px: ThumbnailPx;
}

/** Files read at once for one brick. */
const atOnce = 8;
/** Masks of spots: tiles usually share one; where each has its own, they are specks that it makes no difference to. */
const mostMasks = 64;

/** Tiles as spots of their mean grey, without what masks hide. */
export async function paintSpots(
  canvas: Canvas,
  table: TileTable,
  tiles: Uint32Array,
  env: OverviewEnv,
): Promise<void> {
  const numbers = [...new Set(Array.from(tiles, (tile) => table.masks[tile] ?? 0))].filter((mask) => mask > 0);
  const masks = new Map<number, Thumbnail>();
  for (const number of numbers.slice(0, mostMasks)) {
    const mask = await maskOf(table.maskFiles[number - 1] ?? '', { ...env, px: smallPx });
    if (mask) masks.set(number, mask);
  }
  tiles.forEach((tile) => paintMean(canvas, table, tile, masks.get(table.masks[tile] ?? 0) ?? null));
}

/** Tiles no larger than their thumbnails; says which is lost. */
export async function paintThumbnails(
  canvas: Canvas,
  tiles: readonly StackTile[],
  env: OverviewEnv,
): Promise<LamellaError | undefined> {
  let problem: LamellaError | undefined;
  const masks = new Map<string, Promise<Thumbnail | null>>();
  const maskAt = (path: string): Promise<Thumbnail | null> => {
    const mask = masks.get(path) ?? maskOf(path, env);
    masks.set(path, mask);
    return mask;
  };
  for (let at = 0; at < tiles.length; at += atOnce) {
    const some = await Promise.all(tiles.slice(at, at + atOnce).map((tile) => pictureOf(tile, maskAt, env)));
    for (const { tile, thumbnail, mask, lost } of some) {
      if (thumbnail && !lost) paintThumbnail(canvas, tile, thumbnail, mask);
      else problem ??= lostTile(tile, lost ?? tile.path);
    }
    env.signal.throwIfAborted();
  }
  return problem;
}

interface Pictured {
  readonly tile: StackTile;
  readonly thumbnail: Thumbnail | null;
  readonly mask: Thumbnail | null;
  /** The file that cannot be read. */
  readonly lost: string | null;
}

async function pictureOf(
  asked: StackTile,
  maskAt: (path: string) => Promise<Thumbnail | null>,
  env: OverviewEnv,
): Promise<Pictured> {
  const { library, kernels, signal, px } = env;
  const mask = asked.mask && (await maskAt(asked.mask.path));
  const lost = asked.mask && !mask ? asked.mask.path : null;
  if (asked.channel === '') {
    const thumbnail = await thumbnailOf(library, asked, kernels, signal, px);
    return { tile: asked, thumbnail: thumbnail.widthPx > 0 ? thumbnail : null, mask, lost };
  }
  const measured = await measuredPicture(library, asked.path, px, kernels, signal);
  if (!measured) return { tile: asked, thumbnail: null, mask, lost };
  const { low, high, dtype, thumbnail } = measured;
  return { tile: { ...asked, low, high, dtype }, thumbnail, mask, lost };
}

/** A mask as a thumbnail: 255 where the tile is, 0 where it is not. Null where it cannot be read. */
async function maskOf(path: string, { library, px, kernels, signal }: OverviewEnv): Promise<Thumbnail | null> {
  const measured = await measuredPicture(library, path, px, kernels, signal);
  if (!measured || measured.dtype === 'uint8') return measured?.thumbnail ?? null;
  const { low, high, thumbnail } = measured;
  return { ...thumbnail, pixels: thumbnail.pixels.map((grey) => (low + (grey / 255) * (high - low)) / 257) };
}

const lostTile = ({ name }: StackTile, file: string): LamellaError =>
  new LamellaError('not-found', `The tile ${name} cannot be read: ${file} is gone or damaged.`, {
    hint: 'Bring the file back, or reject the tile in Acquire.',
    fields: { file },
  });
