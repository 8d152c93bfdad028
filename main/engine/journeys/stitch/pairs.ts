import {
  type Affine,
  boundsOfTile,
  composeAffine,
  invertAffine,
  type Rect,
} from '../../../../preload/contract/space.ts';
import type { TileImage } from '../../../../native-workers/tile-image.ts';
import { groupBy } from '../../stacks/group-by.ts';
import { medianOf } from './numbers.ts';
import type { StoredTile } from '../../store/tiles.ts';

/** Two tiles of one section that the stage says overlap. */
export interface TilePair {
  readonly a: StoredTile;
  readonly b: StoredTile;
  readonly section: number;
  /** Tile b's pixel of a pixel of tile a, by the stage. */
  readonly bFromA: Affine;
  /** Shorter side of the overlap, stage pixels. */
  readonly thicknessPx: number;
}

/** Overlaps below this part of the smaller tile are left alone. */
const leastAreaPart = 0.01;
/** Overlaps at the corners only, short along both sides, say little and cost as much as the others. */
const leastSidePart = 0.3;

/**
 * Pairs of tiles of the same section whose places overlap, in an order that keeps a cache of decoded tiles warm:
 * section, then top to bottom and left to right. O(n log n + pairs) for grids.
 */
export function findPairs(tiles: readonly StoredTile[]): readonly TilePair[] {
  const sections = [...groupBy(tiles, (tile) => tile.section)].toSorted(([a], [b]) => a - b);
  return sections.flatMap(([section, members]) => pairsOfSection(section, members));
}

interface Placed {
  readonly tile: StoredTile;
  readonly bounds: Rect;
}

function pairsOfSection(section: number, tiles: readonly StoredTile[]): readonly TilePair[] {
  const placed = tiles.map((tile) => ({ tile, bounds: boundsOfTile(tile.stageFromTile, tile.widthPx, tile.heightPx) }));
  placed.sort((a, b) => a.bounds.minX - b.bounds.minX || a.bounds.minY - b.bounds.minY || a.tile.id - b.tile.id);
  const pairs: { readonly pair: TilePair; readonly top: number; readonly left: number }[] = [];
  placed.forEach((first, i) => {
    for (let j = i + 1; j < placed.length; j++) {
      const second = placed[j];
      if (!second || second.bounds.minX >= first.bounds.maxX) break;
      const pair = pairOf(section, first, second);
      if (pair) pairs.push({ pair, top: Math.min(first.bounds.minY, second.bounds.minY), left: first.bounds.minX });
    }
  });
  pairs.sort((p, q) => p.top - q.top || p.left - q.left || p.pair.a.id - q.pair.a.id || p.pair.b.id - q.pair.b.id);
  return pairs.map(({ pair }) => pair);
}

function pairOf(section: number, first: Placed, second: Placed): TilePair | null {
  const [a, b] = first.tile.id < second.tile.id ? [first, second] : [second, first];
  const width = Math.min(a.bounds.maxX, b.bounds.maxX) - Math.max(a.bounds.minX, b.bounds.minX);
  const height = Math.min(a.bounds.maxY, b.bounds.maxY) - Math.max(a.bounds.minY, b.bounds.minY);
  if (width <= 0 || height <= 0) return null;
  const sides = [a.bounds, b.bounds].map((r) => [r.maxX - r.minX, r.maxY - r.minY] as const);
  const smallerArea = Math.min(...sides.map(([w, h]) => w * h));
  const longerPart = Math.max(...sides.map(([w, h]) => Math.max(width / w, height / h)));
  if (width * height < leastAreaPart * smallerArea || longerPart < leastSidePart) return null;
  const bFromStage = invertAffine(b.tile.stageFromTile);
  if (!bFromStage) return null;
  return {
    a: a.tile,
    b: b.tile,
    section,
    bFromA: composeAffine(bFromStage, a.tile.stageFromTile),
    thicknessPx: Math.min(width, height),
  };
}

/** How far a tile may lie from its stage position where the user does not say: three quarters of the usual overlap. */
export function defaultSearchPx(pairs: readonly TilePair[]): number {
  if (pairs.length === 0) return 32;
  return Math.min(400, Math.max(12, Math.round(0.75 * medianOf(pairs.map((pair) => pair.thicknessPx)))));
}

/** The file of a tile as kernels take it. */
export function tileImage(tile: StoredTile): TileImage {
  return { path: tile.path, scale: 2 ** tile.mipmapLevel, sizePx: [tile.widthPx, tile.heightPx] };
}
