import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Registration } from '../../../../preload/contract/register.ts';
import { withStep } from '../../registrations/chain-of.ts';
import { type Affine3, invertAffine3 } from '../../transforms/affine3.ts';

/** Of where a point of the fixed space goes. Throws 'invalid-input' where there is none. */
export function inverseOfMove(moved: Affine3): Affine3 {
  const back = invertAffine3(moved);
  if (back) return back;
  throw new LamellaError('invalid-input', 'The map that moves it flattens space: it has no inverse.', {
    hint: 'Give 3 rows of 4 numbers, row after row; the first three of each row make the linear part.',
    fields: { matrix: moved.join(' ') },
  });
}

/** `moved`: where a point of the fixed space goes. What was measured was measured before. */
export function nudgedBy(registration: Registration, moved: Affine3): Registration {
  const { evaluation: _was, ...numbers } = registration.numbers;
  return {
    ...registration,
    numbers,
    movingFromFixed: withStep(registration.movingFromFixed, inverseOfMove(moved), 'first'),
    fixedFromMoving: withStep(registration.fixedFromMoving, moved, 'last'),
    verdict: 'warn',
    reasons: ['it was moved by hand after it was measured'],
  };
}
