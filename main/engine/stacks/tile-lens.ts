import type { Placement } from '../../../preload/contract/registration.ts';
import { type Affine, composeAffine, invertAffine } from '../../../preload/contract/space.ts';
import { type TransformSpec, transformListSchema } from '../../../preload/contract/transform.ts';
import type { ReadHandle } from '../store/library-store.ts';
import { formatAffine } from '../transforms/tile/affine-classes.ts';
import { nearestAffine } from '../transforms/tile/nearest-affine.ts';
import { type TileMap, tileMapOf } from '../transforms/tile/tile-map.ts';
import { type Solution, affineOfTile, transformsOfTile } from './solve-problems.ts';
import { sharedTransformsOf } from './stack-rows.ts';

/**
 * What bends the picture of a tile before the tile is placed: leading transforms that tiles share, or of TrakEM2's class
 * of lens corrections, that lead the picture to about itself. Solving replaces what comes after them.
 */
export interface TileLens {
  readonly transforms: readonly TransformSpec[];
  readonly shared: ReadonlyMap<string, TransformSpec>;
  readonly sizePx: readonly [number, number];
  /** From the tile's pixels to those of its picture without the bend. */
  readonly map: TileMap;
  /** The affine map nearest to it, and the way back. */
  readonly affine: Affine;
  readonly inverse: Affine;
}

const lensClass = /(NonLinearCoordinateTransform|NonLinearTransform)$/;
/** A lens scales and turns by less than this, and moves the middle of the tile by less than this part of its side. */
const mostOff = 0.25;

/** The lenses of a stack version's tiles: thousands share one, which is read once. */
export class Lenses {
  readonly shared: ReadonlyMap<string, TransformSpec>;
  readonly #known = new Map<string, TileLens | null>();

  constructor(shared: ReadonlyMap<string, TransformSpec>) {
    this.shared = shared;
  }

  /** Null for a tile whose transforms do not begin with a lens. */
  of(transforms: readonly TransformSpec[] | undefined, sizePx: readonly [number, number]): TileLens | null {
    const first = transforms?.findIndex((spec) => !mayBeLens(spec)) ?? 0;
    const leading = first < 0 ? (transforms ?? []) : (transforms ?? []).slice(0, first);
    if (leading.length === 0) return null;
    const key = JSON.stringify([leading, sizePx]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const lens = lensOf(leading, this.shared, sizePx);
    this.#known.set(key, lens);
    return lens;
  }
}

const mayBeLens = ({ refId, className }: TransformSpec): boolean =>
  typeof refId === 'string' || (typeof className === 'string' && lensClass.test(className));

function lensOf(
  transforms: readonly TransformSpec[],
  shared: ReadonlyMap<string, TransformSpec>,
  sizePx: readonly [number, number],
): TileLens | null {
  const { map } = tileMapOf(transforms, shared, sizePx);
  const affine = nearestAffine(map, sizePx);
  const inverse = affine && invertAffine(affine);
  return affine && inverse && isAboutItself(affine, sizePx)
    ? { transforms, shared, sizePx, map, affine, inverse }
    : null;
}

function isAboutItself([a, b, c, d, e, f]: Affine, [width, height]: readonly [number, number]): boolean {
  const [x, y] = [a * (width / 2) + c * (height / 2) + e, b * (width / 2) + d * (height / 2) + f];
  const moved = Math.hypot(x - width / 2, y - height / 2);
  return [a - 1, b, c, d - 1].every((v) => Math.abs(v) < mostOff) && moved < mostOff * Math.min(width, height);
}

/** Where an affine place puts the picture once its lens has been applied: so that both together are nearest to it. */
export const placeBehind = (lens: TileLens | null, place: Affine): Affine =>
  lens ? composeAffine(place, lens.inverse) : place;

/** What a placement says after its lens, as an affine map; exactly, where it is one. */
export function placeAfterLens(lens: TileLens | null, { transforms, stackFromTile }: Placement): Affine {
  if (!lens || !transforms) return placeBehind(lens, stackFromTile);
  const rest = tileMapOf(transforms.slice(lens.transforms.length), lens.shared, lens.sizePx).map;
  return nearestAffine(rest, lens.sizePx) ?? placeBehind(lens, stackFromTile);
}

/** Leads a point of the tile through its lens; it stays where it is without one. */
export function throughLens(lens: TileLens | null, x: number, y: number): readonly [number, number] {
  if (!lens) return [x, y];
  const point = Float64Array.of(x, y);
  lens.map.forward(point, point);
  return [point[0]!, point[1]!];
}

/** The way back: NaN where the lens leads nothing there. */
export function beforeLens(lens: TileLens | null, x: number, y: number): readonly [number, number] {
  if (!lens) return [x, y];
  const point = Float64Array.of(x, y);
  lens.map.inverse(point.slice(), point);
  return [point[0]!, point[1]!];
}

/** The place that a solution of pictures without their bend gives a tile: its lens, and what was solved after it. */
export function solvedPlace(
  lens: TileLens | null,
  solution: Solution,
  tile: number,
): Pick<Placement, 'stackFromTile' | 'transforms'> {
  const affine = affineOfTile(solution, tile);
  const bent = transformsOfTile(solution, tile);
  if (!lens) return { stackFromTile: affine, ...(bent && { transforms: bent }) };
  const transforms = [...lens.transforms, ...(bent ?? [affineLeaf(affine)])];
  const whole = bent && nearestAffine(tileMapOf(transforms, lens.shared, lens.sizePx).map, lens.sizePx);
  // What is nearest to a map and then an affine one is that affine map of what is nearest to the first.
  return { stackFromTile: whole ?? composeAffine(affine, lens.affine), transforms };
}

/** A tile placed by an affine map, its lens kept. */
export function placedBehind(
  lens: TileLens | null,
  stackFromTile: Affine,
): Pick<Placement, 'stackFromTile' | 'transforms'> {
  if (!lens) return { stackFromTile };
  return { stackFromTile, transforms: [...lens.transforms, affineLeaf(placeBehind(lens, stackFromTile))] };
}

const affineLeaf = (affine: Affine): TransformSpec => ({
  type: 'leaf',
  className: 'mpicbg.trakem2.transform.AffineModel2D',
  dataString: formatAffine(affine),
});

interface Sized {
  readonly id: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface LensesOfTiles {
  /** By tile; those without one are not in it. */
  readonly lensOf: ReadonlyMap<number, TileLens>;
  /** What the lenses refer to. */
  readonly shared: ReadonlyMap<string, TransformSpec>;
}

/** The lenses that tiles of a dataset came with: of its first version, where another program placed them. */
export function lensesOfLayout(read: ReadHandle, dataset: string, tiles: readonly Sized[]): LensesOfTiles {
  const first = read.get<{ id: string }>(
    `SELECT id FROM stack WHERE dataset = ? AND version = 1 AND made_by = 'import'`,
    dataset,
  );
  return first ? lensesOfStack(read, first.id, tiles) : { lensOf: new Map(), shared: new Map() };
}

/** The lenses of the tiles of a stack version. */
export function lensesOfStack(read: ReadHandle, stack: string, tiles: readonly Sized[]): LensesOfTiles {
  const lenses = new Lenses(sharedTransformsOf(read, stack));
  const rows = read.all<{ tile: number; transforms: string }>(
    'SELECT tile, transforms FROM placement WHERE stack = ? AND transforms IS NOT NULL',
    stack,
  );
  const transformsOf = new Map(rows.map(({ tile, transforms }) => [tile, transforms]));
  const found = tiles.flatMap(({ id, widthPx, heightPx }) => {
    const transforms = transformsOf.get(id);
    if (transforms === undefined) return [];
    const lens = lenses.of(transformListSchema.parse(JSON.parse(transforms)), [widthPx, heightPx]);
    return lens ? [[id, lens] as const] : [];
  });
  const lensOf = new Map(found);
  return { lensOf, shared: lensOf.size > 0 ? lenses.shared : new Map() };
}
