import type { ReadBox } from '../../../native-workers/voxel-tasks.ts';
import { isLamellaError } from '../../../preload/contract/errors.ts';
import { bytesPerVoxel, type Vec3 } from '../../../preload/contract/space.ts';
import { chunkExtent, levelAt, mapAxes, voxelsIn } from '../formats/pyramid.ts';
import type { BoxAt, ChunkRecipe, OpenVolume } from '../formats/volume-format.ts';
import type { Kernels, Lane } from '../jobs/job.ts';

/** The pool, for boxes that kernels read by themselves. */
export interface FileReading {
  readonly kernels: Kernels;
  readonly lane: Lane;
}

/** A box of fewer bytes is read by one thread: sharing it out costs more than it saves. */
const leastShared = 4 * 2 ** 20;

export interface ReadByFiles {
  readonly voxels: Uint8Array;
  /** Chunks that have no file: to be asked for one by one. */
  readonly missing: readonly Vec3[];
}

/**
 * The box, read by a kernel straight from its files, so that nothing is copied row by row on this thread. Null where
 * the volume has no recipe for some chunk, a file is not as it should be, or the box is more than a kernel holds (512
 * MiB): then reading chunk by chunk goes on, or says what is wrong.
 */
export async function readByFiles(
  volume: OpenVolume,
  box: BoxAt,
  chunks: readonly Vec3[],
  { kernels, lane }: FileReading,
  signal: AbortSignal,
): Promise<ReadByFiles | null> {
  const recipes = await recipesOf(volume, box, chunks, signal);
  const [first] = recipes ?? [];
  if (!recipes || !first) return null;
  const bytes = voxelsIn(box.size) * bytesPerVoxel[volume.plan.dtype];
  const header: ReadBox = {
    dtype: volume.plan.dtype,
    size: box.size,
    stored: first.stored,
    chunks: chunks.map((xyz, i) => partOf(volume, box, xyz, recipes[i] ?? first)),
    threads: bytes < leastShared ? 1 : Math.min(16, kernels.threads),
  };
  try {
    const ran = await kernels.run('read-box', header, { signal, lane });
    return { voxels: ran.outputs[0]!, missing: ran.header.missing.map((i) => chunks[i]!) };
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
): Promise<readonly ChunkRecipe[] | null> {
  const recipes: ChunkRecipe[] = [];
  for (const xyz of chunks) {
    const recipe = await volume.recipe?.({ level, xyz, channel, time }, signal);
    if (!recipe) return null;
    recipes.push(recipe);
  }
  return recipes;
}

/** What of a chunk lies in the box, and where. */
function partOf(volume: OpenVolume, box: BoxAt, xyz: Vec3, recipe: ChunkRecipe): ReadBox['chunks'][number] {
  const extent = chunkExtent(levelAt(volume.plan, box.level), xyz);
  const min = mapAxes((i) => Math.max(extent.min[i], box.min[i]));
  const size = mapAxes((i) => Math.min(extent.min[i] + extent.size[i], box.min[i] + box.size[i]) - min[i]);
  const [x, y, z, c, t] = recipe.from;
  const inChunk = mapAxes((i) => min[i] - extent.min[i]);
  return {
    path: recipe.path,
    offset: recipe.offset,
    ...(recipe.bytes !== undefined && { bytes: recipe.bytes }),
    shape: recipe.shape,
    from: [x + inChunk[0], y + inChunk[1], z + inChunk[2], c, t],
    size,
    at: mapAxes((i) => min[i] - box.min[i]),
  };
}
