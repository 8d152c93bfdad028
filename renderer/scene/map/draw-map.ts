import { linkKey } from '../../state/assemble.ts';
import type { Rgb } from '../../ui/colour-maps.ts';
import { css, viridis } from '../../ui/colour-maps.ts';
import { toScreen } from '../plane/camera.ts';
import type { Placed } from '../board/thumbnail-pages.ts';
import type { Drawing } from '../plane/plane-canvas.tsx';
import type { MapLink, MapTile } from './map-shapes.ts';

export interface MapLook {
  readonly selected: string | null;
  /** The tile that is taken, to be moved, and where it was before it was. */
  readonly taken: number | null;
  readonly ghost: MapTile | null;
  /** Residual at the bright end of the colours, pixels. */
  readonly topPx: number;
  /** Null: outlines alone. */
  readonly thumbnail: ((tile: number) => Placed | undefined) | null;
}

/** Tiles narrower than this are outlines. */
const pictureFromPx = 24;

const droppedColour: Rgb = [242, 131, 123];

export const residualColour = (residualPx: number, topPx: number): Rgb =>
  viridis(0.25 + 0.75 * Math.min(1, residualPx / topPx));

/**
 * Tiles where the solve put them, dimmed so that links stand out: these go between the middles, dropped ones red and
 * dashed. Gives the tiles in view whose pictures would be seen.
 */
export function drawMap(
  drawing: Drawing,
  tiles: readonly MapTile[],
  links: readonly MapLink[],
  look: MapLook,
): readonly number[] {
  const { context } = drawing;
  const wanted = look.thumbnail === null ? [] : tiles.filter((tile) => isSeen(drawing, tile));
  for (const tile of wanted) drawPicture(drawing, tile, look.thumbnail?.(tile.placement.tile));
  if (wanted.length > 0) dim(drawing);
  for (const tile of tiles) drawOutline(drawing, tile);
  if (look.taken !== null) drawTaken(drawing, tiles, look);
  const chosen = links.filter(({ link }) => linkKey(link) === look.selected);
  for (const link of links) if (!chosen.includes(link)) drawLink(drawing, link, look, false);
  for (const link of chosen) drawLink(drawing, link, look, true);
  context.setLineDash([]);
  for (const tile of tiles) drawName(drawing, tile);
  // Over the names of neighbours too.
  for (const tile of tiles) if (tile.placement.fixed === true) drawPin(drawing, tile);
  return wanted.map(({ placement }) => placement.tile);
}

/** In view, and large enough for a picture to tell anything. */
function isSeen({ camera, size }: Drawing, { box }: MapTile): boolean {
  const [x0, y0] = toScreen(camera, size, box.minX, box.minY);
  const [x1, y1] = toScreen(camera, size, box.maxX, box.maxY);
  return x1 > 0 && y1 > 0 && x0 < size.width && y0 < size.height && x1 - x0 >= pictureFromPx;
}

/** A veil over the pictures, so that overlaps are no brighter than the rest and links stand out. */
function dim({ context, size }: Drawing): void {
  context.fillStyle = 'rgb(14 14 16 / 48%)';
  context.fillRect(0, 0, size.width, size.height);
}

function drawPicture({ context, camera, size }: Drawing, tile: MapTile, picture: Placed | undefined): void {
  if (!picture) return;
  const { placement, widthPx, heightPx } = tile;
  const [a, b, c, d, e, f] = placement.stackFromTile;
  const [x, y] = toScreen(camera, size, e, f);
  const k = camera.pxPerUnit;
  const [sx, sy] = [widthPx / picture.width, heightPx / picture.height];
  context.save();
  context.transform(k * a * sx, k * b * sx, k * c * sy, k * d * sy, x, y);
  context.drawImage(
    picture.page,
    picture.x,
    picture.y,
    picture.width,
    picture.height,
    0,
    0,
    picture.width,
    picture.height,
  );
  context.restore();
}

function outline({ context, camera, size }: Drawing, corners: MapTile['corners']): void {
  context.beginPath();
  corners.forEach(([x, y], i) => {
    const [px, py] = toScreen(camera, size, x, y);
    if (i === 0) context.moveTo(px, py);
    else context.lineTo(px, py);
  });
  context.closePath();
}

function drawOutline(drawing: Drawing, { corners, placement }: MapTile): void {
  const { context } = drawing;
  outline(drawing, corners);
  const byStage = placement.placedBy === 'stage';
  const byHand = placement.placedBy === 'user';
  context.fillStyle = byStage ? 'rgb(227 176 75 / 12%)' : 'rgb(255 255 255 / 3%)';
  context.fill();
  context.setLineDash(byStage ? [6, 4] : []);
  context.lineWidth = byHand ? 2 : 1;
  context.strokeStyle = byStage ? '#e3b04b' : byHand ? '#b9a2f0' : '#6b7078';
  context.stroke();
}

/** The tile in hand: its picture over the others, so that it can be laid on them by eye; dashed where it came from. */
function drawTaken(drawing: Drawing, tiles: readonly MapTile[], { taken, ghost, thumbnail }: MapLook): void {
  const { context } = drawing;
  const tile = tiles.find(({ placement }) => placement.tile === taken);
  if (!tile) return;
  if (ghost) {
    outline(drawing, ghost.corners);
    context.setLineDash([3, 4]);
    context.lineWidth = 1;
    context.strokeStyle = '#b4b8c0';
    context.stroke();
  }
  context.globalAlpha = 0.7;
  drawPicture(drawing, tile, thumbnail?.(tile.placement.tile));
  context.globalAlpha = 1;
  outline(drawing, tile.corners);
  context.setLineDash([]);
  context.lineWidth = 2;
  context.strokeStyle = '#8be4d9';
  context.stroke();
}

/** A pushpin, 24 units a side (lucide's). */
const pinPath =
  'M12 17v5M9 10.76a2 2 0 0 1-1.11 1.79l-1.78.9A2 2 0 0 0 5 15.24V16a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1v-.76a2 2 0 0 0-1.11-1.79l-1.78-.9A2 2 0 0 1 15 10.76V7a1 1 0 0 1 1-1 2 2 0 0 0 0-4H8a2 2 0 0 0 0 4 1 1 0 0 1 1 1z';
let pin: Path2D | null = null;

function drawPin({ context, camera, size }: Drawing, { corners, box }: MapTile): void {
  const corner = corners[1];
  if (!corner || (box.maxX - box.minX) * camera.pxPerUnit < 20) return;
  const [x, y] = toScreen(camera, size, corner[0], corner[1]);
  pin ??= new Path2D(pinPath);
  context.save();
  context.translate(x - 22, y + 4);
  context.beginPath();
  context.arc(9, 9, 10, 0, Math.PI * 2);
  context.fillStyle = '#0e0e10';
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = '#b9a2f0';
  context.stroke();
  context.translate(2.4, 2.4);
  context.scale(0.55, 0.55);
  context.lineWidth = 2.4;
  context.strokeStyle = '#e8e9ec';
  context.fillStyle = '#b9a2f0';
  context.fill(pin);
  context.stroke(pin);
  context.restore();
}

function drawLink(
  { context, camera, size }: Drawing,
  { link, from, to }: MapLink,
  look: MapLook,
  chosen: boolean,
): void {
  const [x0, y0] = toScreen(camera, size, from[0], from[1]);
  const [x1, y1] = toScreen(camera, size, to[0], to[1]);
  const kept = link.state === 'kept';
  const line = (width: number, colour: string): void => {
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  };
  context.setLineDash(kept ? [] : [7, 5]);
  line(chosen ? 9 : 5.5, chosen ? '#f4f5f7' : 'rgb(14 14 16 / 70%)');
  line(chosen ? 4 : 3, css(kept ? residualColour(link.residualPx, look.topPx) : droppedColour));
  context.setLineDash([]);
  for (const [x, y] of [
    [x0, y0],
    [x1, y1],
  ] as const) {
    context.beginPath();
    context.arc(x, y, 3, 0, Math.PI * 2);
    context.fillStyle = '#b4b8c0';
    context.fill();
  }
}

function drawName({ context, camera, size }: Drawing, { corners, name, box }: MapTile): void {
  const [corner] = corners;
  if (!corner) return;
  const [x, y] = toScreen(camera, size, corner[0], corner[1]);
  // Beside its neighbour, not over it.
  const room = 0.82 * (box.maxX - box.minX) * camera.pxPerUnit - 6;
  context.font = "500 12px 'Inter Variable', sans-serif";
  context.textAlign = 'left';
  context.textBaseline = 'top';
  const { width } = context.measureText(name);
  if (width > room) return;
  context.fillStyle = 'rgb(14 14 16 / 72%)';
  context.fillRect(x + 3, y + 3, width + 6, 18);
  context.fillStyle = '#c3c7ce';
  context.fillText(name, x + 6, y + 6);
}
