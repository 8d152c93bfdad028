import type { PlaneBends, PlaneLook, PlanePicture } from '../../state/register/planes.ts';
import { map3 } from '../../state/volume-geometry.ts';

/** Drawing of one plane of a registration: pure, from greys to colours. */

export interface PlaneStyle {
  readonly look: PlaneLook;
  /** Side of a square of the checkerboard, pixels of the picture. */
  readonly tilePx: number;
  /** 0: the fixed volume, 1: the moving one. */
  readonly mix: number;
  /** Light and dark of the moving volume are swapped. */
  readonly inverted: boolean;
}

type Rgb = readonly [number, number, number];

/** The two volumes, where each has a colour: together they are white. */
export const sideColours = { fixed: [63, 200, 180], moving: [255, 92, 206] } as const;

/** Where the moving tissue is smaller than the fixed one, and where it is larger. */
const smaller: Rgb = [79, 140, 255];
const larger: Rgb = [255, 157, 19];
const folded: Rgb = [242, 60, 60];

const lerp = (a: number, b: number, part: number): number => a + part * (b - a);

/** A colour over a grey for a log-Jacobian: blue where the moving tissue is smaller, orange where larger, red where it folds. */
export function jacobianColour(log: number, mostLog: number, grey: number): Rgb {
  if (Number.isNaN(log)) return folded;
  const part = Math.min(1, Math.abs(log) / mostLog);
  const colour = log < 0 ? smaller : larger;
  // What lies below stays to be seen.
  const light = 0.45 + (0.55 * grey) / 255;
  const over = 0.85 * part;
  return map3((i) => lerp(0.6 * grey, colour[i] * light, over));
}

/** The largest log-Jacobian of all planes, for one scale of colours; at least a tenth. */
export function mostLogOf(pictures: readonly PlanePicture[]): number {
  let most = 0.1;
  for (const { bends } of pictures)
    for (const value of bends?.log ?? []) if (Math.abs(value) > most) most = Math.abs(value);
  return Math.min(most, Math.log(4));
}

/** Bilinear, at the centre of a pixel. */
function latticeAt(values: Float32Array, { columns, rows, firstPx, stepPx }: PlaneBends, x: number, y: number): number {
  const [column, row] = [(x + 0.5 - firstPx) / stepPx[0], (y + 0.5 - firstPx) / stepPx[1]];
  const [c, r] = [Math.min(columns - 2, Math.floor(column)), Math.min(rows - 2, Math.floor(row))];
  const at = (dc: number, dr: number): number => values[(r + dr) * columns + c + dc] ?? Number.NaN;
  const upper = lerp(at(0, 0), at(1, 0), column - c);
  return lerp(upper, lerp(at(0, 1), at(1, 1), column - c), row - r);
}

/** RGBA, rows one after the other. */
export function paintPlane(picture: PlanePicture, style: PlaneStyle, mostLog: number): Uint8ClampedArray<ArrayBuffer> {
  const { width, height } = picture;
  const out = new Uint8ClampedArray(4 * width * height);
  const colourOf = colourist(picture, style, mostLog);
  for (let i = 0; i < width * height; i++) {
    const [r, g, b] = colourOf(i % width, Math.floor(i / width), i);
    out[4 * i] = r;
    out[4 * i + 1] = g;
    out[4 * i + 2] = b;
    out[4 * i + 3] = 255;
  }
  return out;
}

const grey = (level: number): Rgb => [level, level, level];

function colourist(
  picture: PlanePicture,
  { look, tilePx, mix, inverted }: PlaneStyle,
  mostLog: number,
): (x: number, y: number, i: number) => Rgb {
  const { fixed, moved, bends } = picture;
  const stays = (i: number): number => fixed[i] ?? 0;
  if (!moved) return (_x, _y, i) => grey(stays(i));
  const moves = inverted ? (i: number): number => 255 - (moved[i] ?? 0) : (i: number): number => moved[i] ?? 0;
  if (look === 'checker')
    return (x, y, i) => grey((Math.floor(x / tilePx) + Math.floor(y / tilePx)) % 2 === 0 ? stays(i) : moves(i));
  if (look === 'blend') return (_x, _y, i) => grey(lerp(stays(i), moves(i), mix));
  if (look === 'colours')
    return (_x, _y, i) => map3((k) => (sideColours.fixed[k] * stays(i) + sideColours.moving[k] * moves(i)) / 255);
  const log = bends?.log;
  if (look === 'jacobian' && bends && log)
    return (x, y, i) => jacobianColour(latticeAt(log, bends, x, y), mostLog, stays(i));
  return (_x, _y, i) => grey(moves(i));
}

/** About so many lines of a warped grid along the longer side of a picture. */
const gridLines = 32;

/**
 * Lines of a regular grid of the fixed space, drawn where the map leads them, as an SVG path in pixels of the picture;
 * '' where nothing bends.
 */
export function warpedGridPath(picture: PlanePicture): string {
  const { bends, spacingUm } = picture;
  if (!bends) return '';
  const { columns, rows, firstPx, stepPx } = bends;
  const every = Math.max(1, Math.round(Math.max(columns, rows) / gridLines));
  const place = (column: number, row: number): string => {
    const i = row * columns + column;
    const x = firstPx + column * stepPx[0] + (bends.u[i] ?? 0) / spacingUm[0];
    const y = firstPx + row * stepPx[1] + (bends.v[i] ?? 0) / spacingUm[1];
    return Number.isFinite(x + y) ? `${x.toFixed(1)} ${y.toFixed(1)}` : '';
  };
  const lines: string[] = [];
  for (let row = 0; row < rows; row += every)
    lines.push(lineThrough(Array.from({ length: columns }, (_, column) => place(column, row))));
  for (let column = 0; column < columns; column += every)
    lines.push(lineThrough(Array.from({ length: rows }, (_, row) => place(column, row))));
  return lines.join('');
}

/** A gap where a point leads nowhere. */
function lineThrough(points: readonly string[]): string {
  let path = '';
  let isOn = false;
  for (const point of points) {
    if (point !== '') path += `${isOn ? 'L' : 'M'}${point}`;
    isOn = point !== '';
  }
  return path;
}
