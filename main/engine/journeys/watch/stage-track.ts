import {
  type Affine,
  applyAffine,
  boundsOfTile,
  composeAffine,
  invertAffine,
  type Rect,
} from '../../../../preload/contract/space.ts';
import { medianOf } from './limits.ts';

/** A tile as its neighbours see it. */
export interface PlacedTile {
  readonly id: number;
  readonly section: number;
  readonly path: string;
  readonly name: string;
  /** SHA-256 of the file; '' where it could not be read. */
  readonly version: string;
  readonly scale: number;
  readonly sizePx: readonly [number, number];
  readonly stageFromTile: Affine;
}

export interface Neighbours {
  readonly a: PlacedTile;
  readonly b: PlacedTile;
  readonly bFromA: Affine;
  /** Shorter side of the overlap, stage pixels. */
  readonly thicknessPx: number;
}

interface Held {
  readonly tile: PlacedTile;
  readonly bounds: Rect;
}

/** Overlaps below this part of the tile, and those short along both sides, say little. */
const leastAreaPart = 0.01;
const leastSidePart = 0.3;

/** The tiles that are there, found by place: a grid a section, with cells of the first tile's size. */
export class PlacedTiles {
  readonly #cells = new Map<string, Set<number>>();
  readonly #held = new Map<number, Held>();
  readonly #cellPx = new Map<number, number>();

  get(id: number): PlacedTile | undefined {
    return this.#held.get(id)?.tile;
  }

  put(tile: PlacedTile): void {
    this.#remove(tile.id);
    const bounds = boundsOfTile(tile.stageFromTile, ...tile.sizePx);
    if (!this.#cellPx.has(tile.section))
      this.#cellPx.set(tile.section, Math.max(1, bounds.maxX - bounds.minX, bounds.maxY - bounds.minY));
    this.#held.set(tile.id, { tile, bounds });
    for (const key of this.#keysOf(tile.section, bounds)) {
      const cell = this.#cells.get(key) ?? new Set();
      this.#cells.set(key, cell.add(tile.id));
    }
  }

  /** Those that overlap a tile by the stage's word, with the tile itself second. */
  neighboursOf(tile: PlacedTile): readonly Neighbours[] {
    const own = this.#held.get(tile.id);
    if (!own) return [];
    const ids = new Set(this.#keysOf(tile.section, own.bounds).flatMap((key) => [...(this.#cells.get(key) ?? [])]));
    ids.delete(tile.id);
    return [...ids]
      .toSorted((a, b) => a - b)
      .flatMap((id) => {
        const other = this.#held.get(id);
        return (other && pairOf(other, own)) ?? [];
      });
  }

  #remove(id: number): void {
    const held = this.#held.get(id);
    if (!held) return;
    for (const key of this.#keysOf(held.tile.section, held.bounds)) this.#cells.get(key)?.delete(id);
  }

  #keysOf(section: number, { minX, minY, maxX, maxY }: Rect): readonly string[] {
    const side = this.#cellPx.get(section) ?? 1;
    const keys: string[] = [];
    for (let y = Math.floor(minY / side); y <= Math.floor(maxY / side); y++)
      for (let x = Math.floor(minX / side); x <= Math.floor(maxX / side); x++) keys.push(`${section}/${x}/${y}`);
    return keys;
  }
}

function pairOf(a: Held, b: Held): Neighbours | null {
  const width = Math.min(a.bounds.maxX, b.bounds.maxX) - Math.max(a.bounds.minX, b.bounds.minX);
  const height = Math.min(a.bounds.maxY, b.bounds.maxY) - Math.max(a.bounds.minY, b.bounds.minY);
  if (width <= 0 || height <= 0) return null;
  const sides = [a.bounds, b.bounds].map((r) => [r.maxX - r.minX, r.maxY - r.minY] as const);
  const smallerArea = Math.min(...sides.map(([w, h]) => w * h));
  const longerPart = Math.max(...sides.map(([w, h]) => Math.max(width / w, height / h)));
  const bFromStage = invertAffine(b.tile.stageFromTile);
  if (!bFromStage || width * height < leastAreaPart * smallerArea || longerPart < leastSidePart) return null;
  const bFromA = composeAffine(bFromStage, a.tile.stageFromTile);
  return { a: a.tile, b: b.tile, bFromA, thicknessPx: Math.min(width, height) };
}

/** How far a tile may lie from its stage position: three quarters of the overlap. */
export const searchPxOf = ({ thicknessPx }: Neighbours): number =>
  Math.min(400, Math.max(12, Math.round(0.75 * thicknessPx)));

/** Where tile b lies, less where the stage says, as seen from tile a: stage pixels. `at`: a place that both show. */
export function offOf(
  { a, b }: Neighbours,
  at: { readonly a: readonly [number, number]; readonly b: readonly [number, number] },
): readonly [number, number] {
  const [ax, ay] = applyAffine(a.stageFromTile, ...at.a);
  const [bx, by] = applyAffine(b.stageFromTile, ...at.b);
  return [ax - bx, ay - by];
}

type Point = readonly [number, number];

/** So many tiles before say where the stage is. */
const remembered = 5;

/**
 * Follows where the stage really is: each tile's offset from the stage's word is the median over its matched neighbours
 * of their offset and the displacement between them, so that a jump shows once and not in all that follow it.
 */
export class StageTrack {
  readonly #offset = new Map<number, Point>();
  #last: { readonly section: number; readonly offsets: Point[] } | null = null;

  /**
   * Takes a tile with the displacements from its neighbours. `stepPx`: how far its offset lies from that of the tile
   * before and from that of the last few; null where there is nothing to compare with.
   */
  take(
    tile: PlacedTile,
    links: readonly { readonly from: number; readonly offPx: Point }[],
  ): { readonly stepPx: number | null; readonly driftPx: number } {
    if (this.#last?.section !== tile.section) this.#last = { section: tile.section, offsets: [] };
    const { offsets } = this.#last;
    const seen = links.map(({ from, offPx: [x, y] }): Point => {
      const [fromX, fromY] = this.#offset.get(from) ?? [0, 0];
      return [fromX + x, fromY + y];
    });
    const offset = seen.length > 0 ? middleOf(seen) : (offsets.at(-1) ?? [0, 0]);
    this.#offset.set(tile.id, offset);
    const before = offsets.at(-1);
    const stepPx =
      seen.length === 0 || !before ? null : Math.min(distance(offset, before), distance(offset, middleOf(offsets)));
    offsets.push(offset);
    if (offsets.length > remembered) offsets.shift();
    return { stepPx, driftPx: Math.hypot(...offset) };
  }

  /** How far two tiles lie from each other, less what the stage says, by all that is known of them. */
  apartPx(a: number, b: number): number {
    return distance(this.#offset.get(a) ?? [0, 0], this.#offset.get(b) ?? [0, 0]);
  }
}

const middleOf = (points: readonly Point[]): Point => [
  medianOf(points.map(([x]) => x)),
  medianOf(points.map(([, y]) => y)),
];
const distance = ([ax, ay]: Point, [bx, by]: Point): number => Math.hypot(ax - bx, ay - by);
