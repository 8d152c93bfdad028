import { mapAxes } from '../formats/pyramid.ts';
import type { VolumeLevelPlan } from '../formats/volume-format.ts';
import { determinant3 } from '../transforms/affine3.ts';
import type { PointMap } from '../transforms/point-map.ts';
import type { WorkingGrid } from './working-levels.ts';

/** How a map changes volumes, and how it is led back, at places of a level. Plain JSON: what the ledger keeps. */
export interface LocalChange {
  /** Determinants of the map's derivative; where it leads nowhere there is none. */
  readonly determinants: readonly number[];
  /** How far there and back misses, µm, where there lies inside of the other volume. */
  readonly missesUm: readonly number[];
}

/** Along each axis, between the points that a derivative is told by: a part of a voxel, so that no fold hides in between. */
const stepPart = 0.25;
/** From a place to the next along x, y, z, for the derivative, and the place itself first. */
const stencil = [-1, 0, 1, 2];

/** Places in equal distances, `most` along the longest axis, those of section `z` of them. */
export function placesIn({ originNm, sizeXyz, voxelSizeNm }: VolumeLevelPlan, most: number) {
  const counts = mapAxes((i) => Math.min(most, sizeXyz[i]));
  return {
    sections: counts[2],
    section: (z: number): Float64Array =>
      Float64Array.from({ length: 3 * counts[0] * counts[1] }, (_, i) => {
        const axis = (i % 3) as 0 | 1 | 2;
        const at = Math.floor(i / 3);
        const step = axis === 0 ? at % counts[0] : axis === 1 ? Math.floor(at / counts[0]) : z;
        return originNm[axis] + ((step + 0.5) / counts[axis]) * sizeXyz[axis] * voxelSizeNm[axis];
      }),
  };
}

export interface ThereAndBack {
  /** From the level's volume to the other, and from there back. */
  readonly there: PointMap;
  readonly back: PointMap;
  /** The other volume. */
  readonly other: VolumeLevelPlan;
}

/** At places (x, y, z of each, nm) of a volume whose voxels measure `voxelSizeNm`. */
export async function localChange(
  places: Float64Array,
  voxelSizeNm: VolumeLevelPlan['voxelSizeNm'],
  { there, back, other }: ThereAndBack,
  signal: AbortSignal,
): Promise<LocalChange> {
  const count = places.length / 3;
  const step = mapAxes((i) => stepPart * voxelSizeNm[i]);
  const led = new Float64Array(12 * count);
  for (let p = 0; p < count; p++)
    for (const [n, axis] of stencil.entries())
      for (let k = 0; k < 3; k++) led[12 * p + 3 * n + k] = places[3 * p + k]! + (axis === k ? step[axis as 0] : 0);
  await there.apply(led, signal);
  const determinants = Array.from({ length: count }, (_, p) => determinantAt(led, 12 * p, step)).filter(
    Number.isFinite,
  );
  const again = Float64Array.from({ length: 3 * count }, (_, i) => led[12 * Math.floor(i / 3) + (i % 3)]!);
  const lies = Array.from({ length: count }, (_, p) => isIn(again, 3 * p, other));
  await back.apply(again, signal);
  const missed = (p: number): number =>
    Math.hypot(...[0, 1, 2].map((k) => again[3 * p + k]! - places[3 * p + k]!)) / 1000;
  const missesUm = lies.flatMap((isInside, p) => (isInside && Number.isFinite(missed(p)) ? [missed(p)] : []));
  return { determinants, missesUm };
}

/** `at`: of a place that was led, followed by those a step further along x, y, z. */
function determinantAt(led: Float64Array, at: number, step: readonly number[]): number {
  const slope = (row: number, column: number): number =>
    (led[at + 3 * (column + 1) + row]! - led[at + row]!) / step[column]!;
  return determinant3([0, 1, 2].flatMap((row) => [slope(row, 0), slope(row, 1), slope(row, 2), 0]));
}

/** Whether the point at an offset lies in the voxels. */
export const isIn = (points: Float64Array, at: number, { originNm, sizeXyz, voxelSizeNm }: WorkingGrid): boolean =>
  ([0, 1, 2] as const).every((i) => {
    const voxel = (points[at + i]! - originNm[i]) / voxelSizeNm[i];
    return voxel >= 0 && voxel < sizeXyz[i];
  });

/** e to the ±1.5: 0.22 to 4.5 times the volume. */
const widest = 1.5;
const bars = 60;

/** Of all samples. Where most of them mirror space, those that do not are folded. */
export function changeOf(parts: readonly LocalChange[]) {
  const all = parts.flatMap(({ determinants }) => determinants);
  const mirrors = all.filter((value) => value < 0).length > all.length / 2;
  const changes = mirrors ? all.map((value) => -value) : all;
  const counts = Array.from({ length: bars }, () => 0);
  for (const change of changes) {
    const bar = change > 0 ? Math.floor(((Math.log(change) + widest) / (2 * widest)) * bars) : 0;
    counts[Math.max(0, Math.min(bars - 1, bar))]! += 1;
  }
  const extreme = (pick: (a: number, b: number) => number): number =>
    changes.reduce((a, b) => pick(a, b), changes[0] ?? 0);
  return {
    least: extreme(Math.min),
    most: extreme(Math.max),
    folded: changes.filter((change) => change <= 0).length / Math.max(1, changes.length),
    histogram: { from: -widest, to: widest, counts },
  };
}

export function inverseOfAll(parts: readonly LocalChange[]): { readonly mean: number; readonly most: number } {
  let [sum, most, count] = [0, 0, 0];
  for (const { missesUm } of parts)
    for (const miss of missesUm) {
      sum += miss;
      most = Math.max(most, miss);
      count += 1;
    }
  return { mean: sum / Math.max(1, count), most };
}
