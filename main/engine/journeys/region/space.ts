import type { Atlas } from '../../../../preload/contract/atlas.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { treeOf } from '../../atlases/atlas-rows.ts';
import { openWay } from '../../atlases/open-way.ts';
import type { PlacedVoxels } from '../../atlases/region-tally.ts';
import { valuesInSpace } from '../../atlases/regions-in-space.ts';
import { sideVolume } from '../../atlases/side-volume.ts';
import { midlineOf } from '../../atlases/sides.ts';
import {
  plainValueOf,
  regionValueOf,
  type ValueChunks,
  type ValueOf,
  valueChunks,
  valuesAt,
} from '../../atlases/value-chunks.ts';
import { wayFrom } from '../../atlases/way-from.ts';
import { idOfStep } from '../../atlases/way-to.ts';
import { chunkExtent, chunksOf, gridOf, levelAt, mapAxes, voxelsIn } from '../../formats/pyramid.ts';
import type { OpenVolume, VolumeLevelPlan } from '../../formats/volume-format.ts';
import type { JobRun } from '../../jobs/job.ts';
import { levelFor } from '../../registrations/level-for.ts';
import type { PointMap } from '../../transforms/point-map.ts';
import type { OpenedVolume, OpenVolumes } from '../../volumes/open-volumes.ts';
import { openedTogether } from '../../volumes/opened-together.ts';
import { replaced } from '../../volumes/replaced.ts';

export interface SpaceAsked {
  readonly atlas: Atlas;
  /** The volume in whose space is measured. */
  readonly space: string;
  readonly level: number | undefined;
  readonly hemispheres: boolean;
}

/** A block of the level that is measured. */
export interface Block {
  readonly xyz: Vec3;
  readonly min: Vec3;
  readonly size: Vec3;
}

/** Regions and sides of a space, block by block and at points. The caller closes it. */
export interface MeasuredSpace {
  readonly volume: OpenVolume;
  readonly level: number;
  readonly grid: VolumeLevelPlan;
  readonly through: readonly string[];
  readonly tellsSides: boolean;
  blocks(): readonly Block[];
  placed(block: Block, signal: AbortSignal): Promise<PlacedVoxels>;
  /** `points`: of the space, and led away. Values below 0 are in no region. */
  atPoints(points: Float64Array, signal: AbortSignal): Promise<{ values: Int32Array; sides: Int32Array | null }>;
  close(): Promise<void>;
}

/** Throws 'invalid-input' where nothing leads from the space to the atlas, and what opening the volumes throws. */
export const openSpace = (
  volumes: OpenVolumes,
  job: JobRun,
  { atlas, space, level: asked, hemispheres }: SpaceAsked,
): Promise<MeasuredSpace> =>
  openedTogether(async (keep) => {
    const { library, kernels, signal } = job;
    const way = wayFrom(library, atlas, space);
    const open = async (id: string): Promise<OpenedVolume> => keep(await volumes.ofJob(library, id, kernels, signal));
    const { volume } = await open(space);
    const annotation = finestOf((await open(atlas.annotation)).volume);
    const marks = hemispheres && atlas.hemispheres !== null ? finestOf((await open(atlas.hemispheres)).volume) : null;
    const midline = hemispheres ? midlineOf(atlas.orientation, levelAt(annotation.plan, 0)) : null;
    const sides = marks ?? (midline && sideVolume(levelAt(annotation.plan, 0), midline));
    const finest = Math.min(...levelAt(annotation.plan, 0).voxelSizeNm);
    const level = asked ?? levelFor(volume.plan.levels, finest);
    const grid = inBlocks(levelAt(volume.plan, level));
    const led = keep(await openWay({ volumes, library, kernels, signal, lane: 'batch' }, way));
    const values = (labels: OpenVolume, valueOf: ValueOf): Placed => ({
      map: led.map,
      chunks: valuesInSpace({ labels, valueOf, way: led, levels: [grid], kernels, lane: 'batch' }),
      own: valueChunks(labels, valueOf, kernels),
    });
    const placed = {
      regions: values(annotation, regionValueOf(treeOf(library, atlas.id))),
      sides: sides && values(sides, plainValueOf),
    };
    const through = way.map(idOfStep);
    return { volume, level, grid, through, tellsSides: sides !== null, ...placing(grid, placed) };
  });

interface Placed {
  readonly map: PointMap;
  /** On the grid of the space. */
  readonly chunks: ValueChunks;
  /** On their own. */
  readonly own: ValueChunks;
}

function placing(
  grid: VolumeLevelPlan,
  { regions, sides }: { readonly regions: Placed; readonly sides: Placed | null },
): Pick<MeasuredSpace, 'blocks' | 'placed' | 'atPoints'> {
  return {
    blocks: () => [...chunksOf(grid)].map((xyz) => ({ xyz, ...chunkExtent(grid, xyz) })),
    placed: async ({ xyz, size }, signal) => {
      const values = await regions.chunks.chunk(0, xyz, signal);
      const told = sides && values.length > 0 ? await sides.chunks.chunk(0, xyz, signal) : null;
      return { count: voxelsIn(size), values, sides: told };
    },
    atPoints: async (points, signal) => {
      await regions.map.apply(points, signal);
      const values = await valuesAt(regions.own, points, signal);
      return { values, sides: sides && (await valuesAt(sides.own, points, signal)) };
    },
  };
}

/** Regions are those of the finest voxels, however coarse the level that is measured. */
const finestOf = (volume: OpenVolume): OpenVolume =>
  replaced(volume, { plan: { ...volume.plan, levels: [levelAt(volume.plan, 0)] }, notes: volume.notes });

/** Voxels of a block: about as many, and whole chunks, so that each is read once; a chunk of more is parted. */
const [fewVoxels, mostVoxels] = [2 ** 19, 2 ** 22];

function inBlocks(level: VolumeLevelPlan): VolumeLevelPlan {
  const block: [number, number, number] = [...mapAxes((i) => Math.min(level.chunkXyz[i], level.sizeXyz[i]))];
  while (voxelsIn(block) > mostVoxels) {
    const longest = block.lastIndexOf(Math.max(...block)) as 0 | 1 | 2;
    block[longest] = Math.ceil(block[longest] / 2);
  }
  for (;;) {
    const open = ([0, 1, 2] as const).filter((i) => block[i] < level.sizeXyz[i]);
    const [shortest] = open.toSorted((a, b) => block[a] - block[b]);
    if (shortest === undefined || 2 * voxelsIn(block) > fewVoxels) break;
    block[shortest] *= 2;
  }
  return { ...level, chunkXyz: block, gridXyz: gridOf(level.sizeXyz, block) };
}
