import type { VolumeLevelPlan } from '../formats/volume-format.ts';
import { voxelsIn } from '../formats/pyramid.ts';

type Voxels = Pick<VolumeLevelPlan, 'sizeXyz' | 'voxelSizeNm'>;

/** Sizes of voxels that differ less are the same: pyramids round. */
export const alike = 1.001;

/**
 * The coarsest level whose voxels are no longer than `resolutionNm` along any axis, or as long as those of the finest
 * level along axes where even these are longer: thick sections stay thick. More than it is never read.
 */
export function levelFor(levels: readonly Voxels[], resolutionNm: number): number {
  const most = levels[0]?.voxelSizeNm.map((side) => alike * Math.max(side, resolutionNm)) ?? [];
  const fits = ({ voxelSizeNm }: Voxels): boolean => voxelSizeNm.every((side, i) => side <= (most[i] ?? 0));
  return Math.max(0, levels.findLastIndex(fits));
}

/** Finer ones tell the numbers of an affine map no better: as the kernel has it. */
const mostVoxels = 2 ** 22;

/** How fine two volumes can be compared, nm: as fine as the coarser one, of at most 4 million voxels, or as asked for. */
export function workingResolutionNm(finest: readonly Voxels[], askedNm = 0): number {
  return Math.max(askedNm, ...finest.map((level) => (isSection(level) ? ofSection(level) : ofVolume(level))));
}

/** All of it lies in one plane. */
export const isSection = ({ sizeXyz }: Pick<Voxels, 'sizeXyz'>): boolean => sizeXyz[2] === 1;

/** The shortest side of a voxel, of a section within its plane. */
export const finestSideNm = ({ sizeXyz, voxelSizeNm: [x, y, z] }: Voxels): number =>
  isSection({ sizeXyz }) ? Math.min(x, y) : Math.min(x, y, z);

const ofVolume = ({ sizeXyz, voxelSizeNm }: Voxels): number =>
  Math.max(Math.min(...voxelSizeNm), Math.cbrt((voxelsIn(sizeXyz) * voxelsIn(voxelSizeNm)) / mostVoxels));

const ofSection = ({ sizeXyz: [w, h], voxelSizeNm: [x, y] }: Voxels): number =>
  Math.max(Math.min(x, y), Math.sqrt((w * x * h * y) / mostVoxels));
