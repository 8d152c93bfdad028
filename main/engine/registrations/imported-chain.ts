import type { WarpStep } from '../../../preload/contract/warp.ts';
import { mapAxes } from '../formats/pyramid.ts';
import { type Affine3, affineEntry, composeAffine3, invertAffine3 } from '../transforms/affine3.ts';
import type { VectorField } from '../transforms/vector-field.ts';
import { affineStep } from './chain-of.ts';
import { fieldStep } from './field-file.ts';
import type { WorkingGrid } from './working-levels.ts';

/** One transform of another program, between points of the patient's space in nanometres (x to the left, y to the back). */
export type Piece =
  | { readonly type: 'affine'; readonly map: Affine3 }
  | { readonly type: 'field'; readonly field: VectorField; readonly inverse: boolean; readonly ref: string };

/** A field of the patient's space as one of a space in which its axes are straight. */
export interface StraightField {
  readonly grid: WorkingGrid;
  readonly physicalFromGrid: Affine3;
  /** From what is stored to micrometres of that space: only the linear part counts. */
  readonly umFromVector: Affine3;
}

export interface ImportedChain {
  readonly steps: readonly WarpStep[];
  /** One for each piece that is a field, in their order. */
  readonly fields: readonly StraightField[];
}

/**
 * Transforms of the patient's space, the first done first, as steps from one volume to another. `from`, `to`: where these
 * lie in it. A field whose axes are those of the volume stays in the volume's space, where nothing need be turned.
 */
export function importedChain(pieces: readonly Piece[], from: Affine3, to: Affine3): ImportedChain {
  const steps: WarpStep[] = [];
  const fields: StraightField[] = [];
  let physicalFromHere = from;
  for (const piece of pieces) {
    if (piece.type === 'affine') {
      physicalFromHere = composeAffine3(piece.map, physicalFromHere);
      continue;
    }
    const straight = straightened(piece.field, physicalFromHere);
    if (straight.physicalFromGrid !== physicalFromHere)
      steps.push(affineStep(composeAffine3(inverted(straight.physicalFromGrid), physicalFromHere)));
    steps.push({ ...fieldStep(piece.ref), inverse: piece.inverse });
    fields.push(straight);
    physicalFromHere = straight.physicalFromGrid;
  }
  return { steps: [...steps, affineStep(composeAffine3(inverted(to), physicalFromHere))], fields };
}

/** The same the other way around. */
export const turnedAround = (steps: readonly WarpStep[]): WarpStep[] =>
  steps.toReversed().map((step) => {
    if (step.type === 'affine') return affineStep(inverted(step.matrix));
    if (step.type === 'field') return { ...step, inverse: !step.inverse };
    throw new Error('landmarks are no step of an imported registration');
  });

function inverted(map: Affine3): Affine3 {
  const inverse = invertAffine3(map);
  if (!inverse) throw new Error('a map that was checked for its inverse has none');
  return inverse;
}

/** In the space that `physicalFromHere` leads from, where its axes are straight there; in one of its own otherwise. */
function straightened(
  { sizeXyz, indexFromPoint, nmFromVector }: VectorField,
  physicalFromHere: Affine3,
): StraightField {
  const pointFromIndex = inverted(indexFromPoint);
  const isStraight = (map: Affine3): boolean => liesStraight(map, sizeXyz);
  const here = composeAffine3(inverted(physicalFromHere), pointFromIndex);
  const physicalFromGrid = isStraight(here) ? physicalFromHere : alongAxes(pointFromIndex);
  const gridFromPhysical = inverted(physicalFromGrid);
  const gridFromIndex = composeAffine3(gridFromPhysical, pointFromIndex);
  // An inverse of an inverse: 200,000 nm are not 199,999.99999999997.
  const voxelSizeNm = mapAxes((i) => Number(affineEntry(gridFromIndex, i, i).toPrecision(12)));
  const originNm = mapAxes((i) => affineEntry(gridFromIndex, i, 3) - voxelSizeNm[i] / 2);
  const umFromVector = composeAffine3(gridFromPhysical, nmFromVector).map((value) => value / 1000);
  return { grid: { sizeXyz, voxelSizeNm, originNm }, physicalFromGrid, umFromVector };
}

const axes = [0, 1, 2] as const;
/** Parts of a voxel: files hold places in single precision. */
const mostAside = 1e-3;

/** Whether the index of each axis moves a point along that axis alone, and forwards, all over the grid. */
const liesStraight = (map: Affine3, sizeXyz: VectorField['sizeXyz']): boolean =>
  axes.every((row) => {
    const side = affineEntry(map, row, row);
    const aside = mapAxes((column) => (column === row ? 0 : Math.abs(affineEntry(map, row, column)) * sizeXyz[column]));
    return side > 0 && Math.max(...aside) <= mostAside * side;
  });

/** From a space that begins at the first vector and runs along the axes of the grid, in nanometres. */
function alongAxes(pointFromIndex: Affine3): Affine3 {
  const lengths = mapAxes((column) => Math.hypot(...mapAxes((row) => affineEntry(pointFromIndex, row, column))));
  return pointFromIndex.map((value, i) => value / (lengths[i % 4] ?? 1));
}
