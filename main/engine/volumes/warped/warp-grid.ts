import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Vec3, VoxelType } from '../../../../preload/contract/space.ts';
import type { WarpGrid } from '../../../../preload/contract/warp.ts';
import { mapAxes, planVolume } from '../../formats/pyramid.ts';
import type { VolumeLevelPlan } from '../../formats/volume-format.ts';
import type { PointMap } from '../../transforms/point-map.ts';

/** A box of space with voxels. */
export interface GridBox {
  readonly originNm: Vec3;
  readonly sizeXyz: Vec3;
  readonly voxelSizeNm: Vec3;
}

/** What a grid may be taken from. */
export interface GridEnv {
  readonly source: VolumeLevelPlan;
  readonly like: VolumeLevelPlan | null;
  readonly field: VolumeLevelPlan | null;
  readonly resultFromSource: PointMap;
}

/** Throws 'invalid-input' where there is nothing to take it from, or nothing of the source lies anywhere. */
export async function gridBoxOf(grid: WarpGrid, env: GridEnv): Promise<GridBox> {
  if (grid.type === 'box') return grid;
  const from = grid.type === 'like' ? env.like : grid.type === 'field' ? env.field : env.source;
  if (!from) throw noGrid();
  const own = grid.type === 'around' ? await around(env) : extentOf(from);
  return withVoxels(own, grid.voxelSizeNm ?? from.voxelSizeNm);
}

interface Extent {
  readonly min: Vec3;
  readonly max: Vec3;
}

const extentOf = ({ originNm, sizeXyz, voxelSizeNm }: GridBox): Extent => ({
  min: originNm,
  max: mapAxes((i) => originNm[i] + sizeXyz[i] * voxelSizeNm[i]),
});

function withVoxels({ min, max }: Extent, voxelSizeNm: Vec3): GridBox {
  // A whole number of voxels may have become a little more than that.
  const sizeXyz = mapAxes((i) => Math.max(1, Math.ceil((max[i] - min[i]) / voxelSizeNm[i] - 1e-6)));
  return { originNm: min, sizeXyz, voxelSizeNm };
}

/** Along each edge of the source, where it is looked whither its surface leads. */
const probes = 9;

async function around({ source, resultFromSource }: GridEnv): Promise<Extent> {
  const { min, max } = extentOf(source);
  const at = (i: 0 | 1 | 2, n: number): number => min[i] + ((max[i] - min[i]) * n) / (probes - 1);
  const points: number[] = [];
  for (let z = 0; z < probes; z++)
    for (let y = 0; y < probes; y++) for (let x = 0; x < probes; x++) points.push(at(0, x), at(1, y), at(2, z));
  const led = Float64Array.from(points);
  await resultFromSource.apply(led);
  const found: Extent = {
    min: mapAxes((i) => least(led, i, Math.min, Infinity)),
    max: mapAxes((i) => least(led, i, Math.max, -Infinity)),
  };
  if (found.min.every(Number.isFinite)) return found;
  throw new LamellaError('invalid-input', 'The map leads no part of the source anywhere.', {
    hint: 'Check the landmarks or the field, or name the grid of another volume.',
  });
}

function least(points: Float64Array, axis: number, pick: (a: number, b: number) => number, from: number): number {
  let found = from;
  for (let p = axis; p < points.length; p += 3) if (Number.isFinite(points[p])) found = pick(found, points[p]!);
  return found;
}

const flatFrom = 2;

/** The levels of a result: bricks are chunks, cubes or, where voxels are much longer along z, flat. */
export function levelsOfGrid(name: string, box: GridBox, dtype: VoxelType): readonly VolumeLevelPlan[] {
  const [x, y, z] = box.voxelSizeNm;
  const isFlat = z > flatFrom * Math.min(x, y);
  const chunkXyz: Vec3 = box.sizeXyz[2] === 1 ? [256, 256, 1] : isFlat ? [128, 128, 16] : [64, 64, 64];
  return planVolume({ name, dtype, chunkXyz, ...box }).levels;
}

const noGrid = (): LamellaError =>
  new LamellaError('invalid-input', 'The chain has no field whose grid the result could have.', {
    hint: 'Take the grid of the source, or of another volume of the library.',
  });
