import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { boundsOfDrawn } from '../../stacks/drawn-tile.ts';
import type { PlacedStack } from '../../stacks/placed-stack.ts';
import { type BoxPixels, renderBox, type BoxRequest } from '../../stacks/render-box.ts';
import type { RenderEnv } from '../../stacks/render-tiles.ts';
import type { StackTile } from '../../stacks/tile-rows.ts';

export type TilePart = 'source' | 'mask' | 'placed' | 'neighbours';
export type TileLook = Pick<BoxRequest, 'scale' | 'blend' | 'levels'>;

/** A tile of a stack by its name; 'not-found' where the stack places none of that name that can be drawn. */
export function tileNamed(library: LibraryStore, placed: PlacedStack, name: string): StackTile {
  const { dataset } = placed.of;
  const rows = library.read.all<{ id: number }>('SELECT id FROM tile WHERE dataset = ? AND name = ?', dataset, name);
  const [tile] = placed.tilesAt(placed.numbersOf(rows.map(({ id }) => id)));
  if (tile) return tile;
  const isKnown = rows.length > 0;
  throw new LamellaError('not-found', `The stack has no tile "${name}" to draw.`, {
    hint: isKnown
      ? 'It was rejected, its file was not read, or the stack does not place it.'
      : 'List the tiles with tile list.',
    fields: { tile: name },
  });
}

/** A picture of a tile: see the parts of `render.tile`. */
export async function tilePicture(
  library: LibraryStore,
  placed: PlacedStack,
  tile: StackTile,
  part: TilePart,
  look: TileLook,
  env: RenderEnv,
): Promise<BoxPixels> {
  if (part === 'source' || part === 'mask') return ownPicture(tile, part, look, env);
  const rect = boundsOfDrawn(tile);
  const only = part === 'placed' ? [tile.id] : undefined;
  return renderBox(library, placed, { ...look, section: tile.section, rect, only }, env);
}

/** In the tile's own pixels, untouched by transforms, mask and correction. */
async function ownPicture(
  tile: StackTile,
  part: 'source' | 'mask',
  { scale, levels }: TileLook,
  { kernels, signal, lane = 'interactive' }: RenderEnv,
): Promise<BoxPixels> {
  const [width, height] = tile.image.sizePx;
  const picture = part === 'source' ? tile.image : tile.mask;
  if (!picture)
    throw new LamellaError('not-found', `The tile "${tile.name}" has no mask: all of it is there.`, {
      hint: 'Ask for its source.',
      fields: { tile: tile.name },
    });
  const dtype = part === 'source' && levels === 'stored' ? tile.dtype : 'uint8';
  const range = tile.intensity ?? (tile.dtype === 'uint16' ? ([0, 65_535] as const) : null);
  const [widthPx, heightPx] = [Math.max(1, Math.floor(width * scale)), Math.max(1, Math.floor(height * scale))];
  const { header, outputs } = await kernels.run(
    'render-region',
    {
      tiles: [
        {
          image: { path: picture.path, scale: picture.scale, sizePx: tile.image.sizePx },
          stackFromTile: [1, 0, 0, 1, 0, 0],
          ...(part === 'source' && levels === 'shown' && range && { intensity: range }),
        },
      ],
      originPx: [0, 0],
      sizePx: [widthPx, heightPx],
      stepPx: 1 / scale,
      dtype,
      blend: 'top',
    },
    { signal, lane },
  );
  const pixels = outputs[0] ?? new Uint8Array();
  return { widthPx, heightPx, dtype, pixels, coveredPx: header.coveredPx, tiles: 1, problems: [] };
}
