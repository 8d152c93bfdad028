import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { WarpStep } from '../../../../preload/contract/warp.ts';
import type { OpenVolume, VolumeLevelPlan } from '../../formats/volume-format.ts';
import { type Affine3, affineMap, composeAffine3, determinant3, invertAffine3 } from '../../transforms/affine3.ts';
import { inverseOf } from '../../transforms/inverse-map.ts';
import { fitLandmarks, type FittedMap, mapOfFitted } from '../../transforms/landmarks.ts';
import { type PointMap, sequenceOf } from '../../transforms/point-map.ts';
import { fieldMap, type VectorField } from '../../transforms/vector-field.ts';
import { openedTogether } from '../opened-together.ts';
import { fieldOf, type FieldStep } from './field-of.ts';

export type ChainStep = FittedMap | { readonly type: 'field'; readonly field: VectorField; readonly inverse: boolean };

/** The maps from the result to the source, ready to be walked. */
export interface Chain {
  readonly steps: readonly ChainStep[];
  /** Of the first field: its own grid. */
  readonly fieldLevel: VolumeLevelPlan | null;
  close(): Promise<void>;
}

export interface ChainEnv {
  readonly physicalFromResult: Affine3;
  readonly physicalFromSource: Affine3;
  /** Opens the volume of a field. */
  openField(step: FieldStep): Promise<OpenedField>;
}

export interface OpenedField {
  readonly volume: OpenVolume;
  /** Id of its format. */
  readonly format: string;
  close(): Promise<void>;
}

interface Resolved {
  readonly step: ChainStep;
  readonly isPhysical: boolean;
}

/** Throws 'invalid-input' where a step is no map, and what opening a field throws. */
export const openChain = (steps: readonly WarpStep[], env: ChainEnv): Promise<Chain> =>
  openedTogether(async (keep) => {
    const resolved: Resolved[] = [];
    let fieldLevel: VolumeLevelPlan | null = null;
    for (const step of steps) {
      if (step.type !== 'field') {
        resolved.push(resolve(step));
        continue;
      }
      const { volume, format } = keep(await env.openField(step));
      const { field, isPhysical, level } = fieldOf(volume, format, step);
      fieldLevel ??= level;
      resolved.push({ step: { type: 'field', field, inverse: step.inverse }, isPhysical });
    }
    return { steps: folded(throughPhysical(resolved, env)), fieldLevel };
  });

function resolve(step: Exclude<WarpStep, FieldStep>): Resolved {
  if (step.type === 'landmarks') return { step: fitLandmarks(step), isPhysical: false };
  const inverse = invertAffine3(step.matrix);
  if (!inverse) throw flat(step.matrix);
  return {
    step: { type: 'affine', matrix: step.inverse ? inverse : step.matrix },
    isPhysical: step.frame === 'physical',
  };
}

const flat = (matrix: readonly number[]): LamellaError =>
  new LamellaError('invalid-input', 'An affine map of the chain flattens space: it has no inverse.', {
    hint: 'Give 3 rows of 4 numbers, row after row; the first three of each row make the linear part.',
    fields: { matrix: matrix.join(' ') },
  });

/** The way into the physical space before the first step that is measured there, and out of it after the last. */
function throughPhysical(
  resolved: readonly Resolved[],
  { physicalFromResult, physicalFromSource }: ChainEnv,
): readonly ChainStep[] {
  const first = resolved.findIndex(({ isPhysical }) => isPhysical);
  const steps = resolved.map(({ step }) => step);
  if (first < 0) return steps;
  const last = resolved.findLastIndex(({ isPhysical }) => isPhysical);
  if (resolved.slice(first, last).some(({ isPhysical }) => !isPhysical)) throw mixed();
  const sourceFromPhysical = invertAffine3(physicalFromSource);
  if (!sourceFromPhysical) throw flat(physicalFromSource);
  return [
    ...steps.slice(0, first),
    { type: 'affine', matrix: physicalFromResult },
    ...steps.slice(first, last + 1),
    { type: 'affine', matrix: sourceFromPhysical },
    ...steps.slice(last + 1),
  ];
}

const mixed = (): LamellaError =>
  new LamellaError('invalid-input', 'A step in volume space lies between steps in physical space.', {
    hint: 'Put the steps in physical space next to each other, or give all of them the same frame.',
  });

/** Affine maps that follow each other are one. */
export function folded(steps: readonly ChainStep[]): readonly ChainStep[] {
  const out: ChainStep[] = [];
  for (const step of steps) {
    const last = out.at(-1);
    if (step.type === 'affine' && last?.type === 'affine')
      out[out.length - 1] = { type: 'affine', matrix: composeAffine3(step.matrix, last.matrix) };
    else out.push(step);
  }
  return out;
}

/** How near inverses are searched for, as a part of the smallest voxel. */
export const tolerancePart = 1e-3;
const stepPart = 1e-2;

/** From the result to the source. `voxelNm`: the smallest side of the source's voxels. */
export const sourceFromResult = ({ steps }: Chain, voxelNm: number): PointMap =>
  sequenceOf(steps.map((step) => mapOf(step, voxelNm)));

/** From the source to the result. */
export const resultFromSource = ({ steps }: Chain, voxelNm: number): PointMap =>
  sequenceOf(steps.toReversed().map((step) => backOf(step, voxelNm)));

/** The steps from the source to the result; null where one is a thin plate, which only a search turns around. */
export function backwards({ steps }: Pick<Chain, 'steps'>): readonly ChainStep[] | null {
  const back: ChainStep[] = [];
  for (const step of steps.toReversed()) {
    if (step.type === 'spline') return null;
    const matrix = step.type === 'affine' ? invertAffine3(step.matrix) : null;
    if (step.type === 'field') back.push({ ...step, inverse: !step.inverse });
    else if (matrix) back.push({ type: 'affine', matrix });
    else return null;
  }
  return back;
}

function mapOf(step: ChainStep, voxelNm: number): PointMap {
  if (step.type !== 'field') return mapOfFitted(step);
  return step.inverse ? searched(fieldMap(step.field), voxelNm) : fieldMap(step.field);
}

function backOf(step: ChainStep, voxelNm: number): PointMap {
  if (step.type === 'field') return step.inverse ? fieldMap(step.field) : searched(fieldMap(step.field), voxelNm);
  const back = invertAffine3(step.type === 'affine' ? step.matrix : step.affine);
  if (step.type === 'affine') return affineMap(back ?? step.matrix);
  const mirrors = determinant3(step.affine) < 0;
  return searched(mapOfFitted(step), voxelNm, { mirrors, ...(back && { guess: affineMap(back) }) });
}

const searched = (
  map: PointMap,
  voxelNm: number,
  more: { readonly mirrors?: boolean; readonly guess?: PointMap } = {},
): PointMap => inverseOf(map, { toleranceNm: voxelNm * tolerancePart, stepNm: voxelNm * stepPart, ...more });
