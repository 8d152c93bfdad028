import type { DeformableNumbers } from '../../../../preload/contract/deform.ts';
import type { Registration } from '../../../../preload/contract/register.ts';
import { percent } from '../../registrations/judge-evaluation.ts';
import { finestSideNm } from '../../registrations/level-for.ts';
import type { WorkingGrid } from '../../registrations/working-levels.ts';

/** In voxels of the finest level: mean and most of how far there and back may miss. */
const [meanMiss, mostMiss] = [0.1, 0.5];
/** Tissue that is squeezed or stretched by more than this is more often told wrongly than grown so. */
const mostChange = 6;
/** Of the room that is left around the torus, in smoothnesses. */
const room = 2;
/** Share of what is compared that must be gained for the deformation to have done anything. */
const leastGain = 1e-3;

/** fail: folded, or no better than the affine map. warn: inexact inverses, extreme changes of volume, far moves. */
export function judgeDeformation(
  numbers: DeformableNumbers,
  finest: WorkingGrid,
): Pick<Registration, 'verdict' | 'reasons'> {
  const { logJacobian, folded, inverseErrorUm, mostDisplacementUm, smoothUm, dataBefore, dataAfter } = numbers;
  if (!logJacobian || folded > 0)
    return { verdict: 'fail', reasons: [`the map folds in ${percent(folded)} of its voxels`] };
  if (!(dataBefore - dataAfter > leastGain * Math.abs(dataBefore))) {
    const [from, to] = [dataBefore, dataAfter].map((value) => value.toPrecision(4));
    return { verdict: 'fail', reasons: [`bending made them no more alike (${from} to ${to})`] };
  }
  const voxelUm = finestSideNm(finest) / 1000;
  const [mean, most] = inverseErrorUm.map((error) => error / voxelUm) as [number, number];
  const [least, greatest] = logJacobian.map(Math.exp) as [number, number];
  const reasons = [
    ...(mean > meanMiss || most > mostMiss
      ? [`there and back misses by ${mean.toFixed(2)} voxels in the mean and ${most.toFixed(2)} at most`]
      : []),
    ...(least < 1 / mostChange || greatest > mostChange
      ? [`volumes change by ${least.toPrecision(2)} to ${greatest.toPrecision(2)} times: look at where`]
      : []),
    ...(mostDisplacementUm > room * smoothUm
      ? [
          `places move by up to ${Number(mostDisplacementUm.toPrecision(3))} µm, further than the map is smooth: the affine start may be too far off`,
        ]
      : []),
  ];
  return { verdict: reasons.length > 0 ? 'warn' : 'pass', reasons };
}
