import type { Volume } from '../../../preload/contract/library.ts';
import { bytesPerVoxel, type Dtype, type Vec3, type VoxelType } from '../../../preload/contract/space.ts';
import { mapAxes, voxelsIn } from '../formats/pyramid.ts';
import type { VolumeLevelPlan, VolumePlan } from '../formats/volume-format.ts';
import { displayOfLabels } from '../store/volume-rows.ts';

type DisplayType = Volume['display']['dtype'];

/** The largest brick that is sent, in voxels as they are displayed. */
const mostBrickBytes = 2 ** 20;
/** A brick is no thinner than this where the level is thick. */
const leastSide = 32;
/** Voxels that are so much longer along z than along x are sections. */
const flatFrom = 2;

/** What bricks of a type are sent as. `range` only matters to types whose values do not all fit. */
export function displayOf(
  dtype: VoxelType,
  kind: Volume['kind'],
  extremes: readonly [number, number] | null,
): Volume['display'] {
  if (kind === 'segmentation') return displayOfLabels;
  const exact = wholeRange[dtype];
  if (exact) return { dtype: exact.as, range: exact.range, labels: false };
  const [low, high] = extremes ?? [0, 1];
  return { dtype: 'uint16', range: high > low ? [low, high] : [low, low + 1], labels: false };
}

/** Types whose every value has a grey level of its own. */
const wholeRange: Partial<Record<VoxelType, { readonly as: Dtype; readonly range: readonly [number, number] }>> = {
  uint8: { as: 'uint8', range: [0, 255] },
  int8: { as: 'uint8', range: [-128, 127] },
  uint16: { as: 'uint16', range: [0, 65_535] },
  int16: { as: 'uint16', range: [-32_768, 32_767] },
};

/**
 * Voxels of a brick of a level: its chunk where that is of a fitting size, so that each brick is one chunk; else cubes,
 * or flat where voxels are much longer along z, cut out of chunks of any size.
 */
export function brickOf(level: VolumeLevelPlan, display: DisplayType): Vec3 {
  const { chunkXyz, sizeXyz, voxelSizeNm } = level;
  const chunk = mapAxes((i) => Math.min(chunkXyz[i], sizeXyz[i]));
  if (fits(chunk, level, display)) return chunkXyz;
  if (sizeXyz[2] === 1) return [256, 256, 1];
  const isFlat = voxelSizeNm[2] > flatFrom * Math.min(voxelSizeNm[0], voxelSizeNm[1]);
  return isFlat ? [128, 128, 16] : [64, 64, 64];
}

function fits(chunk: Vec3, { sizeXyz, voxelSizeNm }: VolumeLevelPlan, display: DisplayType): boolean {
  if (voxelsIn(chunk) * bytesPerVoxel[display] > mostBrickBytes) return false;
  const isFlat = voxelSizeNm[2] > flatFrom * Math.min(voxelSizeNm[0], voxelSizeNm[1]);
  return ([0, 1, 2] as const).every((i) => chunk[i] >= Math.min(leastSide, sizeXyz[i]) || (i === 2 && isFlat));
}

/** The levels of a plan as the library keeps and the window draws them. */
export function volumeLevels({ levels }: VolumePlan, display: DisplayType): Volume['levels'] {
  return levels.map((level) => ({
    size: level.sizeXyz,
    brick: brickOf(level, display),
    voxelSizeNm: level.voxelSizeNm,
    originNm: level.originNm,
  }));
}
