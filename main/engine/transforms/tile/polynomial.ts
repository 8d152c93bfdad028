import { joined } from './data-string.ts';
import { chainSlopes, type PlaneMap } from './plane-map.ts';

/** Sums over x^p y^q. Terms by degree, those of a degree by falling power of x: 1, x, y, x², xy, y², x³ … */
export interface Polynomial {
  readonly degree: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

const mostDegree = 12;
export const termsOfDegree = (degree: number): number => ((degree + 1) * (degree + 2)) / 2;

/** The degree, from 1 on, that has so many terms, or null. */
export function degreeOf(terms: number): number | null {
  const degree = (Math.sqrt(8 * terms + 1) - 3) / 2;
  return Number.isInteger(degree) && degree >= 1 && degree <= mostDegree ? degree : null;
}

/** mpicbg's PolynomialTransform2D: all coefficients of x', then all of y'. */
export function readPolynomial(numbers: Float64Array): Polynomial | null {
  const terms = numbers.length / 2;
  const degree = degreeOf(terms);
  return degree === null ? null : { degree, x: numbers.slice(0, terms), y: numbers.slice(terms) };
}

export const formatPolynomial = ({ x, y }: Polynomial): string => joined(x, y);

export function polynomialPlane(polynomial: Polynomial): PlaneMap {
  const { degree, x, y } = polynomial;
  const affine = degree === 1 ? ([x[1]!, y[1]!, x[2]!, y[2]!, x[0]!, y[0]!] as const) : null;
  return { affine, lead: (points, slopes) => lead(polynomial, points, slopes) };
}

function lead({ degree, x, y }: Polynomial, points: Float64Array, slopes?: Float64Array): void {
  const [xs, ys] = [new Float64Array(degree + 1).fill(1), new Float64Array(degree + 1).fill(1)];
  for (let p = 0; p + 1 < points.length; p += 2) {
    for (let k = 1; k <= degree; k++) {
      xs[k] = xs[k - 1]! * points[p]!;
      ys[k] = ys[k - 1]! * points[p + 1]!;
    }
    let [toX, toY, xx, xy, yx, yy] = [0, 0, 0, 0, 0, 0];
    for (let total = 0, k = 0; total <= degree; total++)
      for (let q = 0; q <= total; q++, k++) {
        const power = total - q;
        const [a, b] = [x[k]!, y[k]!];
        const term = xs[power]! * ys[q]!;
        toX += a * term;
        toY += b * term;
        if (!slopes) continue;
        const alongX = power > 0 ? power * xs[power - 1]! * ys[q]! : 0;
        const alongY = q > 0 ? q * xs[power]! * ys[q - 1]! : 0;
        xx += a * alongX;
        xy += a * alongY;
        yx += b * alongX;
        yy += b * alongY;
      }
    points[p] = toX;
    points[p + 1] = toY;
    if (slopes) chainSlopes(slopes, 2 * p, xx, xy, yx, yy);
  }
}
