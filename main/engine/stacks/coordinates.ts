import { invertAffine } from '../../../preload/contract/space.ts';
import { affinePlane } from '../transforms/tile/plane-map.ts';
import type { MappedTile, StackMaps } from './section-maps.ts';
import { TileIndex } from './tile-index.ts';

/** A point of a stack version: pixels of stack space, and a section. */
export interface StackPoint {
  readonly x: number;
  readonly y: number;
  readonly section: number;
}

/** A place in a tile, level-0 pixels. */
export interface InTile {
  readonly tile: MappedTile;
  readonly x: number;
  readonly y: number;
}

/** The tiles that show a point, in the order in which they are drawn: the last lies on top. Or why there is none. */
export interface Shown {
  readonly tiles: readonly InTile[];
  readonly reason?: string;
}

/** Tiles whose bounds are this near are looked into: bounds of bent tiles are sampled. */
const marginPx = 1;
/** A place this little outside a tile lies on its edge. */
const edgePx = 1e-6;

/** Where points lie in the tiles of a stack version. Each tile's points are led back together. */
export function shownBy(maps: StackMaps, points: readonly StackPoint[]): readonly Shown[] {
  const shown: Shown[] = Array.from(points, () => ({ tiles: [] }));
  for (const [section, numbers] of bySection(points)) {
    const tiles = maps.tilesOf(section);
    const found = tiles.length === 0 ? null : lookIn(tiles, points, numbers);
    for (const at of numbers)
      shown[at] = found?.get(at) ?? { tiles: [], reason: `the stack places no tile of section ${section}` };
  }
  return shown;
}

function bySection(points: readonly StackPoint[]): ReadonlyMap<number, readonly number[]> {
  const sections = new Map<number, number[]>();
  points.forEach(({ section }, at) => {
    const same = sections.get(section);
    if (same) same.push(at);
    else sections.set(section, [at]);
  });
  return sections;
}

function lookIn(
  tiles: readonly MappedTile[],
  points: readonly StackPoint[],
  numbers: readonly number[],
): ReadonlyMap<number, Shown> {
  const places = new Map<number, InTile[]>(numbers.map((at) => [at, []]));
  const lost = new Map<number, string>();
  nearTiles(tiles, points, numbers).forEach((near, order) => {
    const tile = tiles[order]!;
    const led = ledBack(tile, points, near);
    near.forEach((at, k) => {
      const [x, y] = [led[2 * k]!, led[2 * k + 1]!];
      if (Number.isNaN(x)) lost.set(at, lostIn(tile));
      else if (isInside(tile, x, y)) places.get(at)?.push({ tile, x, y });
    });
  });
  return new Map(numbers.map((at) => [at, shownAt(places.get(at) ?? [], points[at]!, lost.get(at))]));
}

function shownAt(tiles: readonly InTile[], { section }: StackPoint, lost: string | undefined): Shown {
  if (tiles.length > 0) return { tiles };
  return { tiles, reason: lost ?? `no tile of section ${section} lies there` };
}

const lostIn = ({ name, problems }: MappedTile): string =>
  problems[0] === undefined
    ? `the map of tile "${name}" folds there, or leads nowhere`
    : `the place of tile "${name}" is not known: ${problems[0]}`;

/** For each tile, the numbers of the points near it. */
function nearTiles(
  tiles: readonly MappedTile[],
  points: readonly StackPoint[],
  numbers: readonly number[],
): readonly number[][] {
  const bounds = Float64Array.from(tiles.flatMap(({ bounds: b }) => [b.minX, b.minY, b.maxX, b.maxY]));
  const tilePx = Math.max(...tiles[0]!.sizePx);
  const index = new TileIndex(
    { bounds, tilePx },
    Uint32Array.from(tiles, (_, order) => order),
  );
  const near: number[][] = tiles.map(() => []);
  for (const at of numbers) {
    const { x, y } = points[at]!;
    const around = { minX: x - marginPx, minY: y - marginPx, maxX: x + marginPx, maxY: y + marginPx };
    for (const order of index.touching(around)) near[order]!.push(at);
  }
  return near;
}

/** NaN where the map leads nowhere, and where it could not be read. */
function ledBack(tile: MappedTile, points: readonly StackPoint[], numbers: readonly number[]): Float64Array {
  const wanted = Float64Array.from(numbers.flatMap((at) => [points[at]!.x, points[at]!.y]));
  if (tile.problems.length > 0) return wanted.fill(NaN);
  const nearest = invertAffine(tile.stackFromTile);
  const start = wanted.slice();
  if (nearest) affinePlane(nearest).lead(start);
  tile.map.inverse(wanted, wanted, nearest ? start : undefined);
  return wanted;
}

export const isInside = ({ sizePx: [width, height] }: MappedTile, x: number, y: number): boolean =>
  x >= -edgePx && x <= width + edgePx && y >= -edgePx && y <= height + edgePx;
