import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatTileConfiguration } from '../../main/engine/formats/tile-configuration.ts';
import { seededRandom } from '../formats/mutate.ts';
import { encodePng, type Picture } from './png.ts';

/** A tile of a test acquisition, written with nothing of Lamella but the layout's format. */
export interface TestTile {
  readonly name: string;
  readonly section: number;
  readonly row: number;
  readonly col: number;
  readonly stagePx: readonly [number, number];
  readonly truePx: readonly [number, number];
}

export interface TestRequest {
  readonly sections?: number;
  readonly rows?: number;
  readonly cols?: number;
  readonly tilePx?: number;
  readonly overlapPx?: number;
  /** Half width of the even distribution of stage errors. */
  readonly errorPx?: number;
  readonly seed?: number;
  /** Every section shows the same tissue. */
  readonly oneTissue?: boolean;
  readonly bits?: 8 | 16;
  /** Grey level of a pixel from the texture (mean 0, SD 1), after which it is rounded and cut to the range. */
  readonly grey?: (texture: number, tile: TestTile, random: () => number) => number;
  /** What the camera makes of a grey level, at a pixel about the tile's centre. */
  readonly light?: (level: number, tile: TestTile, u: number, v: number) => number;
  /** Tissue from tile, both about the tile's centre: how the camera deforms. */
  readonly deform?: (tile: TestTile, u: number, v: number) => readonly [number, number];
}

const plainGrey: NonNullable<TestRequest['grey']> = (texture, _tile, random) =>
  128 + 28 * texture + 6 * (random() - 0.5);

/** Writes PNG tiles and a TileConfiguration.txt into `folder`; returns what is true of them. */
export function acquireTiles(folder: string, request: TestRequest = {}): readonly TestTile[] {
  const { sections = 1, rows = 3, cols = 3, tilePx = 200, overlapPx = 50, errorPx = 4, seed = 1, bits = 8 } = request;
  const { grey = plainGrey, deform = (_tile, u, v) => [u, v], light = (level) => level, oneTissue = false } = request;
  const random = seededRandom(seed);
  mkdirSync(folder, { recursive: true });
  const step = tilePx - overlapPx;
  const tiles: TestTile[] = [];
  for (let section = 0; section < sections; section++) {
    const texture = makeTexture(
      Math.max(rows, cols) * step + overlapPx + 4 * errorPx + 48,
      seed * 1000 + (oneTissue ? 0 : section),
    );
    for (let row = 0; row < rows; row++) {
      for (let col = 0; col < cols; col++) {
        const stagePx = [col * step, row * step] as const;
        const truePx = [stagePx[0] + errorPx * (2 * random() - 1), stagePx[1] + errorPx * (2 * random() - 1)] as const;
        const tile: TestTile = { name: `s${section}_r${row}_c${col}.png`, section, row, col, stagePx, truePx };
        tiles.push(tile);
        const camera: Camera = {
          tilePx,
          bits,
          grey: (value, u, v) => light(grey(value, tile, random), tile, u, v),
          at: (u, v) => {
            const [x, y] = deform(tile, u, v);
            const margin = 20 + 2 * errorPx + tilePx / 2 - 0.5;
            return texture.at(margin + tile.truePx[0] + x, margin + tile.truePx[1] + y);
          },
        };
        writeFileSync(join(folder, tile.name), encodePng(photograph(camera)));
      }
    }
  }
  writeFileSync(
    join(folder, 'TileConfiguration.txt'),
    formatTileConfiguration(
      3,
      tiles.map(({ name, stagePx: [xPx, yPx], section }) => ({ name, xPx, yPx, section })),
    ),
  );
  return tiles;
}

interface Camera {
  readonly tilePx: number;
  readonly bits: 8 | 16;
  readonly grey: (texture: number, u: number, v: number) => number;
  /** Texture at a point about the tile's centre. */
  readonly at: (u: number, v: number) => number;
}

function photograph({ tilePx, bits, grey, at }: Camera): Picture {
  const pixels = bits === 8 ? new Uint8Array(tilePx * tilePx) : new Uint16Array(tilePx * tilePx);
  const top = bits === 8 ? 255 : 65_535;
  const middle = (tilePx - 1) / 2;
  for (let y = 0; y < tilePx; y++) {
    for (let x = 0; x < tilePx; x++) {
      const [u, v] = [x - middle, y - middle];
      pixels[y * tilePx + x] = Math.min(top, Math.max(0, Math.round(grey(at(u, v), u, v))));
    }
  }
  return { width: tilePx, height: tilePx, pixels };
}

export interface Texture {
  /** Mean about 0, SD about 1; band-limited to about 5 pixels, so that cubic interpolation is exact to a few per cent. */
  at(x: number, y: number): number;
}

/** White noise, blurred twice with a 5 x 5 box at two scales. In loops: lists of half a million closures take long. */
export function makeTexture(side: number, seed: number): Texture {
  const random = seededRandom(seed);
  const noise = (): Float64Array => {
    const values = new Float64Array(side * side);
    for (let i = 0; i < values.length; i++) values[i] = random() - 0.5;
    return values;
  };
  const fine = normalised(blur(blur(noise(), side, 2), side, 2));
  const values = normalised(blur(blur(noise(), side, 7), side, 7));
  for (let i = 0; i < values.length; i++) values[i] = values[i]! + fine[i]!;
  normalised(values);
  return { at: (x, y) => cubic(values, side, x, y) };
}

/** Sums over a box, edges repeated: each from the one before, whatever the radius. */
function blur(values: Float64Array, side: number, radius: number): Float64Array {
  const along = (step: number, line: number, from: Float64Array): Float64Array => {
    const out = new Float64Array(from.length);
    for (let l = 0; l < side; l++) {
      const at = (i: number): number => from[l * line + Math.min(side - 1, Math.max(0, i)) * step] ?? 0;
      let sum = 0;
      for (let k = -radius; k <= radius; k++) sum += at(k);
      for (let i = 0; i < side; i++) {
        out[l * line + i * step] = sum;
        sum += at(i + radius + 1) - at(i - radius);
      }
    }
    return out;
  };
  return along(side, 1, along(1, side, values));
}

/** In place: mean 0, SD 1. */
function normalised(values: Float64Array): Float64Array {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  const sd = Math.sqrt(squares / values.length);
  for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean) / sd;
  return values;
}

/** Catmull-Rom (Keys 1981, a = -1/2). */
function cubic(values: Float64Array, side: number, x: number, y: number): number {
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  setWeights(alongX, x - x0);
  setWeights(alongY, y - y0);
  let sum = 0;
  for (let j = 0; j < 4; j++) {
    const row = Math.min(side - 1, Math.max(0, y0 + j - 1)) * side;
    let inRow = 0;
    for (let i = 0; i < 4; i++) inRow += alongX[i]! * (values[row + Math.min(side - 1, Math.max(0, x0 + i - 1))] ?? 0);
    sum += alongY[j]! * inRow;
  }
  return sum;
}

/** Of the pixel at work: a list made for each would take longer than the pixel. */
const [alongX, alongY] = [new Float64Array(4), new Float64Array(4)];

function setWeights(weights: Float64Array, t: number): void {
  const [t2, t3] = [t * t, t * t * t];
  weights[0] = (-t + 2 * t2 - t3) / 2;
  weights[1] = (2 - 5 * t2 + 3 * t3) / 2;
  weights[2] = (t + 4 * t2 - 3 * t3) / 2;
  weights[3] = (-t2 + t3) / 2;
}
