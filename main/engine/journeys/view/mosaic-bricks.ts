import { createHash } from 'node:crypto';
import { tasks } from '../../../../native-workers/tasks.ts';
import type { BrickAddress } from '../../../../preload/contract/brick.ts';
import { isLamellaError, type LamellaError } from '../../../../preload/contract/errors.ts';
import type { Rect } from '../../../../preload/contract/space.ts';
import type { Kernels, Lane } from '../../jobs/job.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { smallPx, thumbnailPx } from '../../store/thumbnails.ts';
import { isAllZero } from '../../volumes/read-box.ts';
import type { BrickSource } from './brick-source.ts';
import { checkAddress } from './brick-source.ts';
import type { Mosaic, MosaicChannel } from './mosaic.ts';
import { mosaicBrickPx } from './mosaic.ts';
import type { Canvas } from './paint-tiles.ts';
import { emptyCanvas } from './paint-tiles.ts';
import { paintSpots, paintThumbnails } from './paint-overview.ts';
import { hashOfTiles } from '../../stacks/tile-table.ts';
import type { StackTile } from '../../stacks/tile-rows.ts';
import { imageFor } from '../../stacks/mipmaps.ts';
import { renderTiles } from '../../stacks/render-tiles.ts';

export interface MosaicEnv {
  readonly library: LibraryStore;
  readonly kernels: Kernels;
  readonly ahead: boolean;
}

/** Smaller than this on the picture, a tile is a spot of its mean grey: a look at 100,000 tiles reads no picture. */
const spotPx = 6;

interface Made {
  readonly voxels: Uint8Array;
  readonly problem: LamellaError | undefined;
}

/** Makes bricks of one channel of tiles: far out from their means, then from thumbnails, close by from the files themselves. */
export function mosaicBricks(mosaic: Mosaic, channel: number, env: MosaicEnv): BrickSource {
  const { cache } = env.library;
  const of = mosaic.channel(channel);
  const keyOf = ([level, x, y, z]: BrickAddress, tiles: Uint32Array): string => {
    const hash = createHash('sha256').update(hashOfTiles(of.table, tiles));
    hash.update(JSON.stringify([mosaic.cornerPx, tasks['render-region'].version]));
    return `mosaic/v4/${level}/${x}/${y}/${z}/${hash.digest('hex').slice(0, 32)}`;
  };
  return {
    check: (address) => checkAddress(mosaic.volume, address),
    isAway: (error): error is LamellaError => isLamellaError(error, 'unreachable'),
    has: (address) =>
      !isKept(mosaic, address[0]) || cache.get(keyOf(address, tilesOf(mosaic, of, address))) !== undefined,
    fetch: async (address, signal) => {
      const canvas = canvasOf(mosaic, address);
      const size = [canvas.width, canvas.height, 1] as const;
      const tiles = of.touching(address[3], rectOf(canvas));
      const key = isKept(mosaic, address[0]) ? keyOf(address, tiles) : null;
      const cached = key === null ? undefined : cache.get(key);
      if (cached) return { brick: { address, size, voxels: cached }, fromCache: true };
      const { voxels, problem } = await make(mosaic, of, tiles, canvas, env, signal);
      const sent = isAllZero(voxels) ? new Uint8Array() : voxels;
      if (key !== null && !problem) cache.putSoon(key, sent);
      return { brick: { address, size, voxels: sent }, fromCache: false, ...(problem && { problem }) };
    },
  };
}

/** The longer side of a tile on the picture of a level. */
const drawnPx = (mosaic: Mosaic, level: number): number => mosaic.tilePx / 2 ** level;

/** What is painted of spots, or of a few thumbnails, is made faster than it is kept. */
const isKept = (mosaic: Mosaic, level: number): boolean =>
  drawnPx(mosaic, level) > thumbnailPx || (drawnPx(mosaic, level) >= spotPx && drawnPx(mosaic, level) <= smallPx);

async function make(
  mosaic: Mosaic,
  of: MosaicChannel,
  tiles: Uint32Array,
  canvas: Canvas,
  env: MosaicEnv,
  signal: AbortSignal,
): Promise<Made> {
  const tilePx = mosaic.tilePx / canvas.step;
  if (tilePx > thumbnailPx) return render(of.tilesAt(tiles), canvas, mosaic, env, signal);
  const look = { ...env, signal, px: tilePx <= smallPx ? smallPx : thumbnailPx } as const;
  if (tilePx < spotPx) await paintSpots(canvas, of.table, tiles, look);
  const problem = tilePx < spotPx ? undefined : await paintThumbnails(canvas, of.tilesAt(tiles), look);
  return { voxels: bytesOf(canvas.pixels), problem };
}

function canvasOf({ volume, cornerPx, dtype }: Mosaic, [level, x, y]: BrickAddress): Canvas {
  const size = volume.levels[level]?.size ?? [1, 1, 1];
  const step = 2 ** level;
  const [left, top] = [x * mosaicBrickPx, y * mosaicBrickPx];
  const across = [Math.min(mosaicBrickPx, size[0] - left), Math.min(mosaicBrickPx, size[1] - top)] as const;
  return emptyCanvas([cornerPx[0] + left * step, cornerPx[1] + top * step], step, across, dtype);
}

function rectOf({ originPx: [x, y], step, width, height }: Canvas): Rect {
  return { minX: x, minY: y, maxX: x + width * step, maxY: y + height * step };
}

const tilesOf = (mosaic: Mosaic, of: MosaicChannel, address: BrickAddress): Uint32Array =>
  of.touching(address[3], rectOf(canvasOf(mosaic, address)));

/** Blended from the files: each output pixel is the mean of four, so that what is drawn smaller does not flicker. */
async function render(
  tiles: readonly StackTile[],
  { originPx, step, width, height }: Canvas,
  { dtype }: Mosaic,
  { kernels, ahead }: MosaicEnv,
  signal: AbortSignal,
): Promise<Made> {
  if (tiles.length === 0) return { voxels: new Uint8Array(), problem: undefined };
  const lane: Lane = ahead ? 'preview' : 'interactive';
  const finer = step > 1 ? 2 : 1;
  const box = { originPx, sizePx: [width * finer, height * finer] as const, stepPx: step / finer };
  const drawn = tiles.map((tile) => ({ ...tile, image: imageFor(tile, step / finer) }));
  const { pixels, problem } = await renderTiles(drawn, box, { dtype, intensity: false }, { kernels, signal, lane });
  const voxels = finer === 1 ? pixels : meanOfFour(pixels, width, height, dtype === 'uint16');
  return { voxels, problem };
}

/** What no tile covers is no grey level: the mean of those covered, 0 where fewer than two are. */
function meanOfFour(bytes: Uint8Array, width: number, height: number, wide: boolean): Uint8Array {
  const fine = wide ? new Uint16Array(bytes.slice().buffer) : bytes;
  const mean = wide ? new Uint16Array(width * height) : new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 4 * y * width + 2 * x;
      const below = at + 2 * width;
      const a = fine[at] ?? 0;
      const b = fine[at + 1] ?? 0;
      const c = fine[below] ?? 0;
      const d = fine[below + 1] ?? 0;
      const covered = (a > 0 ? 1 : 0) + (b > 0 ? 1 : 0) + (c > 0 ? 1 : 0) + (d > 0 ? 1 : 0);
      mean[y * width + x] = covered >= 2 ? Math.round((a + b + c + d) / covered) : 0;
    }
  }
  return bytesOf(mean);
}

const bytesOf = (pixels: Uint8Array | Uint16Array): Uint8Array =>
  new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
