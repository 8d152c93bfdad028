import type { Affine } from '../../../../preload/contract/space.ts';
import { joined } from './data-string.ts';

/** mpicbg's models of the plane that are affine, by the numbers of their data strings; angles in radians. */
export const affineClasses: ReadonlyMap<string, (numbers: Float64Array) => Affine | null> = new Map([
  ['AffineModel2D', counted(6, (n) => [n[0]!, n[1]!, n[2]!, n[3]!, n[4]!, n[5]!])],
  ['TranslationModel2D', counted(2, (n) => [1, 0, 0, 1, n[0]!, n[1]!])],
  ['RigidModel2D', counted(3, (n) => similarity(1, n[0]!, n[1]!, n[2]!))],
  ['SimilarityModel2D', counted(4, (n) => similarity(n[0]!, n[1]!, n[2]!, n[3]!))],
]);

function counted(count: number, read: (numbers: Float64Array) => Affine): (numbers: Float64Array) => Affine | null {
  return (numbers) => (numbers.length === count ? read(numbers) : null);
}

function similarity(s: number, theta: number, tx: number, ty: number): Affine {
  const [cos, sin] = [s * Math.cos(theta), s * Math.sin(theta)];
  return [cos, sin, -sin, cos, tx, ty];
}

/** `m00 m10 m01 m11 tx ty` */
export const formatAffine = (affine: Affine): string => joined(affine);
