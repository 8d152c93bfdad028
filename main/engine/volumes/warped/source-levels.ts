import type { Vec3 } from '../../../../preload/contract/space.ts';
import { levelAt, mapAxes } from '../../formats/pyramid.ts';
import type { VolumePlan } from '../../formats/volume-format.ts';
import type { PointMap } from '../../transforms/point-map.ts';

/** Along each axis of the result, where it is measured how far the map spreads voxels. */
const probes = 3;
/** A level of the source is coarse enough for voxels up to this much smaller than its own. */
const slack = 1.3;

/**
 * For each level of the result, that of the source whose voxels are no larger than a step from voxel to voxel leads
 * there: the coarsest such level, so that the least is read and nothing is left out between samples.
 */
export async function sourceLevels(
  result: VolumePlan,
  source: VolumePlan,
  map: PointMap,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const first = levelAt(result, 0);
  const spread = await spreadOf(first, map, signal);
  return result.levels.map(({ voxelSizeNm }) => {
    const reach = mapAxes((row) =>
      [0, 1, 2].reduce((sum, i) => sum + (spread[row]?.[i] ?? 0) * (voxelSizeNm[i] ?? 0), 0),
    );
    const fits = (size: Vec3): boolean => ([0, 1, 2] as const).every((i) => size[i] <= slack * reach[i]);
    return Math.max(
      0,
      source.levels.findLastIndex((level) => fits(level.voxelSizeNm)),
    );
  });
}

/** Nanometres along each axis of the source (row) for one along each of the result (column): the middle of what is seen. */
async function spreadOf(
  { originNm, sizeXyz, voxelSizeNm }: VolumePlan['levels'][number],
  map: PointMap,
  signal: AbortSignal,
): Promise<readonly (readonly number[])[]> {
  const points: number[] = [];
  for (let i = 0; i < probes ** 3; i++) {
    const n = [i % probes, Math.floor(i / probes) % probes, Math.floor(i / probes ** 2)];
    const at = mapAxes((k) => originNm[k] + (sizeXyz[k] * voxelSizeNm[k] * (n[k]! + 0.5)) / probes);
    for (let step = 0; step < 4; step++) points.push(...mapAxes((k) => at[k] + (step === k + 1 ? voxelSizeNm[k] : 0)));
  }
  const led = Float64Array.from(points);
  await map.apply(led, signal);
  return [0, 1, 2].map((row) => [0, 1, 2].map((column) => middle(led, row, column, voxelSizeNm[column as 0 | 1 | 2])));
}

function middle(led: Float64Array, row: number, column: number, stepNm: number): number {
  const seen: number[] = [];
  for (let at = 0; at < led.length; at += 12) {
    const slope = Math.abs(led[at + 3 * (column + 1) + row]! - led[at + row]!) / stepNm;
    if (Number.isFinite(slope)) seen.push(slope);
  }
  seen.sort((a, b) => a - b);
  return seen[Math.floor(seen.length / 2)] ?? (row === column ? 1 : 0);
}
