import type { Vec3 } from '../../../../preload/contract/space.ts';
import { mapAxes } from '../pyramid.ts';
import type { VolumeTransform } from '../volume-format.ts';

/**
 * From the index of a voxel, whose centre is at whole numbers, to nanometres of a space: 3 x 4, row-major. What NIfTI
 * and NRRD say of where a volume lies.
 */
export type SpaceFromIndex = readonly number[];

/** Numbers of single precision as they were meant: 4.000000097 nm is 4 nm. */
export const tidy = (value: number, digits = 7): number => Number(value.toPrecision(digits)) + 0;

const at = (matrix: readonly number[], row: number, column: number): number => matrix[row * 4 + column] ?? 0;

export interface Placed {
  /** Outer corner of voxel 0,0,0. */
  readonly originNm: Vec3;
  readonly transform: VolumeTransform;
}

/**
 * Where the volume lies. With axes along those of the space and the same way, its origin is what the space says, half a
 * voxel before the centre of voxel 0, and the transform changes nothing. With any other, its origin is 0 and the
 * transform holds everything.
 */
export function placeIn(space: string, matrix: SpaceFromIndex, voxelSizeNm: Vec3): Placed {
  const axes = [0, 1, 2] as const;
  const isStraight = axes.every((row) =>
    axes.every((column) => {
      const wanted = row === column ? voxelSizeNm[column] : 0;
      return Math.abs(at(matrix, row, column) - wanted) <= 1e-6 * voxelSizeNm[column];
    }),
  );
  if (!isStraight)
    return { originNm: [0, 0, 0], transform: fromVolume(space, matrix, { originNm: [0, 0, 0], voxelSizeNm }) };
  const originNm = mapAxes((i) => tidy(at(matrix, i, 3) - voxelSizeNm[i] / 2, 9));
  return { originNm, transform: { space, kind: 'affine', matrix: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] } };
}

/** The same from nanometres of the volume, whose origin is set. */
export function fromVolume(
  space: string,
  matrix: SpaceFromIndex,
  { originNm, voxelSizeNm }: { readonly originNm: Vec3; readonly voxelSizeNm: Vec3 },
): VolumeTransform {
  const rows = [0, 1, 2].map((row) => {
    const turn = mapAxes((i) => at(matrix, row, i) / voxelSizeNm[i]);
    const centre = mapAxes((i) => originNm[i] + voxelSizeNm[i] / 2);
    const shift = turn.reduce((sum, value, i) => sum - value * (centre[i] ?? 0), at(matrix, row, 3));
    return [...turn, shift];
  });
  return { space, kind: 'affine', matrix: rows.flat() };
}

/** The inverse: what to write for a volume at `originNm`, by its transform to the space or without one. */
export function indexToSpace(
  originNm: Vec3,
  voxelSizeNm: Vec3,
  transform: VolumeTransform | undefined,
): SpaceFromIndex {
  const given = transform?.matrix ?? [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
  const rows = [0, 1, 2].map((row) => {
    const centre = mapAxes((i) => originNm[i] + voxelSizeNm[i] / 2);
    const shift = ([0, 1, 2] as const).reduce((sum, i) => sum + at(given, row, i) * centre[i], at(given, row, 3));
    return [...mapAxes((i) => at(given, row, i) * voxelSizeNm[i]), shift];
  });
  return rows.flat();
}
