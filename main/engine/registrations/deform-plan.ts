import type { Vec3 } from '../../../preload/contract/space.ts';
import { mapAxes, voxelsIn } from '../formats/pyramid.ts';
import { finestSideNm, isSection } from './level-for.ts';
import { coarserGrid, factorsFor, type WorkingGrid } from './working-levels.ts';

/** One resolution of a deformation: how many voxels of the finest become one, of each volume. */
export interface PlannedLevel {
  readonly resolutionNm: number;
  readonly fixedBy: Vec3;
  readonly movingBy: Vec3;
  /** Of the fixed volume. */
  readonly sizeXyz: Vec3;
}

const shrinks = [8, 4, 2, 1] as const;
/** A coarser level would have fewer voxels along a side, and nothing to tell. */
const leastSide = 12;

/** Coarse to fine; `fixed` and `moving` are the grids of the finest. */
export function planLevels(fixed: WorkingGrid, moving: WorkingGrid, finestNm: number): readonly PlannedLevel[] {
  const levels = shrinks.map((shrink): PlannedLevel => {
    const resolutionNm = shrink * finestNm;
    const [fixedBy, movingBy] = [factorsFor(fixed, resolutionNm), factorsFor(moving, resolutionNm)];
    return { resolutionNm, fixedBy, movingBy, sizeXyz: coarserGrid(fixed, fixedBy).sizeXyz };
  });
  const isLarge = ({ sizeXyz, voxelSizeNm, originNm }: WorkingGrid, by: Vec3): boolean =>
    coarserGrid({ sizeXyz, voxelSizeNm, originNm }, by).sizeXyz.every((n, i) => by[i] === 1 || n >= leastSide);
  return levels.filter(
    ({ fixedBy, movingBy }, i) => i === levels.length - 1 || (isLarge(fixed, fixedBy) && isLarge(moving, movingBy)),
  );
}

/** Room on the way around the torus of velocities, as the kernel leaves it. */
const roomInSmooth = 4;
/** Between nodes, in finest voxels. */
const nodeVoxels = 2;

export interface DeformSize {
  readonly fixed: WorkingGrid;
  readonly moving: WorkingGrid;
  readonly smoothNm: number;
  /** Of the flow. */
  readonly steps: number;
}

/** Nodes of the velocities at the finest level. */
export function nodesOf({ fixed, smoothNm }: DeformSize): number {
  const { sizeXyz, voxelSizeNm } = fixed;
  const apart = nodeVoxels * finestSideNm(fixed);
  const along = (i: 0 | 1 | 2): number =>
    fastSize((sizeXyz[i] * voxelSizeNm[i] + roomInSmooth * smoothNm) / Math.max(apart, voxelSizeNm[i]));
  return voxelsIn(mapAxes((i) => (i === 2 && isSection(fixed) ? 1 : along(i))));
}

/** The least even size of at least `n` without prime factors over 5, as the kernel takes it: fast to transform. */
function fastSize(n: number): number {
  for (let size = 2 * Math.ceil(n / 2); ; size += 2) {
    let rest = size;
    for (const prime of [2, 3, 5]) while (rest % prime === 0) rest /= prime;
    if (rest === 1) return size;
  }
}

/** Levels here, on their way to the kernel and there; what is seen of the moving volume, slopes, weights, sums over boxes. */
const [bytesOfFixed, bytesOfMoving] = [76, 16];
/** Per node and step of the flow: velocities and spectra now, tried, and of the steps that are remembered. */
const bytesOfNode = 280;

/** What a deformation takes at its finest level, bytes. */
export const deformBytes = (of: DeformSize): number =>
  bytesOfFixed * voxelsIn(of.fixed.sizeXyz) +
  bytesOfMoving * voxelsIn(of.moving.sizeXyz) +
  bytesOfNode * of.steps * nodesOf(of);
