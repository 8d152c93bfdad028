import type { LinkMisfit } from '../../../preload/contract/solve.ts';
import { transformListSchema } from '../../../preload/contract/transform.ts';
import type { ReadHandle } from '../store/library-store.ts';
import { type TileMap, tileMapOf, tileMapOfAffine } from '../transforms/tile/tile-map.ts';
import { sharedTransformsOf } from './stack-rows.ts';
import { affineOf } from './tile-rows.ts';

interface LinkRow {
  readonly a: number;
  readonly b: number;
  /** As stored-links reads them: tile pixels. */
  readonly points: string;
}

interface StoredPoint {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
}

/** How far the points of each link of these tiles lie apart, as a stack version places the tiles. */
export function misfitsOf(read: ReadHandle, stack: string, tiles: readonly number[]): readonly LinkMisfit[] {
  const ids = JSON.stringify(tiles);
  const links = read.all<LinkRow>(
    `SELECT tile_a AS a, tile_b AS b, points FROM link WHERE stack = ? AND points <> '[]'
       AND (tile_a IN (SELECT value FROM json_each(?)) OR tile_b IN (SELECT value FROM json_each(?)))
     ORDER BY tile_a, tile_b`,
    stack,
    ids,
    ids,
  );
  const maps = mapsOf(read, stack, new Set(links.flatMap(({ a, b }) => [a, b])));
  return links.flatMap(({ a, b, points }) => {
    const [ofA, ofB] = [maps.get(a), maps.get(b)];
    return ofA && ofB ? [{ tileA: a, tileB: b, ...misfitOf(JSON.parse(points) as StoredPoint[], ofA, ofB) }] : [];
  });
}

/** How far points lie apart that two tiles show, where these maps lead them. */
export function misfitOf(
  points: readonly StoredPoint[],
  ofA: TileMap,
  ofB: TileMap,
): Pick<LinkMisfit, 'meanPx' | 'rmsPx'> {
  const [a, b] = [Float64Array.from(points.flatMap((p) => p.a)), Float64Array.from(points.flatMap((p) => p.b))];
  ofA.forward(a, a);
  ofB.forward(b, b);
  const apart = b.map((v, i) => v - (a[i] ?? Number.NaN));
  const mean = (axis: 0 | 1): number => apart.reduce((sum, v, i) => sum + (i % 2 === axis ? v : 0), 0) / points.length;
  return {
    meanPx: [mean(0), mean(1)],
    rmsPx: Math.sqrt(apart.reduce((sum, v) => sum + v * v, 0) / points.length),
  };
}

function mapsOf(read: ReadHandle, stack: string, tiles: ReadonlySet<number>): ReadonlyMap<number, TileMap> {
  const shared = sharedTransformsOf(read, stack);
  const rows = read.all<{ tile: number; affine: string; transforms: string | null }>(
    `SELECT tile, stack_from_tile AS affine, transforms FROM placement
     WHERE stack = ? AND tile IN (SELECT value FROM json_each(?))`,
    stack,
    JSON.stringify([...tiles]),
  );
  return new Map(
    rows.map(({ tile, affine, transforms }) => [
      tile,
      transforms === null
        ? tileMapOfAffine(affineOf(affine))
        : tileMapOf(transformListSchema.parse(JSON.parse(transforms)), shared).map,
    ]),
  );
}
