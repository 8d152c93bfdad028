import type { Volume } from '../../preload/contract/library.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { PaneKind } from '../../preload/contract/view-state.ts';

/** Where a volume's voxels lie in nanometres. Pure: the drawing worker uses it too. */

export type Plane = Exclude<PaneKind, '3d'>;
export type Axis = 0 | 1 | 2;

export interface PlaneAxes {
  readonly right: Axis;
  readonly down: Axis;
  readonly normal: Axis;
}

/** XZ and YZ both have z downwards: side by side, their rows are the same sections. */
export const planeAxes: Readonly<Record<Plane, PlaneAxes>> = {
  xy: { right: 0, down: 1, normal: 2 },
  xz: { right: 0, down: 2, normal: 1 },
  yz: { right: 1, down: 2, normal: 0 },
};

export const axisNames = ['x', 'y', 'z'] as const;

export interface Box3 {
  readonly min: Vec3;
  readonly max: Vec3;
}

const map3 = (f: (axis: Axis) => number): Vec3 => [f(0), f(1), f(2)];
export { map3 };

const finest = (volume: Volume): Volume['levels'][number] => {
  const [level] = volume.levels;
  if (!level) throw new RangeError(`volume ${volume.id} has no levels`);
  return level;
};

/** Nanometres of the outer corner of voxel 0,0,0. */
export const originNm = (volume: Volume): Vec3 => finest(volume).originNm;

export function boundsNm(volume: Volume): Box3 {
  const { size, voxelSizeNm } = finest(volume);
  const min = originNm(volume);
  return { min, max: map3((a) => min[a] + size[a] * voxelSizeNm[a]) };
}

/** The voxel of level 0 that covers a position; may lie outside the volume. */
export function voxelAt(volume: Volume, positionNm: Vec3): Vec3 {
  const origin = originNm(volume);
  const { voxelSizeNm } = finest(volume);
  return map3((a) => Math.floor((positionNm[a] - origin[a]) / voxelSizeNm[a]));
}

export function centreOfVoxelNm(volume: Volume, voxel: Vec3): Vec3 {
  const origin = originNm(volume);
  const { voxelSizeNm } = finest(volume);
  return map3((a) => origin[a] + (voxel[a] + 0.5) * voxelSizeNm[a]);
}

export function isInVolume(volume: Volume, positionNm: Vec3): boolean {
  const { min, max } = boundsNm(volume);
  return ([0, 1, 2] as const).every((a) => positionNm[a] >= min[a] && positionNm[a] < max[a]);
}

/** Voxels are best so many pixels long: the level nearest to that is drawn. */
const bestVoxelPx = 1.1;

/**
 * The level whose voxels are nearest to the pixels, as Neuroglancer chooses it, so that both are as sharp: from the coarsest
 * on, the next finer one where it comes nearer along some direction, until no voxel is too long that could be shorter.
 * `sidesOf`: nm of a level's voxels along some directions; `pixelsNm`: nm of pixels along the same.
 */
export function levelNearest(
  { levels }: Pick<Volume, 'levels'>,
  sidesOf: (level: Volume['levels'][number]) => readonly number[],
  pixelsNm: readonly number[],
): number {
  const sides = levels.map(sidesOf);
  const best = pixelsNm.map((nm) => bestVoxelPx * nm);
  const [finest = []] = sides;
  const side = (level: number, i: number): number => sides[level]?.[i] ?? 0;
  const isFine = (level: number): boolean =>
    best.every((nm, i) => side(level, i) <= Math.max(nm * (1 + 1e-12), 1.01 * (finest[i] ?? 0)));
  const isNearer = (level: number): boolean =>
    best.some((nm, i) => {
      const [fine, coarse] = [side(level, i), side(level + 1, i)];
      return Math.abs(nm - fine) < Math.abs(nm - coarse) && fine < 1.01 * coarse;
    });
  let level = Math.max(0, levels.length - 1);
  while (level > 0 && !isFine(level) && isNearer(level - 1)) level -= 1;
  return level;
}

/** The level that a plane is drawn from, by the two axes in it. */
export const levelForPlane = (volume: Volume, { right, down }: PlaneAxes, nmPerPx: number): number =>
  levelNearest(volume, ({ voxelSizeNm }) => [voxelSizeNm[right], voxelSizeNm[down]], [nmPerPx, nmPerPx]);

/** Bricks along each axis of a level. */
export const gridOf = ({ size, brick }: Volume['levels'][number]): Vec3 => map3((a) => Math.ceil(size[a] / brick[a]));
