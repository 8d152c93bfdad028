import type { Tile } from '../../../preload/contract/dataset.ts';
import type { Rect } from '../../../preload/contract/space.ts';
import type { Rgb } from '../../ui/colour-maps.ts';
import { css, verdictRgb } from '../../ui/colour-maps.ts';
import { toScreen } from '../plane/camera.ts';
import type { Drawing } from '../plane/plane-canvas.tsx';
import type { Placed } from './thumbnail-pages.ts';

export interface BoardTile {
  readonly tile: Tile;
  readonly box: Rect;
}

export interface BoardLook {
  readonly selected: number | null;
  /** Tiles that the filter leaves out are drawn faint: the layout stays readable. */
  readonly passes: (tile: Tile) => boolean;
  /** A CSS colour. */
  readonly colour: (tile: Tile) => string;
  /** Whether the colour is a measurement, and so tints the whole tile. */
  readonly tints: boolean;
  readonly thumbnail: (tile: number) => Placed | undefined;
}

interface Spot {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Under this many CSS pixels a tile is a coloured dot: no picture, no badge. */
const pictureFromPx = 10;
const badgeFromPx = 34;

/** Draws the tiles of a section; gives those in view and large enough for a picture, nearest to the middle first. */
export function drawBoard(drawing: Drawing, tiles: readonly BoardTile[], look: BoardLook): readonly number[] {
  const { context, size } = drawing;
  const inView: Array<{ readonly id: number; readonly distance: number }> = [];
  const flagged: Array<readonly [Tile, Spot]> = [];
  for (const { tile, box } of tiles) {
    const spot = spotOf(drawing, box);
    if (spot.x > size.width || spot.y > size.height || spot.x + spot.w < 0 || spot.y + spot.h < 0) continue;
    const distance = Math.hypot(spot.x + spot.w / 2 - size.width / 2, spot.y + spot.h / 2 - size.height / 2);
    if (spot.w >= pictureFromPx) inView.push({ id: tile.id, distance });
    context.globalAlpha = look.passes(tile) ? 1 : 0.14;
    drawTile(context, tile, spot, look);
    if (tile.verdict !== 'ok' || tile.review !== 'unreviewed' || tile.id === look.selected) flagged.push([tile, spot]);
  }
  // Marks go over the neighbours, whichever was drawn last.
  for (const [tile, spot] of flagged) drawMarks(context, tile, spot, look);
  context.globalAlpha = 1;
  return inView.toSorted((a, b) => a.distance - b.distance).map(({ id }) => id);
}

/** Overlapping neighbours are drawn a little smaller than they are, so that each can be told from the next. */
function spotOf({ camera, size }: Drawing, box: Rect): Spot {
  const [x0, y0] = toScreen(camera, size, box.minX, box.minY);
  const w = (box.maxX - box.minX) * camera.pxPerUnit;
  const h = (box.maxY - box.minY) * camera.pxPerUnit;
  const inset = Math.min(w, h) * 0.06;
  return { x: x0 + inset, y: y0 + inset, w: w - 2 * inset, h: h - 2 * inset };
}

function drawTile(context: CanvasRenderingContext2D, tile: Tile, spot: Spot, look: BoardLook): void {
  const colour = look.colour(tile);
  const { x, y, w, h } = spot;
  if (w < pictureFromPx) {
    context.fillStyle = colour;
    context.fillRect(x, y, Math.max(w, 1), Math.max(h, 1));
    return;
  }
  const picture = look.thumbnail(tile.id);
  if (picture) context.drawImage(picture.page, picture.x, picture.y, picture.width, picture.height, x, y, w, h);
  else {
    context.fillStyle = '#26282c';
    context.fillRect(x, y, w, h);
  }
  if (look.tints) {
    const alpha = context.globalAlpha;
    context.globalAlpha = alpha * 0.45;
    context.fillStyle = colour;
    context.fillRect(x, y, w, h);
    context.globalAlpha = alpha;
  }
  context.lineWidth = 1;
  context.strokeStyle = look.tints ? colour : '#0e0e10';
  context.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1);
}

function drawMarks(context: CanvasRenderingContext2D, tile: Tile, spot: Spot, look: BoardLook): void {
  const { x, y, w, h } = spot;
  context.globalAlpha = look.passes(tile) ? 1 : 0.14;
  if (tile.verdict !== 'ok' && w >= pictureFromPx) {
    context.lineWidth = Math.min(3, Math.max(1, w * 0.03));
    context.strokeStyle = css(verdictRgb[tile.verdict]);
    context.strokeRect(
      x + context.lineWidth / 2,
      y + context.lineWidth / 2,
      w - context.lineWidth,
      h - context.lineWidth,
    );
  }
  if (tile.review === 'rejected') crossOut(context, spot);
  if (w >= badgeFromPx) drawBadges(context, tile, spot);
  if (tile.id === look.selected) outline(context, spot);
}

function crossOut(context: CanvasRenderingContext2D, { x, y, w, h }: Spot): void {
  context.fillStyle = 'rgb(14 14 16 / 62%)';
  context.fillRect(x, y, w, h);
  context.strokeStyle = css(verdictRgb.bad, 0.85);
  context.lineWidth = Math.min(2, Math.max(1, w * 0.015));
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + w, y + h);
  context.moveTo(x + w, y);
  context.lineTo(x, y + h);
  context.stroke();
}

/** Verdict at the upper left, review at the upper right: each a shape, a sign and a colour. */
function drawBadges(context: CanvasRenderingContext2D, tile: Tile, { x, y, w }: Spot): void {
  const r = Math.min(11, w * 0.13);
  if (tile.verdict !== 'ok')
    drawBadge(context, x + r + 4, y + r + 4, r, verdictRgb[tile.verdict], tile.verdict === 'bad' ? '!!' : '!');
  if (tile.review !== 'unreviewed') {
    const accepted = tile.review === 'accepted';
    drawBadge(context, x + w - r - 4, y + r + 4, r, accepted ? verdictRgb.ok : verdictRgb.bad, accepted ? '✓' : '✕');
  }
}

function drawBadge(
  context: CanvasRenderingContext2D,
  cx: number,
  cy: number,
  r: number,
  colour: Rgb,
  sign: string,
): void {
  context.beginPath();
  context.arc(cx, cy, r, 0, Math.PI * 2);
  context.fillStyle = css(colour);
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = '#0e0e10';
  context.stroke();
  context.fillStyle = '#0e0e10';
  context.font = `700 ${Math.round(r * 1.25)}px 'Inter Variable', sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(sign, cx, cy + r * 0.08);
}

function outline(context: CanvasRenderingContext2D, { x, y, w, h }: Spot): void {
  context.lineWidth = 4;
  context.strokeStyle = '#0e0e10';
  context.strokeRect(x - 3, y - 3, w + 6, h + 6);
  context.lineWidth = 2;
  context.strokeStyle = '#8be4d9';
  context.strokeRect(x - 3, y - 3, w + 6, h + 6);
}
