import type { ParsedOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { warpProcedures, WarpStep } from '../../../../preload/contract/warp.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { type StoredVolume, volumeById } from '../../store/volume-rows.ts';
import type { StoredWarp } from '../../store/warp-rows.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { refuseSecret } from '../../volumes/refuse-secret.ts';
import { addWarp, layOutWarp } from '../../volumes/warped/new-warp.ts';
import type { Call } from '../call.ts';

/** Adds a warped volume to the library and gives its id. Throws what its chain and its grid throw. */
export function makeWarp(
  volumes: OpenVolumes,
  library: LibraryStore,
  { volume, name, steps, grid }: ParsedOf<typeof warpProcedures.create>,
  call: Call,
): Promise<string> {
  const { kernels, signal } = call;
  return addWarp({ volumes, library, kernels, signal }, { source: volume, name, steps: resolved(steps, call), grid });
}

/** Gives a warped volume other steps or another grid. */
export async function remakeWarp(
  volumes: OpenVolumes,
  library: LibraryStore,
  input: ParsedOf<typeof warpProcedures.update>,
  call: Call,
): Promise<void> {
  const stored = volumeById(library.read, input.volume);
  const { volume } = stored;
  const before = warpOfStored(stored);
  const steps = input.steps ? resolved(input.steps, call) : before.steps;
  const source = volumeById(library.read, before.source);
  const { kernels, signal } = call;
  const asked = { steps, grid: input.grid ?? before.grid };
  const { warp, levels, originVoxel } = await layOutWarp({ volumes, library, kernels, signal }, source, asked);
  library.edit(labelOf(volume.name, before, warp), (tx) =>
    tx.put('volume', {
      id: volume.id,
      warp: JSON.stringify(warp),
      levels: JSON.stringify(levels),
      origin_voxel: JSON.stringify(originVoxel),
    }),
  );
}

/** Throws 'invalid-input' for a volume that is not warped. */
export function warpOfStored({ volume, warp }: StoredVolume): StoredWarp {
  if (warp) return warp;
  throw new LamellaError('invalid-input', `${volume.name} is not seen through a map.`, {
    hint: 'warp list names the warped volumes of a library; warp create makes one.',
    fields: { volume: volume.id },
  });
}

/** Paths made absolute; the library keeps no secrets. */
const resolved = (steps: readonly WarpStep[], call: Call): readonly WarpStep[] =>
  steps.map((step) => {
    if (step.type !== 'field') return step;
    refuseSecret(step.source);
    return { ...step, source: call.source(step.source, step.allowPrivate) };
  });

function labelOf(name: string, before: StoredWarp, now: StoredWarp): string {
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  if (same(before.steps, now.steps)) return `Lay out ${name} anew`;
  const others = (steps: readonly WarpStep[]) => steps.filter(({ type }) => type !== 'landmarks');
  return same(others(before.steps), others(now.steps)) ? `Move landmarks of ${name}` : `Change the map of ${name}`;
}
