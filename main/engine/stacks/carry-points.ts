import { type InTile, isInside, shownBy, type StackPoint } from './coordinates.ts';
import type { MappedTile, StackMaps } from './section-maps.ts';

export interface CarriedPoint {
  readonly place: StackPoint | null;
  /** The tile that it was carried by. */
  readonly through: string | null;
  /** Why it could not be carried. */
  readonly reason?: string;
}

/** A place that leads there and back farther apart than this lies in a fold. */
const samePx = 0.01;

/**
 * Leads points from one stack version to another through the tiles that show them: of several, the one drawn on top that
 * the other version places, too. Tiles are the same where their names are.
 */
export function carryPoints(from: StackMaps, to: StackMaps, points: readonly StackPoint[]): readonly CarriedPoint[] {
  const carried: CarriedPoint[] = Array.from(points, () => ({ place: null, through: null }));
  const byTile = new Map<MappedTile, { at: number; in: InTile }[]>();
  shownBy(from, points).forEach(({ tiles, reason }, at) => {
    if (reason !== undefined) carried[at] = { place: null, through: null, reason };
    const best = tiles.findLast(({ tile }) => to.tile(tile.name) !== null);
    const target = best && to.tile(best.tile.name);
    if (!best || !target) return void (carried[at] = missing(tiles, carried[at]!));
    const same = byTile.get(target);
    if (same) same.push({ at, in: best });
    else byTile.set(target, [{ at, in: best }]);
  });
  for (const [target, members] of byTile) {
    const places = ledOn(
      target,
      members.map((member) => member.in),
    );
    members.forEach(({ at }, k) => (carried[at] = places[k]!));
  }
  return carried;
}

const missing = (tiles: readonly InTile[], already: CarriedPoint): CarriedPoint =>
  tiles.length === 0
    ? already
    : {
        place: null,
        through: null,
        reason: `the other stack does not place ${tiles.map(({ tile }) => `"${tile.name}"`).join(', nor ')}`,
      };

/** Where a tile's map leads places in it; those that it does not lead back again lie in a fold. */
export function ledOn(tile: MappedTile, places: readonly Pick<InTile, 'x' | 'y'>[]): readonly CarriedPoint[] {
  const local = Float64Array.from(places.flatMap(({ x, y }) => [x, y]));
  const [led, back] = [new Float64Array(local.length), new Float64Array(local.length)];
  tile.map.forward(local, led);
  tile.map.inverse(led, back, local);
  return places.map(({ x, y }, k) => {
    const through = tile.name;
    const refuse = (reason: string): CarriedPoint => ({ place: null, through, reason });
    if (tile.problems.length > 0) return refuse(`the place of tile "${through}" is not known: ${tile.problems[0]}`);
    if (!isInside(tile, x, y)) return refuse(`it lies outside tile "${through}" (${tile.sizePx.join(' x ')} px)`);
    const isSame = Math.hypot(back[2 * k]! - x, back[2 * k + 1]! - y) <= samePx;
    if (!isSame) return refuse(`the map of tile "${through}" folds there`);
    return { place: { x: led[2 * k]!, y: led[2 * k + 1]!, section: tile.section }, through };
  });
}
