import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { Matrix34 } from '../../../preload/contract/view-state.ts';
import { map3 } from '../volume-geometry.ts';
import { numberIn } from './limits.ts';
import { dimensionOf, stepNmOf } from './units.ts';
import type { Dimensions, SourceTransform } from './viewer-state.ts';

/**
 * Transforms of sources. Neuroglancer's matrix takes voxels of the source to steps of the output dimensions; a layer's takes
 * its nanometres to the world's. Continuous coordinates of both have their 0 at the outer corner of voxel 0.
 */
export interface SourceFrame {
  /** Nanometres of a voxel along x, y, z. */
  readonly voxelNm: Vec3;
  /** Where voxel 0 of Neuroglancer begins, in the layer's nanometres. */
  readonly originNm: Vec3;
}

/** Precomputed counts its voxels from the space's origin; the other formats from the corner of the array. */
export function frameOfVolume({ levels, source, originVoxel }: Volume): SourceFrame {
  const [first] = levels;
  const voxelNm = first?.voxelSizeNm ?? [1, 1, 1];
  if (source.format === 'precomputed') return { voxelNm, originNm: [0, 0, 0] };
  return { voxelNm, originNm: first?.originNm ?? map3((axis) => originVoxel[axis] * voxelNm[axis]) };
}

export const frameOfNm: SourceFrame = { voxelNm: [1, 1, 1], originNm: [0, 0, 0] };

const axisOf = (name: string | undefined): number => ['x', 'y', 'z'].indexOf(name?.toLowerCase() ?? '');

/** Null: the layer's nanometres are the world's. `carried` is false where other axes than x, y and z take part. */
export function worldFromLayerOf(
  transform: SourceTransform,
  frame: SourceFrame,
): { readonly matrix: Matrix34 | null; readonly carried: boolean } {
  const { outputDimensions: output, inputDimensions: input, matrix: given } = transform;
  if (!output) return { matrix: null, carried: given === undefined };
  const rows = Object.keys(output);
  const inputs = Object.keys(input ?? {});
  // Numbered input dimensions stand in the order of the output's.
  const columns = rows.map((name, i) => (axisOf(inputs[i]) >= 0 ? inputs[i] : name));
  const whole = given?.length === rows.length && given.every((row) => row.length === rows.length + 1);
  const at = (r: number, c: number): number => (whole ? (given?.[r]?.[c] ?? 0) : Number(r === c));
  const world: number[][] = [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
  ];
  let carried = given === undefined || whole;
  rows.forEach((name, r) => {
    const row = world[axisOf(name)];
    const outNm = stepNmOf(output[name]);
    if (!row || outNm === null) return void (carried &&= isIdentityRow(at, r, rows.length));
    row.fill(0);
    columns.forEach((column, c) => {
      const axis = axisOf(column) as 0 | 1 | 2 | -1;
      if (axis === -1) return void (carried &&= at(r, c) === 0);
      const inNm = stepNmOf(input?.[inputs[c] ?? '']) ?? frame.voxelNm[axis];
      row[axis] = (at(r, c) * outNm) / inNm;
    });
    row[3] =
      at(r, rows.length) * outNm - [0, 1, 2].reduce((sum, a) => sum + (row[a] ?? 0) * (frame.originNm[a] ?? 0), 0);
  });
  const flat = world.flat().map((value) => Number(value.toPrecision(14)));
  if (!flat.every(Number.isFinite)) return { matrix: null, carried: false };
  return { matrix: isIdentity(flat) ? null : flat, carried };
}

function isIdentityRow(at: (r: number, c: number) => number, r: number, rank: number): boolean {
  return Array.from({ length: rank + 1 }, (_, c) => at(r, c) === Number(r === c)).every(Boolean);
}

const isIdentity = (m: readonly number[]): boolean =>
  m.every((value, i) => {
    const wanted = i % 5 === 0 ? 1 : 0;
    return Math.abs(value - wanted) < (i % 4 === 3 ? 1e-6 : 1e-12);
  });

/** The transform that puts a layer where Lamella shows it. `dimensions`: names of the source's axes, in its order. */
export function transformOf(
  matrix: Matrix34,
  { voxelNm, originNm }: SourceFrame,
  axes: readonly string[],
): { readonly matrix: number[][]; readonly outputDimensions: Dimensions } {
  const rows = axes.map((name, r) => {
    const axis = axisOf(name) as 0 | 1 | 2 | -1;
    if (axis === -1) return [...axes.map((_, c) => Number(r === c)), 0];
    const at = (column: number): number => matrix[4 * axis + column] ?? 0;
    const outNm = voxelNm[axis];
    const linear = axes.map((column) => {
      const c = axisOf(column) as 0 | 1 | 2 | -1;
      return c === -1 ? 0 : (at(c) * voxelNm[c]) / outNm;
    });
    const shift = at(3) + originNm.reduce((sum, nm, c) => sum + at(c) * nm, 0);
    return [...linear, shift / outNm].map((value) => Number(value.toPrecision(14)));
  });
  const outputDimensions = Object.fromEntries(
    axes.map((name) => {
      const axis = axisOf(name) as 0 | 1 | 2 | -1;
      return [name, axis === -1 ? ([1, ''] as [number, string]) : dimensionOf(voxelNm[axis])];
    }),
  );
  return { matrix: rows, outputDimensions };
}

/** 4 x 4 of before 2019, between nanometres. Null where it is none, or changes nothing. */
export function legacyTransform(value: unknown): Matrix34 | null {
  const rows = Array.isArray(value) ? (value.flat() as unknown[]).map(numberIn) : [];
  if (rows.length !== 16 || !rows.every(Number.isFinite)) return null;
  const flat = rows.slice(0, 12);
  return isIdentity(flat) ? null : flat;
}
