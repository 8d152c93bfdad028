import { z } from 'zod';

/**
 * Spaces and units.
 *
 * - tile space: level-0 pixels of one tile, origin at the outer corner of its first pixel, x right, y down.
 * - stage space, stack space: level-0 pixels of a whole section layout, before and after alignment.
 * - volume space: voxels of a volume's level 0; nanometres = (voxel + originVoxel) * voxelSizeNm.
 *
 * A continuous coordinate `x` covers pixel `floor(x)`; pixel centres are at `.5`.
 */

/**
 * A 2-D affine map, in the order of mpicbg's AffineModel2D data string: [m00, m10, m01, m11, m02, m12],
 * so x' = m00 x + m01 y + m02 and y' = m10 x + m11 y + m12. Named `to_from` style: `stageFromTile`.
 */
export const affineSchema = z
  .tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()])
  .readonly();
export type Affine = z.infer<typeof affineSchema>;

export const identityAffine: Affine = [1, 0, 0, 1, 0, 0];

export function applyAffine(m: Affine, x: number, y: number): readonly [number, number] {
  return [m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]];
}

/** `compose(cFromB, bFromA)` is cFromA. */
export function composeAffine(outer: Affine, inner: Affine): Affine {
  const [a, b, c, d, e, f] = outer;
  const [p, q, r, s, t, u] = inner;
  return [a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f];
}

/** The inverse map, or null where the map is singular (|det| below 1e-12). */
export function invertAffine(m: Affine): Affine | null {
  const det = m[0] * m[3] - m[1] * m[2];
  if (!Number.isFinite(det) || Math.abs(det) < 1e-12) return null;
  const [a, b, c, d] = [m[3] / det, -m[1] / det, -m[2] / det, m[0] / det];
  return [a, b, c, d, -(a * m[4] + c * m[5]), -(b * m[4] + d * m[5])];
}

/** An axis-aligned rectangle: minX <= x < maxX, minY <= y < maxY. */
export interface Rect {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

/** The rectangle around the image of a width x height tile under an affine map. */
export function boundsOfTile([a, b, c, d, e, f]: Affine, widthPx: number, heightPx: number): Rect {
  const [rightX, lowerX, oppositeX] = [a * widthPx + e, c * heightPx + e, a * widthPx + c * heightPx + e];
  const [rightY, lowerY, oppositeY] = [b * widthPx + f, d * heightPx + f, b * widthPx + d * heightPx + f];
  return {
    minX: Math.min(e, rightX, lowerX, oppositeX),
    minY: Math.min(f, rightY, lowerY, oppositeY),
    maxX: Math.max(e, rightX, lowerX, oppositeX),
    maxY: Math.max(f, rightY, lowerY, oppositeY),
  };
}

/** Nanometres along x, y, z. */
export const vec3Schema = z.tuple([z.number(), z.number(), z.number()]).readonly();
export type Vec3 = z.infer<typeof vec3Schema>;

export const voxelSizeNmSchema = z
  .tuple([z.number().positive(), z.number().positive(), z.number().positive()])
  .readonly();

/** A voxel of more than a metre is a mistake of the unit. Asked of what is given, not of what is stored. */
export const isVoxelSizeNm = (sidesNm: Vec3): boolean => sidesNm.every((side) => side <= 1e9);

/** `x0:x1,y0:y1,z0:z1`, half open, in voxels of the level asked for. */
export const boxTextSchema = z
  .string()
  .regex(
    /^-?\d+:-?\d+,-?\d+:-?\d+,-?\d+:-?\d+$/,
    'a box looks like 0:512,0:512,0:6 (x0:x1,y0:y1,z0:z1, the end left out)',
  );

export interface Box {
  readonly min: Vec3;
  readonly max: Vec3;
}

export function parseBox(text: string): Box {
  const ranges = boxTextSchema
    .parse(text)
    .split(',')
    .map((part) => part.split(':').map(Number));
  const at = (axis: number, end: number): number => ranges[axis]?.[end] ?? 0;
  return { min: [at(0, 0), at(1, 0), at(2, 0)], max: [at(0, 1), at(1, 1), at(2, 1)] };
}

/** What tiles are made of, and what the window draws. */
export const dtypeSchema = z.enum(['uint8', 'uint16']);
export type Dtype = z.infer<typeof dtypeSchema>;

/** What volumes may be made of: the types of NumPy, little-endian. */
export const voxelTypeSchema = z.enum([
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'float32',
  'float64',
]);
export type VoxelType = z.infer<typeof voxelTypeSchema>;

export const bytesPerVoxel: Readonly<Record<VoxelType, 1 | 2 | 4 | 8>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  uint64: 8,
  int64: 8,
  float32: 4,
  float64: 8,
};
