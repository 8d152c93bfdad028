import type { ReadBox } from '../../../native-workers/voxel-tasks.ts';
import { isLamellaError } from '../../../preload/contract/errors.ts';
import { bytesPerVoxel, type Vec3 } from '../../../preload/contract/space.ts';
import { chunkExtent, levelAt, mapAxes, voxelsIn } from '../formats/pyramid.ts';
import type { ChunkRecipe, OpenVolume } from '../formats/volume-format.ts';
import type { Kernels, Lane } from '../jobs/job.ts';
import type { BoxAt } from './read-box.ts';

/** The pool, for boxes that kernels read by themselves. */
export interface FileReading {
  readonly kernels: Kernels;
  readonly lane: Lane;
}

/** A box of fewer bytes goes to one worker: sharing it out costs more than it saves. */
const leastShared = 4 * 2 ** 20;
/** A slab is no larger, so that a worker's memory stays small. */
const mostSlabBytes = 64 * 2 ** 20;

interface Row {
  /** Along z, in voxels of the box. */
  readonly z: number;
  readonly depth: number;
  readonly chunks: readonly Vec3[];
}

export interface ReadByFiles {
  readonly voxels: Uint8Array;
  /** Chunks that have no file: to be asked for one by one. */
  readonly missing: readonly Vec3[];
}

/**
 * The box read by kernels straight from its files, slab by slab along z, so that nothing is copied row by row on this
 * thread. Null where the volume has no recipe for some chunk, or a file is not as it should be: then reading chunk by
 * chunk goes on, or says what is wrong.
 */
export async function readByFiles(
  volume: OpenVolume,
  box: BoxAt,
  chunks: readonly Vec3[],
  { kernels, lane }: FileReading,
  signal: AbortSignal,
): Promise<ReadByFiles | null> {
  const recipes = await recipesOf(volume, box, chunks, signal);
  if (!recipes) return null;
  const width = bytesPerVoxel[volume.plan.dtype];
  const slabs = slabsOf(volume, box, chunks, kernels.threads);
  try {
    const read = await Promise.all(
      slabs.map(async (slab) => {
        const header = headerOf(volume, box, slab, recipes);
        const ran = await kernels.run('read-box', header, { signal, lane });
        return { slab, missing: ran.header.missing.map((i) => slab.chunks[i]!), voxels: ran.outputs[0]! };
      }),
    );
    const missing = read.flatMap((one) => one.missing);
    const [first] = read;
    if (first && read.length === 1) return { voxels: first.voxels, missing };
    const voxels = new Uint8Array(voxelsIn(box.size) * width);
    for (const { slab, voxels: part } of read) voxels.set(part, slab.z * box.size[0] * box.size[1] * width);
    return { voxels, missing };
  } catch (error) {
    if (isLamellaError(error, 'bad-source', 'verification-failed', 'over-budget', 'not-found')) return null;
    throw error;
  }
}

async function recipesOf(
  volume: OpenVolume,
  { level, channel, time }: BoxAt,
  chunks: readonly Vec3[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Vec3, ChunkRecipe> | null> {
  const recipes = new Map<Vec3, ChunkRecipe>();
  for (const xyz of chunks) {
    const recipe = await volume.recipe?.({ level, xyz, channel, time }, signal);
    if (!recipe) return null;
    recipes.set(xyz, recipe);
  }
  return recipes;
}

/** Rows of chunks along z, put together to as many slabs as there are threads, where the box is worth it. */
function slabsOf(volume: OpenVolume, box: BoxAt, chunks: readonly Vec3[], threads: number): readonly Row[] {
  const level = levelAt(volume.plan, box.level);
  const planeBytes = box.size[0] * box.size[1] * bytesPerVoxel[volume.plan.dtype];
  const bytes = planeBytes * box.size[2];
  const wanted = bytes < leastShared ? 1 : Math.max(2 * threads, Math.ceil(bytes / mostSlabBytes));
  const depth = Math.max(1, Math.ceil(box.size[2] / wanted));
  const slabs: Row[] = [];
  for (const z of new Set(chunks.map((xyz) => xyz[2]))) {
    const { min, size } = chunkExtent(level, [0, 0, z]);
    const from = Math.max(min[2], box.min[2]) - box.min[2];
    const end = Math.min(min[2] + size[2], box.min[2] + box.size[2]) - box.min[2];
    const row = chunks.filter((xyz) => xyz[2] === z);
    const last = slabs.at(-1);
    if (last && last.depth + end - from <= depth)
      slabs[slabs.length - 1] = { z: last.z, depth: last.depth + end - from, chunks: [...last.chunks, ...row] };
    else slabs.push({ z: from, depth: end - from, chunks: row });
  }
  return slabs;
}

function headerOf(volume: OpenVolume, box: BoxAt, slab: Row, recipes: ReadonlyMap<Vec3, ChunkRecipe>): ReadBox {
  const level = levelAt(volume.plan, box.level);
  const [corner, size]: [Vec3, Vec3] = [
    [box.min[0], box.min[1], box.min[2] + slab.z],
    [box.size[0], box.size[1], slab.depth],
  ];
  let stored: ReadBox['stored'] = {};
  const chunks = slab.chunks.map((xyz) => {
    const extent = chunkExtent(level, xyz);
    const recipe = recipes.get(xyz)!;
    ({ stored } = recipe);
    const min = mapAxes((i) => Math.max(extent.min[i], corner[i]));
    const part = mapAxes((i) => Math.min(extent.min[i] + extent.size[i], corner[i] + size[i]) - min[i]);
    const from = recipe.from.map((n, i) => n + (i < 3 ? min[i as 0 | 1 | 2] - extent.min[i as 0 | 1 | 2] : 0));
    return {
      path: recipe.path,
      offset: recipe.offset,
      ...(recipe.bytes !== undefined && { bytes: recipe.bytes }),
      shape: recipe.shape,
      from: from as [number, number, number, number, number],
      size: part,
      at: mapAxes((i) => min[i] - corner[i]),
    };
  });
  return { dtype: volume.plan.dtype, size, stored, chunks };
}
