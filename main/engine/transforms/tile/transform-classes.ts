import { affineClasses } from './affine-classes.ts';
import { affineFieldPlane, readAffineField } from './affine-field.ts';
import { numbersOf } from './data-string.ts';
import { polynomialOfLens, readLens } from './lens.ts';
import { affinePlane, type PlaneMap } from './plane-map.ts';
import { platePlane, readPlate } from './plate.ts';
import { polynomialPlane, readPolynomial } from './polynomial.ts';
import { isScanClass, readScanDistortion, scanPlane } from './scan-distortion.ts';

/** Both packages' names of the lens correction, and that which older files of render-python carry. */
const lensClasses: ReadonlySet<string> = new Set([
  'NonLinearCoordinateTransform',
  'NonLinearTransform',
  'nonLinearTransform',
]);

/**
 * The map of a leaf, by the last part of its Java class name. `undefined`: Lamella does not know the class; null: the data
 * string does not fit it.
 */
export function planeOfClass(className: string, dataString: string): PlaneMap | null | undefined {
  const name = className.slice(className.lastIndexOf('.') + 1);
  if (name === 'ThinPlateSplineTransform') return mapped(readPlate(dataString), platePlane);
  if (name === 'AffineWarpFieldTransform') return mapped(readAffineField(dataString), affineFieldPlane);
  const affine = affineClasses.get(name);
  const isKnown = affine || name === 'PolynomialTransform2D' || lensClasses.has(name) || isScanClass(name);
  if (!isKnown) return undefined;
  const numbers = numbersOf(dataString);
  if (!numbers) return null;
  if (affine) return mapped(affine(numbers), affinePlane);
  if (isScanClass(name)) return mapped(readScanDistortion(name, numbers), scanPlane);
  if (lensClasses.has(name)) return mapped(mapped(readLens(numbers), polynomialOfLens), polynomialPlane);
  return mapped(readPolynomial(numbers), polynomialPlane);
}

const mapped = <T, U>(value: T | null, map: (value: T) => U): U | null => (value === null ? null : map(value));
