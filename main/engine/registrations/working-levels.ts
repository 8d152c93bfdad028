import type { Vec3 } from '../../../preload/contract/space.ts';
import { mapAxes, voxelsIn } from '../formats/pyramid.ts';
import type { OpenVolume } from '../formats/volume-format.ts';
import { type GridAt, type GridEnv, gridVoxels, readGrid } from './grid-input.ts';
import { alike } from './level-for.ts';
import { clipped } from './level-range.ts';
import { readMask } from './mask-input.ts';

/** Where voxels lie: nanometres of volume space; the origin is the outer corner of the first. */
export interface WorkingGrid {
  readonly sizeXyz: Vec3;
  readonly voxelSizeNm: Vec3;
  readonly originNm: Vec3;
}

/** Levels of a volume at a resolution, as the kernels of deformations take them. */
export interface WorkingLevels extends WorkingGrid {
  /** x fastest. NaN: no data. */
  readonly levels: Float32Array<ArrayBuffer>;
  /** 0: does not count. */
  readonly counts: Uint8Array<ArrayBuffer> | null;
}

/** How many voxels along each axis become one that is no longer than `resolutionNm`; thick sections stay as they are. */
export const factorsFor = (
  { sizeXyz, voxelSizeNm }: Pick<WorkingGrid, 'sizeXyz' | 'voxelSizeNm'>,
  resolutionNm: number,
): Vec3 => mapAxes((i) => (sizeXyz[i] === 1 ? 1 : Math.max(1, Math.floor((alike * resolutionNm) / voxelSizeNm[i]))));

/** What is left of a grid where so many voxels become one: the last may hold fewer. */
export function coarserGrid({ sizeXyz, voxelSizeNm, originNm }: WorkingGrid, by: Vec3): WorkingGrid {
  return {
    sizeXyz: mapAxes((i) => Math.ceil(sizeXyz[i] / by[i])),
    voxelSizeNm: mapAxes((i) => voxelSizeNm[i] * by[i]),
    originNm,
  };
}

/** One level, channel and time of a volume, averaged to a resolution; `mask`: a volume that is 0 where it does not count. */
export async function readWorking(
  at: GridAt,
  grid: WorkingGrid,
  mask: OpenVolume | null,
  resolutionNm: number,
  env: GridEnv,
): Promise<WorkingLevels> {
  const by = factorsFor(grid, resolutionNm);
  const stored = gridVoxels(await readGrid(at, env), at.volume.plan.dtype);
  const coarse = coarserGrid(grid, by);
  const counts = mask && new Uint8Array(await readMask(mask, grid, env));
  const levels = clipped(averaged(stored, grid.sizeXyz, by, counts));
  return { ...coarse, levels, counts: counts && mostOf(counts, grid.sizeXyz, by) };
}

/** The same at a coarser resolution. */
export function coarser(of: WorkingLevels, by: Vec3): WorkingLevels {
  if (by.every((factor) => factor === 1)) return of;
  return {
    ...coarserGrid(of, by),
    levels: averaged(of.levels, of.sizeXyz, by, of.counts),
    counts: of.counts && mostOf(of.counts, of.sizeXyz, by),
  };
}

/** A voxel counts where at least half of it does. */
const mostOf = (counts: Uint8Array, size: Vec3, by: Vec3): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(averaged(counts, size, by, null), (share) => (share >= 0.5 ? 1 : 0));

/** Means over blocks of `by` voxels of those that count, all where `counts` is null; 0 where none does. */
function averaged(of: ArrayLike<number>, size: Vec3, by: Vec3, counts: Uint8Array | null): Float32Array<ArrayBuffer> {
  if (by.every((factor) => factor === 1)) return Float32Array.from(of);
  const out = mapAxes((i) => Math.ceil(size[i] / by[i]));
  const [sums, many] = [new Float32Array(voxelsIn(out)), new Float32Array(voxelsIn(out))];
  const [width, height, depth] = size;
  const columns = Int32Array.from({ length: width }, (_, x) => Math.floor(x / by[0]));
  for (let z = 0, at = 0; z < depth; z++)
    for (let y = 0; y < height; y++) {
      const row = (Math.floor(z / by[2]) * out[1] + Math.floor(y / by[1])) * out[0];
      for (let x = 0; x < width; x++, at++) {
        if (counts?.[at] === 0) continue;
        sums[row + columns[x]!]! += of[at]!;
        many[row + columns[x]!]! += 1;
      }
    }
  return sums.map((sum, i) => sum / Math.max(1, many[i]!));
}
