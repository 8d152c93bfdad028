import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool } from '../../main/engine/jobs/pool.ts';
import type { TaskInput } from '../../native-workers/tasks.ts';
import { makeTexture } from '../engine/acquisition.ts';
import { encodePng } from '../engine/png.ts';
import { gaussian, seededRandom } from '../formats/mutate.ts';

/** Side of the tiles, and how far the stage may be off, pixels. */
const sidePx = 384;
const searchPx = 75;
/** Places of one piece of tissue lie at least this far apart along an axis: no search can bring them over each other. */
const apartPx = sidePx + 2 * searchPx;

type Random = () => number;
/** Grey levels of a square tile, rows of `sidePx`. */
type Levels = Float64Array;

/** Kinds of tiles that show different places, so that none belongs to another. */
export const unrelatedKinds = ['em', 'fluorescence', 'repeated', 'shared light', 'real em', 'real ssTEM'] as const;
export type UnrelatedKind = (typeof unrelatedKinds)[number];

const shared = join(import.meta.dirname, '../../../shared/data');
const realFolders = { 'real em': join(shared, 'em-tiles-2x2'), 'real ssTEM': join(shared, 'ssTEM-vnc/raw') } as const;

/** Whether tiles of a kind can be had: the real ones are only where the shared data is. */
export const hasKind = (kind: UnrelatedKind): boolean => !(kind in realFolders) || existsSync(shared);

const fromPixels = (level: (x: number, y: number) => number): Levels =>
  Float64Array.from({ length: sidePx * sidePx }, (_, i) => level(i % sidePx, Math.floor(i / sidePx)));

/** Brighter in the middle by 20 %, with dust that is in the same places of every tile. */
function lightOf(x: number, y: number): number {
  const [u, v] = [(2 * x) / sidePx - 1, (2 * y) / sidePx - 1];
  const dust = [0, 1, 2, 3, 4].some((i) => Math.hypot(x - (61 + 67 * i), y - ((97 * i + 40) % sidePx)) < 5);
  return (1 - 0.1 * (u * u + v * v)) * (dust ? 0.8 : 1);
}

/** A camera of its own for each tile: gain 0.7 to 1.3, offset to 30, shared light, noise of SD 4. */
function photograph(levels: Levels, random: Random): Uint8Array {
  const [gain, offset] = [0.7 + 0.6 * random(), 60 * random() - 30];
  return Uint8Array.from(levels, (level, i) => {
    const light = lightOf(i % sidePx, Math.floor(i / sidePx));
    return Math.min(255, Math.max(0, Math.round(gain * level * light + offset + 4 * gaussian(random))));
  });
}

/** A piece of tissue of its own, at pixels from 0 to `extentPx`. */
function drawn(
  kind: Exclude<UnrelatedKind, keyof typeof realFolders>,
  random: Random,
  extentPx: number = sidePx,
): (x: number, y: number) => number {
  const texture = makeTexture(extentPx, Math.floor(random() * 2 ** 31));
  const at = (x: number, y: number): number => texture.at(x, y);
  const [period, phaseX, phaseY] = [9 + 31 * random(), random() * 40, random() * 40];
  const wave = (v: number): number => Math.sin((2 * Math.PI * v) / period);
  switch (kind) {
    case 'em':
      // Dark membranes along the contours of a slow texture.
      return (x, y) => 150 + 18 * at(x, y) - 90 * Math.exp(-((at(x / 4, y / 4) / 0.15) ** 2));
    case 'fluorescence':
      return (x, y) => 22 + 70 * Math.max(0, at(x / 2, y / 2) - 1.3) ** 1.5;
    case 'repeated':
      return (x, y) => 128 + 35 * wave(x + phaseX) + 35 * wave(y + phaseY);
    case 'shared light':
      return () => 150;
  }
}

/** A tile, and the place that it shows: tiles of different places share nothing. */
interface PlacedTile {
  readonly levels: Levels;
  readonly place: string;
}

/**
 * Cuts from the corners of real pictures. Neighbouring camera tiles share less than lies beyond the cuts; serial sections
 * show the same place alike, so a place counts once there.
 */
async function cuts(pool: Pool, kind: keyof typeof realFolders): Promise<readonly PlacedTile[]> {
  const folder = realFolders[kind];
  const names = readdirSync(folder).filter((name) => /^(\d+\.tif|col.*\.png)$/.test(name));
  const pictures = await Promise.all(names.map((name) => pool.run('decode-tile', { path: join(folder, name) })));
  return pictures.flatMap(({ header: { sizePx }, outputs: [pixels] }, of) =>
    [0, apartPx].flatMap((left) =>
      [0, apartPx].map((top) => ({
        levels: fromPixels((x, y) => pixels?.[(top + y) * sizePx[0] + left + x] ?? 0),
        place: `${kind === 'real em' ? of : ''} ${left} ${top}`,
      })),
    ),
  );
}

function written(path: string, pixels: Uint8Array): TaskInput<'correlate-pair'>['a'] {
  writeFileSync(path, encodePng({ width: sidePx, height: sidePx, pixels }));
  return { path, scale: 1, sizePx: [sidePx, sidePx] };
}

/** What was asked and what was taken for a match, though nothing is. */
export interface FalseAccepts {
  readonly pairs: number;
  readonly accepted: readonly string[];
}

/**
 * Matches `count` pairs of `most` tiles of a kind as if the stage had put them side by side, with 5 to 30 % overlap; half
 * of them for a translation, half for a turn, whose cells are matched one by one.
 */
export async function falseAccepts(
  pool: Pool,
  folder: string,
  kind: UnrelatedKind,
  { tiles: most, pairs: count }: { readonly tiles: number; readonly pairs: number },
): Promise<FalseAccepts> {
  const random = seededRandom(1 + unrelatedKinds.indexOf(kind));
  const tiles =
    kind === 'real em' || kind === 'real ssTEM'
      ? await cuts(pool, kind)
      : Array.from({ length: most }, (_, i) => ({ levels: fromPixels(drawn(kind, random)), place: `${i}` }));
  const images = tiles.map(({ levels }, i) => written(join(folder, `${kind} ${i}.png`), photograph(levels, random)));
  const accepted: string[] = [];
  for (let pair = 0; pair < count;) {
    const [i, j] = [random, random].map((pick) => Math.floor(pick() * tiles.length));
    const [a, b] = [images[i ?? 0], images[j ?? 0]];
    if (!a || !b || tiles[i ?? 0]?.place === tiles[j ?? 0]?.place) continue;
    const [step, aside] = [sidePx * (0.7 + 0.25 * random()), 20 * random() - 10];
    const [x, y] = random() < 0.5 ? [step, aside] : [aside, step];
    const model = pair % 2 === 0 ? 'translation' : 'affine';
    const { points, ncc } = (await pool.run('correlate-pair', { a, b, bFromA: [1, 0, 0, 1, -x, -y], searchPx, model }))
      .header;
    if (points.length > 0) accepted.push(`${kind} ${i} and ${j} as ${model}: ${points.length} points, NCC ${ncc}`);
    pair += 1;
  }
  return { pairs: count, accepted };
}

/**
 * The reverse: `count` pairs of neighbours through the same cameras, 5 to 30 % overlap, whom the stage puts up to 50 px off.
 * Those that are not placed within half a pixel.
 */
export async function lostNeighbours(
  pool: Pool,
  folder: string,
  kind: 'em' | 'fluorescence',
  count: number,
): Promise<readonly string[]> {
  const random = seededRandom(100 + unrelatedKinds.indexOf(kind));
  const lost: string[] = [];
  for (let pair = 0; pair < count; pair++) {
    const tissue = drawn(kind, random, 2 * sidePx);
    const [step, aside] = [Math.round(sidePx * (0.7 + 0.25 * random())), Math.round(20 * random())];
    const by = random() < 0.5 ? ([step, aside] as const) : ([aside, step] as const);
    const [a, b] = [[0, 0] as const, by].map(([left, top], i) =>
      written(
        join(folder, `${kind} neighbour ${pair} ${i}.png`),
        photograph(
          fromPixels((x, y) => tissue(left + x, top + y)),
          random,
        ),
      ),
    );
    if (!a || !b) continue;
    const [x, y] = by.map((v) => v + 100 * random() - 50);
    const model = pair % 2 === 0 ? 'translation' : 'affine';
    const { points, reason } = (
      await pool.run('correlate-pair', { a, b, bFromA: [1, 0, 0, 1, -(x ?? 0), -(y ?? 0)], searchPx, model })
    ).header;
    const miss = Math.max(...points.map((p) => Math.hypot(p.a[0] - p.b[0] - by[0], p.a[1] - p.b[1] - by[1])));
    if (points.length === 0 || miss > 0.5)
      lost.push(`${kind} ${pair} as ${model}, by ${by.join(', ')}: ${points.length > 0 ? `${miss} px off` : reason}`);
  }
  return lost;
}
