import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { Matrix34 } from '../../../../preload/contract/view-state.ts';
import { invertMatrix } from '../../../state/layers.ts';
import type { PaneSize } from '../../../state/view.ts';
import type { OrbitView } from '../geometry.ts';
import { dot, plus } from '../../../state/rotation.ts';
import type { Box3 } from '../../../state/volume-geometry.ts';
import { map3 } from '../../../state/volume-geometry.ts';
import type { Volume } from '../../../../preload/contract/library.ts';

type Level = Volume['levels'][number];

/**
 * The parallel rays of a 3-D pane. They start on a plane at the near side of the sphere around all that is shown and end
 * at its far side, so that a ray's length is its depth for meshes, slices and volumes alike.
 */
export interface OrbitFrame {
  /** Unit vectors of the world: to the right, down, and away from the viewer. */
  readonly right: Vec3;
  readonly down: Vec3;
  readonly forward: Vec3;
  /** Where the ray of the middle of the pane starts. */
  readonly startNm: Vec3;
  readonly lengthNm: number;
  readonly nmPerPx: number;
  readonly width: number;
  readonly height: number;
}

/** `view`: of a picture of `size` pixels. `box`: around all that is shown. With other pixels (`ratio` to one), the same. */
export function orbitFrame(view: OrbitView, box: Box3, size: PaneSize, ratio = 1): OrbitFrame {
  const { right, down, forward, centreNm, nmPerPx } = view;
  const middle = map3((a) => (box.min[a] + box.max[a]) / 2);
  const radius = Math.max(1e-3, Math.hypot(...map3((a) => box.max[a] - box.min[a])) / 2);
  const back = dot(plus(centreNm, middle, -1), forward) + radius;
  const width = Math.max(1, Math.round(size.width * ratio));
  const height = Math.max(1, Math.round(size.height * ratio));
  const startNm = plus(centreNm, forward, -back);
  return { right, down, forward, startNm, lengthNm: 2 * radius, nmPerPx: nmPerPx / ratio, width, height };
}

/** Where the ray through a point of the pane starts; pixel centres are at .5. */
export const rayStart = ({ startNm, right, down, nmPerPx, width, height }: OrbitFrame, px: number, py: number): Vec3 =>
  plus(plus(startNm, right, (px - width / 2) * nmPerPx), down, (py - height / 2) * nmPerPx);

const identity: Matrix34 = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

/** The world's place of voxel coordinates of a level. */
export function worldFromVoxel({ voxelSizeNm, originNm }: Level, worldFromLayer: Matrix34 | null): Matrix34 {
  const m = worldFromLayer ?? identity;
  const at = (r: number, c: number): number => m[4 * r + c] ?? 0;
  return [0, 1, 2].flatMap((r) => [
    at(r, 0) * voxelSizeNm[0],
    at(r, 1) * voxelSizeNm[1],
    at(r, 2) * voxelSizeNm[2],
    at(r, 0) * originNm[0] + at(r, 1) * originNm[1] + at(r, 2) * originNm[2] + at(r, 3),
  ]);
}

/** Voxel coordinates of a level at a place of the world; null where the layer is flat. */
export function voxelFromWorld({ voxelSizeNm, originNm }: Level, worldFromLayer: Matrix34 | null): Matrix34 | null {
  const inverse = worldFromLayer ? invertMatrix(worldFromLayer) : identity;
  if (!inverse) return null;
  return [0, 1, 2].flatMap((r) => {
    const row = [0, 1, 2, 3].map((c) => inverse[4 * r + c] ?? 0);
    const axis = r as 0 | 1 | 2;
    return [row[0], row[1], row[2], (row[3] ?? 0) - originNm[axis]].map((v) => (v ?? 0) / voxelSizeNm[axis]);
  });
}

/** A direction through the linear part of a map. */
export const turnedBy = (m: Matrix34, v: Vec3): Vec3 =>
  map3((r) => (m[4 * r] ?? 0) * v[0] + (m[4 * r + 1] ?? 0) * v[1] + (m[4 * r + 2] ?? 0) * v[2]);

/** How long the sides of a level's voxel are in the world, nm. */
export function voxelSidesNm(level: Level, worldFromLayer: Matrix34 | null): Vec3 {
  const m = worldFromVoxel(level, worldFromLayer);
  return map3((c) => Math.hypot(m[c] ?? 0, m[4 + c] ?? 0, m[8 + c] ?? 0));
}

/** The longest side of a volume in the world, nm: lengths that opacity and attenuation are told in are parts of it. */
export function longestSideNm(volume: Volume, worldFromLayer: Matrix34 | null): number {
  const [finest] = volume.levels;
  if (!finest) return 1;
  const sides = voxelSidesNm(finest, worldFromLayer);
  return Math.max(...map3((a) => sides[a] * finest.size[a]));
}
