import { boundsOfTile, invertAffine, type Dtype, type Rect } from '../../../../preload/contract/space.ts';
import { halved, type Thumbnail } from '../../store/thumbnails.ts';
import { correctedBy } from '../../stacks/corrected.ts';
import type { StackTile } from '../../stacks/tile-rows.ts';
import { boundsAt, type TileTable } from '../../stacks/tile-table.ts';

/** A picture of a part of a section: `step` section pixels a picture pixel. */
export interface Canvas {
  readonly originPx: readonly [number, number];
  readonly step: number;
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array | Uint16Array;
}

export function emptyCanvas(
  originPx: readonly [number, number],
  step: number,
  [width, height]: readonly [number, number],
  dtype: Dtype,
): Canvas {
  const pixels = dtype === 'uint8' ? new Uint8Array(width * height) : new Uint16Array(width * height);
  return { originPx, step, width, height, pixels };
}

interface Span {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
}

/** Picture pixels whose centres lie in a rectangle of the section. */
function spanOf({ originPx, step, width, height }: Canvas, { minX, minY, maxX, maxY }: Rect): Span {
  const place = (px: number, axis: 0 | 1, most: number): number =>
    Math.max(0, Math.min(most, Math.ceil((px - originPx[axis]) / step - 0.5)));
  return {
    from: [place(minX, 0, width), place(minY, 1, height)],
    to: [place(maxX, 0, width), place(maxY, 1, height)],
  };
}

/** A tile of a few pixels: its mean grey, where its mask, laid over what the tile lies in, shows it. */
export function paintMean(canvas: Canvas, { bounds, means }: TileTable, tile: number, mask: Thumbnail | null): void {
  const around = boundsAt(bounds, tile);
  const { from, to } = spanOf(canvas, around);
  const grey = Math.max(1, Math.round(means[tile] ?? 0));
  const isShown = (x: number, y: number): boolean => {
    if (!mask) return true;
    const u = (canvas.originPx[0] + (x + 0.5) * canvas.step - around.minX) / (around.maxX - around.minX);
    const v = (canvas.originPx[1] + (y + 0.5) * canvas.step - around.minY) / (around.maxY - around.minY);
    return between(mask, u * mask.widthPx, v * mask.heightPx) >= halfShown;
  };
  for (let y = from[1]; y < to[1]; y++)
    for (let x = from[0]; x < to[0]; x++) if (isShown(x, y)) canvas.pixels[y * canvas.width + x] = grey;
}

/** What a mask shows less of is left to the tiles below, or dark. */
const halfShown = 128;

/** A tile no larger than its thumbnail, from the thumbnail; one that is bent lies as the affine map nearest to it says. */
export function paintThumbnail(canvas: Canvas, tile: StackTile, thumbnail: Thumbnail, mask: Thumbnail | null): void {
  const tileFromSection = invertAffine(tile.stackFromTile);
  const [widthPx, heightPx] = tile.image.sizePx;
  if (!tileFromSection || thumbnail.widthPx === 0) return;
  const { from, to } = spanOf(canvas, boundsOfTile(tile.stackFromTile, widthPx, heightPx));
  const shown = reduced(thumbnail, widthPx / canvas.step);
  const shownMask = mask && reduced(mask, widthPx / canvas.step);
  const [scaleX, scaleY] = [shown.widthPx / widthPx, shown.heightPx / heightPx];
  const [a, b, c, d, e, f] = tileFromSection;
  for (let y = from[1]; y < to[1]; y++) {
    const sy = canvas.originPx[1] + (y + 0.5) * canvas.step;
    for (let x = from[0]; x < to[0]; x++) {
      const sx = canvas.originPx[0] + (x + 0.5) * canvas.step;
      const [px, py] = [a * sx + c * sy + e, b * sx + d * sy + f];
      const [u, v] = [px / widthPx, py / heightPx];
      if (shownMask && between(shownMask, u * shownMask.widthPx, v * shownMask.heightPx) < halfShown) continue;
      const grey = between(shown, px * scaleX, py * scaleY);
      if (grey >= 0) canvas.pixels[y * canvas.width + x] = greyIn(tile, grey, u, v);
    }
  }
}

/** The grey at a place of a thumbnail, mixed of the four pixels around it; -1 outside. */
function between({ widthPx, heightPx, pixels }: Thumbnail, x: number, y: number): number {
  if (x < 0 || y < 0 || x >= widthPx || y >= heightPx) return -1;
  const [px, py] = [Math.max(0, x - 0.5), Math.max(0, y - 0.5)];
  const [left, top] = [Math.floor(px), Math.floor(py)];
  const [right, below] = [Math.min(widthPx - 1, left + 1), Math.min(heightPx - 1, top + 1)];
  const at = (column: number, row: number): number => pixels[row * widthPx + column] ?? 0;
  const upper = at(left, top) + (at(right, top) - at(left, top)) * (px - left);
  const lower = at(left, below) + (at(right, below) - at(left, below)) * (px - left);
  return Math.round(upper + (lower - upper) * (py - top));
}

/** The level of a grey of the thumbnail: those of 16 bits were stretched; 0 is kept for what no tile covers. */
function greyIn({ dtype, low, high, correction }: StackTile, grey: number, u: number, v: number): number {
  const stored = dtype === 'uint8' ? grey : low + (grey / 255) * (high - low);
  const level = correction ? correctedBy(correction, stored, u, v) : stored;
  return Math.max(1, Math.min(dtype === 'uint8' ? 255 : 65_535, Math.round(level)));
}

/** Halves a thumbnail until it is less than twice as wide as it is drawn: means, so that nothing flickers. */
function reduced(thumbnail: Thumbnail, drawnPx: number): Thumbnail {
  let shown = thumbnail;
  while (shown.widthPx >= 2 * drawnPx && Math.min(shown.widthPx, shown.heightPx) >= 2) shown = halved(shown);
  return shown;
}
