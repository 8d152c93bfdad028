import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatTileConfiguration } from '../../main/engine/formats/tile-configuration.ts';
import type { Pool } from '../../main/engine/jobs/pool.ts';
import { gaussian, seededRandom } from '../formats/mutate.ts';

/** A grid of 16-bit TIFF tiles with known places, as `peers/stitch.py` reads its description. */
export interface Grid {
  readonly folder: string;
  readonly files: readonly string[];
  readonly rows: number;
  readonly cols: number;
  readonly overlap: number;
  readonly searchPx: number;
  /** Corners of the tiles by the stage, and where they are, pixels. */
  readonly stage: readonly (readonly [x: number, y: number])[];
  readonly truth: readonly (readonly [x: number, y: number])[];
}

export type Look = 'em' | 'fluorescence';

export interface GridRequest {
  readonly side: number;
  readonly tilePx: number;
  /** Half width of the even distribution of stage errors, pixels. */
  readonly jitterPx: number;
  readonly look: Look;
}

const overlap = 0.1;

/** Writes the tiles, a TileConfiguration.txt and about.json: shot noise, gain and vignetting as a camera has them. */
export async function writeGrid(pool: Pool, folder: string, request: GridRequest): Promise<Grid> {
  const { side, tilePx, jitterPx, look } = request;
  mkdirSync(folder, { recursive: true });
  const random = seededRandom(17);
  const step = Math.round(tilePx * (1 - overlap));
  const cells = Array.from(
    { length: side * side },
    (_, i) => [(i % side) * step, Math.floor(i / side) * step] as const,
  );
  const jitter = (): number => jitterPx * (2 * random() - 1);
  const grid: Grid = {
    folder,
    files: cells.map((_, i) => `tile_${String(i).padStart(3, '0')}.tif`),
    rows: side,
    cols: side,
    overlap: 1 - step / tilePx,
    searchPx: Math.max(15, 3 * jitterPx),
    stage: cells,
    truth: cells.map(([x, y]) => [x + jitter(), y + jitter()]),
  };
  const draw =
    look === 'em' ? tissueTile(pool, folder, tilePx) : spotTile(tilePx, side * step + tilePx, seededRandom(5));
  await Promise.all([0, 1].map((hand) => writeTiles(grid, tilePx, draw, hand)));
  const layout = grid.files.map((name, i) => ({
    name,
    xPx: grid.stage[i]?.[0] ?? 0,
    yPx: grid.stage[i]?.[1] ?? 0,
    section: 0,
  }));
  writeFileSync(join(folder, 'TileConfiguration.txt'), formatTileConfiguration(2, layout));
  writeFileSync(join(folder, 'about.json'), JSON.stringify(grid));
  return grid;
}

type Draw = (place: readonly [x: number, y: number], index: number) => Promise<Uint16Array>;

async function writeTiles(grid: Grid, tilePx: number, draw: Draw, hand: number): Promise<void> {
  for (let i = hand; i < grid.files.length; i += 2) {
    const [place, file] = [grid.truth[i], grid.files[i]];
    if (place && file) writeFileSync(join(grid.folder, file), tiff16(await draw(place, i), tilePx));
  }
}

/** The sample's tissue, 16 bits: a camera's gain and vignetting, and noise of 4 grey levels of 256. */
function tissueTile(pool: Pool, folder: string, tilePx: number): Draw {
  return async ([x, y], i) => {
    const path = join(folder, `.${i}.png`);
    await pool.run('synthesize-tile', {
      path,
      seed: 3,
      section: 0,
      sizePx: [tilePx, tilePx],
      tissueFromTile: [1, 0, 0, 1, x + 1000, y + 1000],
      gain: 0.9 + 0.02 * (i % 10),
      vignette: 0.08,
      noiseSd: 4,
      noiseSeed: i,
      dtype: 'uint16',
    });
    const { outputs } = await pool.run('decode-tile', { path });
    rmSync(path);
    const bytes = outputs[0]?.slice() ?? new Uint8Array(0);
    return new Uint16Array(bytes.buffer);
  };
}

/** Cells as Gaussian spots on a dark ground with camera noise: 1 in about 70 x 70 pixels, radius 2 to 7 pixels. */
function spotTile(tilePx: number, fieldPx: number, random: () => number): Draw {
  const margin = 200;
  const extent = fieldPx + 2 * margin;
  const spots = Array.from({ length: Math.round((extent * extent) / 4900) }, () => ({
    x: random() * extent - margin,
    y: random() * extent - margin,
    sigma: 2 + 5 * random() ** 2,
    peak: 400 + 6000 * random() ** 3,
  }));
  const noise = Float32Array.from({ length: 1 << 20 }, () => gaussian(random));
  return async ([x0, y0]) => {
    const level = new Float32Array(tilePx * tilePx).fill(300);
    for (const spot of spots) addSpot(level, tilePx, { ...spot, x: spot.x - x0, y: spot.y - y0 });
    let at = Math.floor(random() * noise.length);
    // Shot noise and the camera's own.
    return Uint16Array.from(level, (v) => {
      at = (at + 1) & (noise.length - 1);
      return Math.max(0, Math.round(v + Math.sqrt(v + 150) * (noise[at] ?? 0)));
    });
  };
}

interface Spot {
  readonly x: number;
  readonly y: number;
  readonly sigma: number;
  readonly peak: number;
}

function addSpot(level: Float32Array, side: number, { x, y, sigma, peak }: Spot): void {
  const reach = 4 * sigma;
  const from = (v: number): number => Math.max(0, Math.ceil(v - reach - 0.5));
  const to = (v: number): number => Math.min(side - 1, Math.floor(v + reach - 0.5));
  const share = -0.5 / (sigma * sigma);
  for (let j = from(y); j <= to(y); j++) {
    for (let i = from(x); i <= to(x); i++) {
      const at = j * side + i;
      level[at] = (level[at] ?? 0) + peak * Math.exp(share * ((i + 0.5 - x) ** 2 + (j + 0.5 - y) ** 2));
    }
  }
}

const rowsPerStrip = 16;

/** An uncompressed little-endian TIFF of one 16-bit grey picture in strips of 16 rows. */
function tiff16(pixels: Uint16Array, side: number): Uint8Array {
  const strips = Math.ceil(side / rowsPerStrip);
  const stripBytes = rowsPerStrip * side * 2;
  const [tags, header] = [10, 8];
  const offsetsAt = header + 2 + 12 * tags + 4;
  const dataAt = offsetsAt + 8 * strips;
  const entries: readonly (readonly [tag: number, type: number, count: number, value: number])[] = [
    [256, 4, 1, side],
    [257, 4, 1, side],
    [258, 3, 1, 16],
    [259, 3, 1, 1],
    [262, 3, 1, 1],
    [273, 4, strips, offsetsAt],
    [277, 3, 1, 1],
    [278, 4, 1, rowsPerStrip],
    [279, 4, strips, offsetsAt + 4 * strips],
    [339, 3, 1, 1],
  ];
  const out = Buffer.alloc(dataAt + pixels.byteLength);
  out.write('II*\0', 'latin1');
  out.writeUInt32LE(header, 4);
  out.writeUInt16LE(tags, header);
  entries.forEach(([tag, type, count, value], i) => {
    const at = header + 2 + 12 * i;
    out.writeUInt16LE(tag, at);
    out.writeUInt16LE(type, at + 2);
    out.writeUInt32LE(count, at + 4);
    if (type === 3) out.writeUInt16LE(value, at + 8);
    else out.writeUInt32LE(value, at + 8);
  });
  for (let i = 0; i < strips; i++) {
    const from = i * stripBytes;
    out.writeUInt32LE(dataAt + from, offsetsAt + 4 * i);
    out.writeUInt32LE(Math.min(stripBytes, pixels.byteLength - from), offsetsAt + 4 * (strips + i));
  }
  out.set(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength), dataAt);
  return out;
}

/** Reads a grid back that `writeGrid` left. */
export const readGrid = (folder: string): Grid => JSON.parse(readFileSync(join(folder, 'about.json'), 'utf8')) as Grid;
