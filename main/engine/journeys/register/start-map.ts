import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Registration } from '../../../../preload/contract/register.ts';
import type { ReadHandle } from '../../store/library-store.ts';
import { isPlainAffine } from '../../registrations/chain-of.ts';
import { registrationById } from '../../registrations/registration-rows.ts';
import { type Affine3, invertAffine3 } from '../../transforms/affine3.ts';
import { fitLandmarks, usedPairs } from '../../transforms/landmarks.ts';
import type { AffineInput } from './affine.ts';

export interface StartMap {
  /** nm. */
  readonly movingFromFixed: Affine3;
  readonly parent: string | null;
}

/** Where the search is to begin; null where all orientations are to be tried. Throws 'invalid-input'. */
export function startMap(read: ReadHandle, input: AffineInput): StartMap | null {
  const given = [input.start, input.startMatrix, input.landmarks].filter((one) => one !== undefined);
  if (given.length > 1)
    throw invalid('More than one start is given.', 'Give one of --start, --start-matrix and --landmarks.');
  if (input.start !== undefined) {
    const registration = registrationById(read, input.start);
    return { movingFromFixed: affineOf(registration, input), parent: registration.id };
  }
  if (input.startMatrix) return { movingFromFixed: invertible(input.startMatrix), parent: null };
  if (!input.landmarks) return null;
  if (usedPairs(input.landmarks).length === 0)
    throw invalid('No landmark is placed in both volumes.', 'Place at least one pair, or leave landmarks out.');
  const fitted = fitLandmarks({ landmarks: input.landmarks, fit: input.model, stiffness: 0 });
  if (fitted.type !== 'affine') throw new Error('an affine fit of landmarks is a spline');
  return { movingFromFixed: invertible(fitted.matrix), parent: null };
}

function affineOf({ id, fixed, moving, movingFromFixed }: Registration, input: AffineInput): Affine3 {
  if (fixed !== input.fixed || moving !== input.moving)
    throw invalid(`The registration ${id} is one of other volumes.`, 'Begin from one of the same two volumes.');
  const [only, ...more] = movingFromFixed;
  if (only && isPlainAffine(only) && more.length === 0) return only.matrix;
  throw invalid(`The registration ${id} bends: an affine one can't begin from it.`, 'Begin from an affine one.');
}

function invertible(matrix: Affine3): Affine3 {
  if (invertAffine3(matrix)) return matrix;
  throw invalid('The start flattens space: it has no inverse.', 'Give 3 rows of 4 numbers, row after row.');
}

const invalid = (message: string, hint: string): LamellaError => new LamellaError('invalid-input', message, { hint });
