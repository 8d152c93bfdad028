import { joined } from './data-string.ts';
import { degreeOf, type Polynomial, termsOfDegree } from './polynomial.ts';

/**
 * TrakEM2's lens correction (NonLinearCoordinateTransform; Kaynig et al. 2010): a polynomial over terms that are each
 * normalised, (term - mean) / deviation. Terms as in `Polynomial`, without its constant, which comes last and is 100.
 */
export interface Lens {
  readonly degree: number;
  /** x', y' of each term. */
  readonly beta: Float64Array;
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  /**
   * Of the picture that it was fitted to. mpicbg reads width, then height, but writes height, then width: of a string
   * that it wrote, these two are exchanged. The map does not depend on them.
   */
  readonly sizePx: readonly [number, number];
}

const constant = 100;

/** `degree terms beta[2 x terms] mean[terms] deviation[terms] width height`; null where that does not fit. */
export function readLens(numbers: Float64Array): Lens | null {
  const [degree, terms] = [numbers[0]!, numbers[1]!];
  if (degreeOf(terms) !== degree || numbers.length !== 4 + 4 * terms) return null;
  const part = (from: number, to: number): Float64Array => numbers.slice(2 + from * terms, 2 + to * terms);
  const deviation = part(3, 4);
  if (deviation.subarray(0, -1).some((value) => value === 0)) return null;
  const sizePx = [numbers.at(-2)!, numbers.at(-1)!] as const;
  return { degree, beta: part(0, 2), mean: part(2, 3), deviation, sizePx };
}

/** As mpicbg's reader wants it: width, then height; with the blank that its writer leaves at the end. */
export const formatLens = ({ degree, beta, mean, deviation, sizePx }: Lens): string =>
  `${joined(degree, mean.length, beta, mean, deviation, sizePx)} `;

/** The same map, its terms not normalised. */
export function polynomialOfLens({ degree, beta, mean, deviation }: Lens): Polynomial {
  const terms = termsOfDegree(degree);
  const axis = (at: 0 | 1): Float64Array => {
    const coefficients = new Float64Array(terms);
    coefficients[0] = constant * beta[2 * (terms - 1) + at]!;
    for (let k = 0; k < terms - 1; k++) {
      coefficients[k + 1] = beta[2 * k + at]! / deviation[k]!;
      coefficients[0] -= (beta[2 * k + at]! * mean[k]!) / deviation[k]!;
    }
    return coefficients;
  };
  return { degree, x: axis(0), y: axis(1) };
}
