import type { Tile } from '../shots.ts';
import type { Shape } from './decor.ts';
import { fontFamily } from './svg.ts';

/** Draws shapes over pictures. */

const fontOf = (sizePx: number): string => `${sizePx}px ${fontFamily}`;

/** The window reads its fonts once a page shows them: text that is painted before would be another. */
export const fontIsHere = async (): Promise<void> => {
  await document.fonts.load(fontOf(16), 'nm µ');
};

let ruler: OffscreenCanvasRenderingContext2D | null = null;

export function measureText(text: string, sizePx: number): number {
  ruler ??= new OffscreenCanvas(1, 1).getContext('2d');
  if (!ruler) return text.length * sizePx * 0.6;
  ruler.font = fontOf(sizePx);
  return ruler.measureText(text).width;
}

/** `rgba`: pixels of the tile; drawn over in place. */
export function paintOver(rgba: Uint8Array<ArrayBuffer>, tile: Tile, shapes: readonly Shape[]): void {
  const near = shapes.filter((shape) => touches(shape, tile));
  if (near.length === 0) return;
  const context = new OffscreenCanvas(tile.width, tile.height).getContext('2d', { willReadFrequently: true });
  if (!context) return;
  const pixels = new ImageData(
    new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, rgba.byteLength),
    tile.width,
    tile.height,
  );
  context.putImageData(pixels, 0, 0);
  context.translate(-tile.x, -tile.y);
  paintShapes(context, near);
  rgba.set(context.getImageData(0, 0, tile.width, tile.height).data);
}

/** Of texts only the height is known before they are drawn. */
const touches = (shape: Shape, tile: Tile): boolean =>
  shape.kind === 'text'
    ? shape.y > tile.y - shape.sizePx && shape.y - shape.sizePx < tile.y + tile.height + shape.sizePx
    : shape.x < tile.x + tile.width &&
      shape.x + shape.width > tile.x &&
      shape.y < tile.y + tile.height &&
      shape.y + shape.height > tile.y;

export function paintShapes(context: OffscreenCanvasRenderingContext2D, shapes: readonly Shape[]): void {
  for (const shape of shapes) {
    if (shape.kind === 'text') {
      context.globalAlpha = 1;
      context.font = fontOf(shape.sizePx);
      context.textAlign = shape.anchor === 'middle' ? 'center' : shape.anchor;
      context.textBaseline = 'alphabetic';
      context.fillStyle = shape.colour;
      context.fillText(shape.text, shape.x, shape.y);
      continue;
    }
    context.globalAlpha = shape.opacity ?? 1;
    context.fillStyle = typeof shape.fill === 'string' ? shape.fill : gradientOf(context, shape, shape.fill);
    context.fillRect(shape.x, shape.y, shape.width, shape.height);
  }
  context.globalAlpha = 1;
}

function gradientOf(
  context: OffscreenCanvasRenderingContext2D,
  { x, width }: Extract<Shape, { kind: 'box' }>,
  colours: readonly string[],
): CanvasGradient {
  const gradient = context.createLinearGradient(x, 0, x + width, 0);
  colours.forEach((colour, i) => gradient.addColorStop(i / Math.max(1, colours.length - 1), colour));
  return gradient;
}
