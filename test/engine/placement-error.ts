import type { Placement } from '../../preload/contract/registration.ts';
import type { Tile } from '../../preload/contract/dataset.ts';
import { applyAffine } from '../../preload/contract/space.ts';

export interface PlacementError {
  readonly rmsPx: number;
  readonly maxPx: number;
  readonly tiles: number;
}

/**
 * How far tile centres lie from the truth once each section's own mean shift is removed: a section as a whole has no
 * true place, only its tiles have, to one another. Distances in pixels.
 */
export function placementError(
  tiles: readonly Tile[],
  placements: readonly Placement[],
  trueCorner: (tile: Tile) => readonly [number, number] | null,
): PlacementError {
  const placed = new Map(placements.map((p) => [p.tile, p.stackFromTile]));
  const bySection = new Map<number, (readonly [number, number])[]>();
  for (const tile of tiles) {
    const [map, truth] = [placed.get(tile.id), trueCorner(tile)];
    if (!map || !truth) continue;
    const [w, h] = [tile.widthPx / 2, tile.heightPx / 2];
    const [x, y] = applyAffine(map, w, h);
    bySection.set(tile.section, [...(bySection.get(tile.section) ?? []), [x - truth[0] - w, y - truth[1] - h]]);
  }
  const distances = [...bySection.values()].flatMap((errors) => {
    const mean = [0, 1].map((axis) => errors.reduce((sum, e) => sum + (e[axis] ?? 0), 0) / errors.length);
    return errors.map(([x, y]) => Math.hypot(x - (mean[0] ?? 0), y - (mean[1] ?? 0)));
  });
  return {
    rmsPx: Math.sqrt(distances.reduce((sum, d) => sum + d * d, 0) / distances.length),
    maxPx: Math.max(...distances),
    tiles: distances.length,
  };
}
