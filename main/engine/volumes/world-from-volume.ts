import type { Matrix34 } from '../../../preload/contract/view-state.ts';
import type { VolumePlan } from '../formats/volume-format.ts';

const identity: Matrix34 = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

/**
 * From the nanometres of a volume to those of the first space that its dataset places it in: what turns, shears or
 * mirrors it. Null where nothing does. Where the dataset says a further space, that is described and not applied.
 */
export function worldFromVolume({ transforms }: Pick<VolumePlan, 'transforms'>): Matrix34 | null {
  const matrix = transforms[0]?.matrix;
  if (matrix?.length !== 12 || !matrix.every(Number.isFinite)) return null;
  return matrix.every((value, i) => value === identity[i]) ? null : [...matrix];
}
