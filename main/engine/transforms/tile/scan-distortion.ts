import { joined } from './data-string.ts';
import { chainSlopes, type PlaneMap } from './plane-map.ts';

/**
 * Janelia's corrections of how a beam starts a scan line, along one axis (0 = x, 1 = y). Data strings: the coefficients,
 * then the axis, with commas.
 */
export type ScanClass =
  | 'ExponentialFunctionOffsetTransform'
  | 'ExponentialRecoveryOffsetTransform'
  | 'SEMDistortionTransformA';

export interface ScanDistortion {
  readonly className: ScanClass;
  readonly coefficients: Float64Array;
  readonly axis: 0 | 1;
}

/** What is added at v, and how that grows with v. */
type Curve = (coefficients: Float64Array, v: number) => readonly [number, number];

const curves: Readonly<Record<ScanClass, { readonly count: number; readonly curve: Curve }>> = {
  /** v - (a e^(-b v) + c) */
  ExponentialFunctionOffsetTransform: {
    count: 3,
    curve: ([a, b, c], v) => {
      const fall = a! * Math.exp(-b! * v);
      return [-fall - c!, b! * fall];
    },
  },
  /** v - (a (1 - e^(-b v)) + c) */
  ExponentialRecoveryOffsetTransform: {
    count: 3,
    curve: ([a, b, c], v) => {
      const fall = a! * Math.exp(-b! * v);
      return [fall - a! - c!, -b! * fall];
    },
  },
  /** v + a e^(-v / b) + c e^(-v / d) */
  SEMDistortionTransformA: {
    count: 4,
    curve: ([a, b, c, d], v) => {
      const [fast, slow] = [a! * Math.exp(-v / b!), c! * Math.exp(-v / d!)];
      return [fast + slow, -fast / b! - slow / d!];
    },
  },
};

export const isScanClass = (name: string): name is ScanClass => Object.hasOwn(curves, name);

export function readScanDistortion(className: ScanClass, numbers: Float64Array): ScanDistortion | null {
  const { count } = curves[className];
  const axis = numbers[count];
  if (numbers.length !== count + 1 || (axis !== 0 && axis !== 1)) return null;
  const coefficients = numbers.slice(0, count);
  const dividesByNone = className === 'SEMDistortionTransformA' && (coefficients[1] === 0 || coefficients[3] === 0);
  return dividesByNone ? null : { className, coefficients, axis };
}

export const formatScanDistortion = ({ coefficients, axis }: ScanDistortion): string =>
  joined(coefficients, axis).replaceAll(' ', ',');

export function scanPlane({ className, coefficients, axis }: ScanDistortion): PlaneMap {
  const { curve } = curves[className];
  return {
    affine: null,
    lead: (points, slopes) => {
      for (let p = 0; p + 1 < points.length; p += 2) {
        const [added, growth] = curve(coefficients, points[p + axis]!);
        points[p + axis]! += added;
        if (slopes) chainSlopes(slopes, 2 * p, axis === 0 ? 1 + growth : 1, 0, 0, axis === 1 ? 1 + growth : 1);
      }
    },
  };
}
