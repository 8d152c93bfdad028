import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Registration } from '../../../../preload/contract/register.ts';
import type { Landmark } from '../../../../preload/contract/warp.ts';
import {
  affineOfChain,
  isPlainAffine,
  mapOfChain,
  openSteps,
  type RegistrationRoom,
} from '../../registrations/chain-of.ts';
import type { WorkingGrid } from '../../registrations/working-levels.ts';
import { type Affine3, invertAffine3 } from '../../transforms/affine3.ts';
import { usedPairs } from '../../transforms/landmarks.ts';
import { landmarkSteps } from './landmark-steps.ts';
import type { Pair } from './pair.ts';

/** Both ways of a registration. */
export type Chains = Pick<Registration, 'movingFromFixed' | 'fixedFromMoving'>;

export interface LandmarksToBring {
  readonly landmarks: readonly Landmark[];
  /** Where the fixed volume and the room around it lie. */
  readonly grid: WorkingGrid;
  readonly folder: string;
  readonly registration: string;
}

/** The same with a thin plate in front that brings landmarks over each other. Throws 'invalid-input' where none is placed. */
export async function withLandmarks(
  room: RegistrationRoom,
  { fixed, moving }: Pair,
  chains: Chains,
  to: LandmarksToBring,
): Promise<Chains> {
  if (usedPairs(to.landmarks).length === 0)
    throw new LamellaError('invalid-input', 'No landmark is placed in both volumes.', {
      hint: 'Place at least one pair, or leave landmarks out.',
    });
  const [onto, from] = [fixed.opened.volume.plan, moving.opened.volume.plan];
  const chain = await openSteps(room, chains.fixedFromMoving, from, onto, 'batch');
  try {
    const fixedFromMoving = mapOfChain(chain, onto);
    const { there, back } = await landmarkSteps({ ...to, fixedFromMoving }, room.signal);
    return {
      movingFromFixed: [there, ...chains.movingFromFixed],
      fixedFromMoving: [...chains.fixedFromMoving, back],
    };
  } finally {
    await chain.close();
  }
}

/** Steps that a chain may have. */
const mostSteps = 16;

export function refuseLong({ movingFromFixed }: Chains, more: number): void {
  if (movingFromFixed.length + more <= mostSteps) return;
  throw new LamellaError('invalid-input', `The start has ${movingFromFixed.length} steps already.`, {
    hint: 'Begin from an earlier registration of the two.',
  });
}

/** The one affine map that the steps are, moving from fixed; null where they bend. Throws where it has no inverse. */
export function plainAffine({ movingFromFixed }: Chains): Affine3 | null {
  if (!movingFromFixed.every(isPlainAffine)) return null;
  const whole = affineOfChain({ steps: movingFromFixed });
  if (!whole || invertAffine3(whole)) return whole;
  throw new LamellaError('invalid-input', 'The start flattens space: it has no inverse.', {
    hint: 'Begin from another registration.',
  });
}
