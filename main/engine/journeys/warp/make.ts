import { randomBytes } from 'node:crypto';
import type { ParsedOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { WarpGrid, warpProcedures, WarpStep } from '../../../../preload/contract/warp.ts';
import { levelAt, mapAxes } from '../../formats/pyramid.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { type StoredVolume, volumeById, volumeRow } from '../../store/volume-rows.ts';
import type { StoredWarp } from '../../store/warp-rows.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { volumeLevels } from '../../volumes/bricks-of.ts';
import { resultFromSource } from '../../volumes/warped/chain.ts';
import { openWarpChain } from '../../volumes/warped/open-warped.ts';
import { placeOfPlan } from '../../volumes/warped/physical-space.ts';
import { gridBoxOf, levelsOfGrid } from '../../volumes/warped/warp-grid.ts';
import type { Call } from '../call.ts';
import { refuseSecret } from '../../volumes/refuse-secret.ts';

/** Adds a warped volume to the library and gives its id. Throws what its chain and its grid throw. */
export async function makeWarp(
  volumes: OpenVolumes,
  library: LibraryStore,
  input: ParsedOf<typeof warpProcedures.create>,
  call: Call,
): Promise<string> {
  const source = volumeById(library.read, input.volume);
  const asked = { steps: resolved(input.steps, call), grid: input.grid };
  const { warp, levels } = await layOut(volumes, library, source, asked, call);
  const id = `volume-${randomBytes(6).toString('hex')}`;
  const name = input.name ?? `${source.volume.name}, warped`.slice(0, 200);
  const { kind, dtype, channels, times, window, display } = source.volume;
  const row = volumeRow({
    volume: {
      ...{ id, name, kind, dtype, channels, times, window, display },
      stack: null,
      levels: levels.drawn,
      originVoxel: levels.originVoxel,
      bytes: null,
      createdAt: new Date().toISOString(),
    },
    folder: null,
    source: null,
    warp,
    // Whose work its voxels are.
    job: source.job,
  });
  library.edit(`Warp ${source.volume.name}`, (tx) => tx.put('volume', row));
  return id;
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
  const { warp, levels } = await layOut(volumes, library, source, { steps, grid: input.grid ?? before.grid }, call);
  library.edit(labelOf(volume.name, before, warp), (tx) =>
    tx.put('volume', {
      id: volume.id,
      warp: JSON.stringify(warp),
      levels: JSON.stringify(levels.drawn),
      origin_voxel: JSON.stringify(levels.originVoxel),
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

interface Asked {
  readonly steps: readonly WarpStep[];
  readonly grid: WarpGrid;
}

/** The map and the levels of the result. Opens what it is made of, so that nothing is kept that can't be seen. */
async function layOut(volumes: OpenVolumes, library: LibraryStore, source: StoredVolume, asked: Asked, call: Call) {
  const { plan } = (await volumes.shown(library, source.volume.id, call.kernels)).volume;
  const like =
    asked.grid.type === 'like' ? (await volumes.shown(library, asked.grid.volume, call.kernels)).volume.plan : null;
  const warp: StoredWarp = {
    source: source.volume.id,
    sourceName: source.volume.name,
    steps: [...asked.steps],
    grid: asked.grid,
    ...placeOfPlan(like ?? plan),
  };
  const chain = await openWarpChain(warp, plan, volumes.inside(library, call.kernels, 'interactive', call.signal));
  try {
    const first = levelAt(plan, 0);
    const box = await gridBoxOf(asked.grid, {
      source: first,
      like: like && levelAt(like, 0),
      field: chain.fieldLevel,
      resultFromSource: resultFromSource(chain, Math.min(...first.voxelSizeNm)),
    });
    const levels = levelsOfGrid(source.volume.name, box, plan.dtype);
    const drawn = volumeLevels({ ...plan, levels }, source.volume.display.dtype);
    return { warp, levels: { drawn, originVoxel: mapAxes((i) => box.originNm[i] / box.voxelSizeNm[i]) } };
  } finally {
    await chain.close();
  }
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
