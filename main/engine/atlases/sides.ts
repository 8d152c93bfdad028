import type { Vec3 } from '../../../preload/contract/space.ts';
import type { VolumeLevelPlan } from '../formats/volume-format.ts';

export type Hemisphere = 'left' | 'right';

/** The plane between left and right: half way through the annotation. */
export interface Midline {
  readonly axis: 0 | 1 | 2;
  readonly atNm: number;
  /** The side of points whose coordinate is smaller. */
  readonly below: Hemisphere;
}

/** Null where the orientation is not known. */
export function midlineOf(
  orientation: string | null,
  { originNm, sizeXyz, voxelSizeNm }: Pick<VolumeLevelPlan, 'originNm' | 'sizeXyz' | 'voxelSizeNm'>,
): Midline | null {
  const axis = ([0, 1, 2] as const).find((i) => 'lr'.includes(orientation?.[i] ?? ' '));
  if (axis === undefined) return null;
  const atNm = originNm[axis] + (sizeXyz[axis] * voxelSizeNm[axis]) / 2;
  return { axis, atNm, below: orientation?.[axis] === 'l' ? 'left' : 'right' };
}

export const sideOf = ({ axis, atNm, below }: Midline, point: Vec3): Hemisphere =>
  point[axis] < atNm === (below === 'left') ? 'left' : 'right';

/** BrainGlobe's marks of a volume of hemispheres. */
export const sideOfMark = (mark: number): Hemisphere | null => (mark === 1 ? 'left' : mark === 2 ? 'right' : null);
