import { randomBytes } from 'node:crypto';
import type { Volume } from '../../../../preload/contract/library.ts';
import type { WarpGrid, WarpStep } from '../../../../preload/contract/warp.ts';
import { levelAt, mapAxes } from '../../formats/pyramid.ts';
import type { Kernels } from '../../jobs/job.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { type StoredVolume, volumeById, volumeRow } from '../../store/volume-rows.ts';
import type { StoredWarp } from '../../store/warp-rows.ts';
import { volumeLevels } from '../bricks-of.ts';
import type { OpenVolumes } from '../open-volumes.ts';
import { resultFromSource } from './chain.ts';
import { openWarpChain } from './open-warped.ts';
import { placeOfPlan } from './physical-space.ts';
import { gridBoxOf, levelsOfGrid } from './warp-grid.ts';

export interface WarpRoom {
  readonly volumes: OpenVolumes;
  readonly library: LibraryStore;
  readonly kernels: Kernels;
  readonly signal: AbortSignal;
}

export interface AskedWarp {
  /** Paths in them are absolute. */
  readonly steps: readonly WarpStep[];
  readonly grid: WarpGrid;
}

export interface NewWarp extends AskedWarp {
  /** The volume that is seen. */
  readonly source: string;
  readonly name: string | undefined;
}

/** Adds a warped volume to the library and gives its id. Throws what its chain and its grid throw. */
export async function addWarp(room: WarpRoom, { source: seen, name, ...asked }: NewWarp): Promise<string> {
  const source = volumeById(room.library.read, seen);
  const { warp, levels, originVoxel } = await layOutWarp(room, source, asked);
  const id = `volume-${randomBytes(6).toString('hex')}`;
  const { kind, dtype, channels, times, window, display } = source.volume;
  const row = volumeRow({
    volume: {
      ...{ id, kind, dtype, channels, times, window, display, levels, originVoxel },
      name: name ?? `${source.volume.name}, warped`.slice(0, 200),
      stack: null,
      bytes: null,
      createdAt: new Date().toISOString(),
    },
    folder: null,
    source: null,
    warp,
    // Whose work its voxels are.
    job: source.job,
  });
  room.library.edit(`Warp ${source.volume.name}`, (tx) => tx.put('volume', row));
  return id;
}

export interface LaidOut {
  readonly warp: StoredWarp;
  readonly levels: Volume['levels'];
  readonly originVoxel: Volume['originVoxel'];
}

/** The map and the levels of the result. Opens what it is made of, so that nothing is kept that can't be seen. */
export async function layOutWarp(room: WarpRoom, source: StoredVolume, asked: AskedWarp): Promise<LaidOut> {
  const { volumes, library, kernels, signal } = room;
  const { plan } = (await volumes.shown(library, source.volume.id, kernels)).volume;
  const like =
    asked.grid.type === 'like' ? (await volumes.shown(library, asked.grid.volume, kernels)).volume.plan : null;
  const warp: StoredWarp = {
    source: source.volume.id,
    sourceName: source.volume.name,
    steps: [...asked.steps],
    grid: asked.grid,
    ...placeOfPlan(like ?? plan),
  };
  const chain = await openWarpChain(warp, plan, volumes.inside(library, kernels, 'interactive', signal));
  try {
    const first = levelAt(plan, 0);
    const box = await gridBoxOf(asked.grid, {
      source: first,
      like: like && levelAt(like, 0),
      field: chain.fieldLevel,
      resultFromSource: resultFromSource(chain, Math.min(...first.voxelSizeNm)),
    });
    const levels = levelsOfGrid(source.volume.name, box, plan.dtype);
    return {
      warp,
      levels: [...volumeLevels({ ...plan, levels }, source.volume.display.dtype)],
      originVoxel: mapAxes((i) => box.originNm[i] / box.voxelSizeNm[i]),
    };
  } finally {
    await chain.close();
  }
}
