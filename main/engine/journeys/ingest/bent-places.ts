import { type ImportedTile, importedStack } from '../../stacks/imported-stack.ts';
import type { JobRun } from '../../jobs/job.ts';
import { layStack } from '../../stacks/lay-stack.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import type { TileLayout } from '../../intake/layout.ts';

/**
 * Where a layout's transforms are more than an affine map, the stage position holds only the nearest: the transforms
 * themselves become a first stack version, as another program placed the tiles. Gives its id: it is hidden still.
 */
export async function layBentPlaces(
  job: JobRun,
  dataset: string,
  { tiles, shared }: TileLayout,
  idOf: ReadonlyMap<string, number>,
): Promise<string | null> {
  const placed = tiles.flatMap(({ name, place, transforms }): ImportedTile[] => {
    const tile = idOf.get(name);
    if (tile === undefined || place.kind !== 'affine') return [];
    return [{ tile, stackFromTile: place.stageFromTile, transforms: transforms ?? null }];
  });
  if (!placed.some(({ transforms }) => transforms)) return null;
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
  await layStack(job, stack);
  return stack.id;
}
