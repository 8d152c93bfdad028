import { createHash } from 'node:crypto';
import { tasks } from '../../../native-workers/tasks.ts';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Dtype, Rect } from '../../../preload/contract/space.ts';
import type { LibraryStore } from '../store/library-store.ts';
import type { Blend } from './drawn-tile.ts';
import { imageFor } from './mipmaps.ts';
import type { PlacedStack } from './placed-stack.ts';
import { renderTiles, type RenderEnv } from './render-tiles.ts';
import { hashOfTiles } from './tile-table.ts';
import type { StackTile } from './tile-rows.ts';

export interface BoxRequest {
  readonly section: number;
  /** Stack pixels. */
  readonly rect: Rect;
  /** Picture pixels a stack pixel. */
  readonly scale: number;
  readonly blend: Blend;
  /** `shown`: 8 bit, the range of each tile's tilespec from black to white; `stored`: levels as they are. */
  readonly levels: 'shown' | 'stored';
  /** These alone, by their ids; all of the stack where left out. */
  readonly only?: readonly number[] | undefined;
}

export interface BoxPixels {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly dtype: Dtype;
  readonly pixels: Uint8Array;
  /** Of its pixels. */
  readonly coveredPx: number;
  readonly tiles: number;
  /** In plain words, what is not as it should be: a file that is gone, transforms that could not be read. */
  readonly problems: readonly string[];
}

/** Pixels of a picture, and tiles of a box, at most. */
const [mostPixels, mostTiles] = [2 ** 26, 20_000];
/** What was made in less time than this is made again faster than it is kept; more bytes than this are not kept. */
const [leastMs, mostKept] = [50, 2 ** 24];

/**
 * Pixels of any box of a section at any scale, from its tiles; of mipmap levels on the disk where those are fine enough.
 * 'invalid-input' for a box without size, 'over-budget' for one of more than 64 million pixels or 20,000 tiles; a file
 * that is gone leaves its place to others, and is a problem.
 */
export async function renderBox(
  library: LibraryStore,
  placed: PlacedStack,
  request: BoxRequest,
  env: RenderEnv,
): Promise<BoxPixels> {
  const { rect, scale, section, levels, blend, only } = request;
  const [widthPx, heightPx] = sizeOf(request);
  const dtype: Dtype = levels === 'shown' ? 'uint8' : placed.table.dtype;
  const numbers = only ? placed.numbersOf(only) : placed.touching(section, rect);
  if (numbers.length > mostTiles) throw tooMany(numbers.length);
  const found = placed.tilesAt(numbers);
  const tiles = found.filter(({ problems }) => problems.length === 0).map((tile) => atScale(tile, request));
  const unplaced = found.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`));
  const about = { widthPx, heightPx, dtype, tiles: tiles.length };
  const key = keyOf(placed, numbers, request, tiles);
  const cached = library.cache.get(key);
  if (cached) return { ...about, ...unpacked(cached), problems: unplaced };
  const box = { originPx: [rect.minX, rect.minY] as const, sizePx: [widthPx, heightPx] as const, stepPx: 1 / scale };
  const started = performance.now();
  const { pixels, coveredPx, problem, lost } = await renderTiles(
    tiles,
    box,
    { dtype, blend, intensity: levels === 'shown' },
    env,
  );
  if (problem && lost === tiles.length) throw problem;
  const problems = problem
    ? [...unplaced, `${lost} of ${tiles.length} tiles are missing: ${problem.message}`]
    : unplaced;
  const isDear = performance.now() - started >= leastMs && pixels.byteLength <= mostKept;
  if (!problem && isDear) library.cache.putSoon(key, packed(pixels, coveredPx));
  return { ...about, pixels, coveredPx, problems };
}

/** Size of the picture: that of the box at the scale, cut to whole pixels as Render does. */
function sizeOf({ rect, scale }: BoxRequest): readonly [number, number] {
  // A hair more, so that what should be whole is not one less.
  const side = (length: number): number => Math.max(1, Math.floor(length * scale + 1e-6));
  const [width, height] = [side(rect.maxX - rect.minX), side(rect.maxY - rect.minY)];
  if (!(rect.maxX > rect.minX && rect.maxY > rect.minY && scale > 0 && Number.isFinite(width * height)))
    throw new LamellaError(
      'invalid-input',
      `A box from ${rect.minX}, ${rect.minY} to ${rect.maxX}, ${rect.maxY} at scale ${scale} has no size.`,
      {
        hint: 'Give a width and a height above 0, and a scale above 0.',
        fields: { scale },
      },
    );
  if (width * height <= mostPixels) return [width, height];
  throw new LamellaError(
    'over-budget',
    `A picture of ${width} x ${height} pixels is more than the ${mostPixels} that are made at once.`,
    {
      hint: 'Ask for a smaller box or a smaller scale; for all of a stack, fuse it.',
      fields: { width, height, budget: mostPixels },
    },
  );
}

const tooMany = (tiles: number): LamellaError =>
  new LamellaError('over-budget', `${tiles} tiles lie in the box; at most ${mostTiles} are drawn in one picture.`, {
    hint: 'Ask for a smaller box; for all of a stack, fuse it.',
    fields: { tiles, budget: mostTiles },
  });

/** Of 16 bits, what has no range of its own is shown from 0 to the most. */
function atScale(tile: StackTile, { scale, levels }: BoxRequest): StackTile {
  const [a, b, c, d] = tile.stackFromTile;
  const image = imageFor(tile, 1 / (scale * Math.sqrt(Math.abs(a * d - b * c)) || 1));
  const isWide = levels === 'shown' && tile.dtype === 'uint16' && tile.intensity === null;
  return { ...tile, image, ...(isWide && { intensity: [0, 65_535] as const }) };
}

function keyOf(
  { table, of }: PlacedStack,
  numbers: Uint32Array,
  { rect, scale, blend, levels }: BoxRequest,
  tiles: readonly StackTile[],
): string {
  const hash = createHash('sha256').update(hashOfTiles(table, numbers));
  const drawn = tiles.map(({ id, image, intensity }) => [id, image.scale, intensity]);
  const what = [rect.minX, rect.minY, rect.maxX, rect.maxY, scale, blend, levels, table.dtype, of.channel, drawn];
  return `box/v1/${hash
    .update(JSON.stringify([tasks['render-region'].version, ...what]))
    .digest('hex')
    .slice(0, 40)}`;
}

/** With how many pixels are covered behind them. */
function packed(pixels: Uint8Array, coveredPx: number): Uint8Array {
  const bytes = new Uint8Array(pixels.byteLength + 4);
  bytes.set(pixels);
  new DataView(bytes.buffer).setUint32(pixels.byteLength, coveredPx, true);
  return bytes;
}

function unpacked(bytes: Uint8Array): Pick<BoxPixels, 'pixels' | 'coveredPx'> {
  const end = bytes.byteLength - 4;
  const coveredPx = new DataView(bytes.buffer, bytes.byteOffset + end, 4).getUint32(0, true);
  return { pixels: bytes.subarray(0, end), coveredPx };
}
