import type { Matrix34 } from '../../../../preload/contract/view-state.ts';
import type { VolumePlan } from '../../formats/volume-format.ts';
import { worldFromVolume } from '../world-from-volume.ts';
import { type Affine3, composeAffine3, identity3 } from '../../transforms/affine3.ts';

/** Where a volume lies in a space outside it, and which way the axes of that space point. */
export interface PhysicalPlace {
  readonly worldFromVolume: Matrix34 | null;
  readonly space: string;
}

export const placeOfPlan = (plan: Pick<VolumePlan, 'transforms'>): PhysicalPlace => ({
  worldFromVolume: worldFromVolume(plan),
  space: plan.transforms[0]?.matrix ? plan.transforms[0].space : '',
});

/** To the space of ITK and ANTs, in nanometres: x to the left, y to the back, z up. */
export const physicalFromVolume = ({ worldFromVolume, space }: PhysicalPlace): Affine3 =>
  composeAffine3(leftPosteriorFrom(space), worldFromVolume ?? identity3);

/** The spaces of NIfTI have x to the right and y to the front; NRRD names the ways; any other is taken as it is. */
export function leftPosteriorFrom(space: string): Affine3 {
  const name = space.toLowerCase();
  const isNifti = /^(scanner|aligned|talairach|mni|template|space \d+)$/.test(name);
  const flips = isNifti ? [-1, -1, 1] : ways.map((way, i) => (name.split('-')[i] === way ? -1 : 1));
  const [x = 1, y = 1, z = 1] = flips;
  return [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0];
}

const ways = ['right', 'anterior', 'inferior'] as const;
