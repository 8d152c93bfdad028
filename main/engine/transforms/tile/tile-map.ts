import { type Affine, invertAffine } from '../../../../preload/contract/space.ts';
import type { TransformSpec } from '../../../../preload/contract/transform.ts';
import { Folds } from './folds.ts';
import { PlaneSearch } from './plane-search.ts';
import { affinePlane, type PlaneMap } from './plane-map.ts';
import { chainOf } from './transform-chain.ts';

/** From the level-0 pixels of a tile (x, y pairs; outer corner of the first pixel at 0, 0) to those of its stack. */
export interface TileMap {
  /** The map, exactly, where the whole chain is affine; null otherwise. */
  readonly affine: Affine | null;
  /** Tile to stack. `out` may be `points`. */
  forward(points: Float64Array, out: Float64Array): void;
  /**
   * Stack to tile, to 1e-6 px: exact where the map is affine, by Newton's method elsewhere, begun at `start` (tile
   * pixels) or at the tile's middle. A NaN pair where no place is found and where the map folds: there it turns the tile
   * over, or leads there from several places of the tile.
   */
  inverse(points: Float64Array, out: Float64Array, start?: Float64Array): void;
  /** Four numbers a point: how x' grows with x and with y, then how y' does. */
  slopes(points: Float64Array, out: Float64Array): void;
  /** The share of the tile that the map turns over, 0 to 1; 0 where the tile's size is not known. */
  foldedShare(): number;
}

export interface ReadTileMap {
  readonly map: TileMap;
  /** In plain words, one for each transform that could not be read and stands as the identity: not to be trusted. */
  readonly problems: readonly string[];
}

/** The map of a tile's transforms, first to last; `sizePx` (width, height) says where to look for inverses and folds. */
export function tileMapOf(
  transforms: readonly TransformSpec[],
  shared: ReadonlyMap<string, TransformSpec>,
  sizePx?: readonly [number, number],
): ReadTileMap {
  const { map, problems } = chainOf(transforms, shared);
  return { map: tileMapOfPlane(map, sizePx), problems };
}

export const tileMapOfAffine = (affine: Affine): TileMap => tileMapOfPlane(affinePlane(affine));

export function tileMapOfPlane(map: PlaneMap, sizePx: readonly [number, number] = [0, 0]): TileMap {
  const forward: TileMap['forward'] = (points, out) => {
    if (out !== points) out.set(points);
    map.lead(out);
  };
  const slopes: TileMap['slopes'] = (points, out) => {
    for (let k = 0; k < out.length; k++) out[k] = k % 4 === 0 || k % 4 === 3 ? 1 : 0;
    map.lead(points.slice(), out);
  };
  if (map.affine)
    return { affine: map.affine, forward, slopes, inverse: inverseOfAffine(map.affine), foldedShare: () => 0 };
  const folds = new Folds(map, sizePx);
  const inverse: TileMap['inverse'] = (points, out, start) => {
    if (folds.share > 0) return folds.inverse(points, out);
    const begin = start?.slice() ?? repeated(sizePx, points.length);
    new PlaneSearch(map, points, begin, folds.isMirrored).run(out);
  };
  return { affine: null, forward, slopes, inverse, foldedShare: () => folds.share };
}

function inverseOfAffine(affine: Affine): TileMap['inverse'] {
  const inverse = invertAffine(affine);
  const back = inverse && affinePlane(inverse);
  return (points, out) => {
    if (!back) return void out.fill(NaN);
    if (out !== points) out.set(points);
    back.lead(out);
  };
}

/** The middle of the tile, for each point. */
function repeated(sizePx: readonly [number, number], length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => sizePx[i % 2 === 0 ? 0 : 1] / 2);
}
