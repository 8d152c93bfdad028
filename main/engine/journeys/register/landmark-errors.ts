import type { LandmarkErrors } from '../../../../preload/contract/registration-evaluation.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Landmark } from '../../../../preload/contract/warp.ts';
import type { PointMap } from '../../transforms/point-map.ts';
import { mapOfChain } from '../../registrations/chain-of.ts';
import { usedPairs } from '../../transforms/landmarks.ts';
import { resultFromSource } from '../../volumes/warped/chain.ts';
import { levelAt } from '../../formats/pyramid.ts';
import type { EvaluatedPair } from './evaluated-pair.ts';

/** How far pairs lie from each other in the fixed volume, µm. Throws 'invalid-input' where none is placed in both. */
export async function landmarkErrors(
  { back, before, against, fixed, moving }: EvaluatedPair,
  landmarks: readonly Landmark[],
  signal: AbortSignal,
): Promise<LandmarkErrors> {
  const used = usedPairs(landmarks);
  if (used.length === 0) throw unusable('No landmark is placed in both volumes.', 'Place at least one pair, or none.');
  const errorsBy = async (map: PointMap): Promise<readonly (number | null)[]> => {
    const led = Float64Array.from(used.flatMap(({ source }) => [...source]));
    await map.apply(led, signal);
    return used.map(({ target }, i) => {
      const um = Math.hypot(...target.map((nm, k) => led[3 * i + k]! - nm)) / 1000;
      return Number.isFinite(um) ? um : null;
    });
  };
  const voxelNm = Math.min(...levelAt(moving.volume.plan, 0).voxelSizeNm);
  const errors = await errorsBy(mapOfChain(back, fixed.volume.plan));
  const mean = meanOf(errors);
  const meanBefore = meanOf(await errorsBy(resultFromSource(before, voxelNm)));
  if (mean === null || meanBefore === null)
    throw unusable(
      'The registration leads none of the landmarks anywhere.',
      'Give sources in nanometres of the moving volume, targets of the fixed.',
    );
  const sorted = errors.filter((um) => um !== null).toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return {
    mean,
    p95: at(0.95),
    most: at(1),
    meanBefore,
    ...(against && { meanAgainst: meanOf(await errorsBy(mapOfChain(against.back, fixed.volume.plan))) }),
    each: used.map(({ id }, i) => ({ id, um: errors[i] ?? null })),
  };
}

function meanOf(errors: readonly (number | null)[]): number | null {
  const led = errors.filter((um) => um !== null);
  return led.length > 0 ? led.reduce((sum, um) => sum + um, 0) / led.length : null;
}

const unusable = (message: string, hint: string): LamellaError => new LamellaError('invalid-input', message, { hint });
