import type { Onto, Registration } from '../../../preload/contract/register.ts';
import type { WarpStep } from '../../../preload/contract/warp.ts';
import { levelAt } from '../formats/pyramid.ts';
import type { VolumePlan } from '../formats/volume-format.ts';
import type { Kernels, Lane } from '../jobs/job.ts';
import type { LibraryStore } from '../store/library-store.ts';
import { type Affine3, composeAffine3, identity3 } from '../transforms/affine3.ts';
import type { PointMap } from '../transforms/point-map.ts';
import type { OpenVolumes } from '../volumes/open-volumes.ts';
import { type Chain, sourceFromResult } from '../volumes/warped/chain.ts';
import { openWarpChain } from '../volumes/warped/open-warped.ts';
import { placeOfPlan } from '../volumes/warped/physical-space.ts';

export interface RegistrationRoom {
  readonly volumes: OpenVolumes;
  readonly library: LibraryStore;
  readonly kernels: Kernels;
  readonly signal: AbortSignal;
}

/** The steps that show the other volume in the space of `onto`: they take its points to those of the other. */
export const stepsOnto = (registration: Registration, onto: Onto): WarpStep[] =>
  onto === 'fixed' ? registration.movingFromFixed : registration.fixedFromMoving;

/** The volume in whose space the result lies, and the one that is brought there. */
export const volumesOnto = ({ fixed, moving }: Registration, onto: Onto): { result: string; source: string } =>
  onto === 'fixed' ? { result: fixed, source: moving } : { result: moving, source: fixed };

export interface OpenRegistration {
  /** From the result to the source. The caller closes it. */
  readonly chain: Chain;
  readonly result: VolumePlan;
  readonly source: VolumePlan;
}

/** Throws 'not-found' where one of the volumes or a field is gone. */
export async function openRegistration(
  room: RegistrationRoom,
  registration: Registration,
  onto: Onto,
): Promise<OpenRegistration> {
  const { volumes, library, kernels } = room;
  const ids = volumesOnto(registration, onto);
  const result = (await volumes.shown(library, ids.result, kernels)).volume.plan;
  const source = (await volumes.shown(library, ids.source, kernels)).volume.plan;
  const chain = await openSteps(room, stepsOnto(registration, onto), result, source);
  return { chain, result, source };
}

/** Steps from one volume to another, ready to be walked. The caller closes them. */
export const openSteps = (
  { volumes, library, kernels, signal }: RegistrationRoom,
  steps: readonly WarpStep[],
  from: VolumePlan,
  to: VolumePlan,
  lane: Lane = 'interactive',
): Promise<Chain> =>
  openWarpChain({ steps: [...steps], ...placeOfPlan(from) }, to, volumes.inside(library, kernels, lane, signal));

/** The map that a chain is, to the volume that it leads to. */
export const mapOfChain = (chain: Chain, to: VolumePlan): PointMap =>
  sourceFromResult(chain, Math.min(...levelAt(to, 0).voxelSizeNm));

/** What bends, from the first such step to the last, and the affine maps on either side; all are `before` where none bends. */
export function aroundBends(steps: readonly WarpStep[]) {
  const isBent = ({ type }: WarpStep): boolean => type !== 'affine';
  const first = steps.findIndex(isBent);
  if (first < 0) return { before: steps, bent: [], after: [] };
  const end = steps.findLastIndex(isBent) + 1;
  return { before: steps.slice(0, first), bent: steps.slice(first, end), after: steps.slice(end) };
}

/** The one affine map that a chain is, nm; null where it bends. */
export function affineOfChain({ steps }: Pick<Chain, 'steps'>): Affine3 | null {
  let whole: Affine3 = identity3;
  for (const step of steps) {
    if (step.type !== 'affine') return null;
    whole = composeAffine3(step.matrix, whole);
  }
  return whole;
}

export const affineStep = (matrix: Affine3): WarpStep => ({
  type: 'affine',
  matrix: [...matrix],
  frame: 'volume',
  inverse: false,
});

/** Its matrix is the map, of volume space. */
export const isPlainAffine = (step: WarpStep): step is Extract<WarpStep, { type: 'affine' }> =>
  step.type === 'affine' && step.frame === 'volume' && !step.inverse;

/** Affine steps in volume space that follow each other, as one. */
export function withStep(steps: readonly WarpStep[], added: Affine3, where: 'first' | 'last'): WarpStep[] {
  const [next, others] = where === 'first' ? [steps[0], steps.slice(1)] : [steps.at(-1), steps.slice(0, -1)];
  if (!next || !isPlainAffine(next))
    return where === 'first' ? [affineStep(added), ...steps] : [...steps, affineStep(added)];
  return where === 'first'
    ? [affineStep(composeAffine3(next.matrix, added)), ...others]
    : [...others, affineStep(composeAffine3(added, next.matrix))];
}
