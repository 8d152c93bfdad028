import type { Placement } from '../../../../preload/contract/registration.ts';
import type { StoredTile } from '../../store/tiles.ts';
import { rmsOf } from './numbers.ts';
import type { SolvedSection } from './solve.ts';

export interface PlacedTile extends Placement {
  readonly source: StoredTile;
}

/**
 * Every tile where the solve put it. Tiles without a kept link (rejected, bad, or matched by no neighbour) lie where the
 * stage put them, moved as their linked neighbours were.
 */
export function placeTiles(solved: readonly SolvedSection[]): readonly PlacedTile[] {
  return solved.flatMap(placeSection);
}

function placeSection(section: SolvedSection): readonly PlacedTile[] {
  const residualsByTile = new Map<number, number[]>();
  for (const { pair, residuals, kept } of section.links) {
    const used = residuals.filter((_, i) => kept[i]);
    for (const { id } of [pair.a, pair.b]) residualsByTile.set(id, [...(residualsByTile.get(id) ?? []), ...used]);
  }
  return section.tiles.map((source, i) => ({
    tile: source.id,
    source,
    stackFromTile: section.stackFromTile[i] ?? source.stageFromTile,
    ...(section.transforms[i] && { transforms: section.transforms[i] }),
    rmsPx: rmsOf(residualsByTile.get(source.id) ?? []),
    placedBy: (section.component[i] ?? -1) < 0 ? ('stage' as const) : ('links' as const),
  }));
}
