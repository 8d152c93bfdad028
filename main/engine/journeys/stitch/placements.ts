import { applyAffine, type Affine, composeAffine } from '../../../../preload/contract/space.ts';
import type { Placement } from '../../../../preload/contract/registration.ts';
import type { StoredTile } from '../../store/tiles.ts';
import { rmsOf } from './numbers.ts';
import type { SolvedSection } from './solve.ts';

export interface PlacedTile extends Placement {
  readonly source: StoredTile;
}

/**
 * Places every tile of the dataset: linked ones where the solve put them; the others (rejected, bad, or without a kept
 * link) at their stage position moved as their linked neighbours were.
 */
export function placeTiles(tiles: readonly StoredTile[], solved: readonly SolvedSection[]): readonly PlacedTile[] {
  const linked = new Map<number, PlacedTile>();
  const shiftsBySection = new Map<number, readonly Shift[]>();
  for (const section of solved) {
    const placed = linkedTiles(section);
    for (const tile of placed) linked.set(tile.tile, tile);
    shiftsBySection.set(section.section, placed.map(shiftOf));
  }
  return tiles.map((tile) => linked.get(tile.id) ?? followNeighbours(tile, shiftsBySection.get(tile.section) ?? []));
}

function linkedTiles(section: SolvedSection): readonly PlacedTile[] {
  const residualsByTile = new Map<number, number[]>();
  for (const { pair, residuals, kept } of section.links) {
    const used = residuals.filter((_, i) => kept[i]);
    for (const { id } of [pair.a, pair.b]) residualsByTile.set(id, [...(residualsByTile.get(id) ?? []), ...used]);
  }
  return section.tiles.flatMap((source, i) => {
    const stackFromTile = section.stackFromTile[i];
    if (!stackFromTile || (section.component[i] ?? -1) < 0) return [];
    return [
      {
        tile: source.id,
        source,
        stackFromTile,
        rmsPx: rmsOf(residualsByTile.get(source.id) ?? []),
        placedBy: 'links' as const,
      },
    ];
  });
}

/** How the solve moved the centre of a tile, from stage to stack. */
interface Shift {
  readonly at: readonly [number, number];
  readonly by: readonly [number, number];
}

const centreOf = (tile: StoredTile, map: Affine): readonly [number, number] =>
  applyAffine(map, tile.widthPx / 2, tile.heightPx / 2);

function shiftOf({ source, stackFromTile }: PlacedTile): Shift {
  const at = centreOf(source, source.stageFromTile);
  const to = centreOf(source, stackFromTile);
  return { at, by: [to[0] - at[0], to[1] - at[1]] };
}

const neighbours = 8;

/** The mean shift of the nearest linked tiles, nearer ones weighing more (inverse square distance). */
function followNeighbours(source: StoredTile, shifts: readonly Shift[]): PlacedTile {
  const [x, y] = centreOf(source, source.stageFromTile);
  const floor = (source.widthPx + source.heightPx) ** 2 / 16;
  const near = shifts
    .map(({ at, by }) => ({ by, distance2: (at[0] - x) ** 2 + (at[1] - y) ** 2 }))
    .toSorted((a, b) => a.distance2 - b.distance2)
    .slice(0, neighbours)
    .map(({ by, distance2 }) => ({ by, weight: 1 / (distance2 + floor) }));
  const total = near.reduce((sum, { weight }) => sum + weight, 0);
  const mean = (axis: 0 | 1): number =>
    total > 0 ? near.reduce((sum, { by, weight }) => sum + by[axis] * weight, 0) / total : 0;
  return {
    tile: source.id,
    source,
    stackFromTile: composeAffine([1, 0, 0, 1, mean(0), mean(1)], source.stageFromTile),
    rmsPx: 0,
    placedBy: 'stage',
  };
}
