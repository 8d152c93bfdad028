import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TileImage } from '../../../native-workers/tile-image.ts';
import { channelsOf, type TileSpec } from '../formats/render-fields.ts';
import type { StackTile } from './tile-rows.ts';

/** Pictures of a tile by scale, coarsest first, of those that lie where its tilespec says or beside its own. */
const known = new WeakMap<StackTile, readonly TileImage[]>();

/** Level 1 is still used where an output pixel is this much less than two of the tile's. */
const nearly = 1.05;

/**
 * The picture of a tile to read where an output pixel spans `spanPx` level-0 pixels of it: the coarsest of its mipmap
 * levels that is fine enough, or its own.
 */
export function imageFor(tile: StackTile, spanPx: number): TileImage {
  if (spanPx * nearly < 2 * tile.image.scale || tile.spec === null) return tile.image;
  const levels = known.get(tile) ?? levelsOf(tile, tile.spec);
  known.set(tile, levels);
  return levels.find(({ scale }) => scale <= spanPx * nearly) ?? tile.image;
}

function levelsOf({ image, channel }: StackTile, spec: string): readonly TileImage[] {
  const channels = channelsOf(JSON.parse(spec) as TileSpec);
  const pictures = channel === '' ? channels[0] : channels.find(({ name }) => name === channel);
  return [...(pictures?.images ?? [])]
    .flatMap(([level, imageUrl]): TileImage[] => {
      const scale = 2 ** level;
      const path = scale > image.scale ? pathOf(imageUrl, image.path) : null;
      return path === null ? [] : [{ path, scale, sizePx: image.sizePx }];
    })
    .toSorted((a, b) => b.scale - a.scale);
}

/** The file that a reference of a tilespec means: where it says, or of its name beside the tile's own picture. */
function pathOf(reference: string, beside: string): string | null {
  const named = reference.startsWith('file:') ? fileOfUrl(reference) : reference;
  if (named === null) return null;
  return [named, join(dirname(beside), basename(named))].find((path) => existsSync(path)) ?? null;
}

function fileOfUrl(url: string): string | null {
  try {
    return fileURLToPath(url);
  } catch {
    return null;
  }
}
