import { type ImportedTile, importedStack } from '../../stacks/imported-stack.ts';
import { storeStack } from '../../stacks/stack-rows.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import type { WriteHandle } from '../../store/library-store.ts';
import type { TileLayout } from '../../intake/layout.ts';

/**
 * Where a layout's transforms are more than an affine map, the stage position holds only the nearest: the transforms
 * themselves become a first stack version, as another program placed the tiles.
 */
export function storeBentPlaces(
  tx: WriteHandle,
  job: { readonly id: string },
  dataset: string,
  { tiles, shared }: TileLayout,
  idOf: ReadonlyMap<string, number>,
): void {
  const placed = tiles.flatMap(({ name, place, transforms }): ImportedTile[] => {
    const tile = idOf.get(name);
    if (tile === undefined || place.kind !== 'affine') return [];
    return [{ tile, stackFromTile: place.stageFromTile, transforms: transforms ?? null }];
  });
  if (!placed.some(({ transforms }) => transforms)) return;
  const stack = importedStack({
    id: idOfJob('stack', job.id),
    dataset,
    job: job.id,
    name: 'as imported',
    parameters: { from: 'layout' },
    tiles: placed,
    shared: shared ?? new Map(),
    reasons: [],
  });
  storeStack(tx, stack);
}
