import type { Vec3 } from '../../../../preload/contract/space.ts';
import { niftiWriter } from '../../formats/nifti/writer.ts';
import { nrrdFieldWriter } from '../../formats/nrrd/writer.ts';
import { omeChainPart, omeFieldWriter, type OmeChain } from '../../formats/ome-field-writer.ts';
import { precomputedWriter } from '../../formats/precomputed/writer.ts';
import { plainImage } from '../../formats/pyramid.ts';
import type {
  ChunkCodec,
  VolumeFormat,
  VolumeLevelPlan,
  VolumePlan,
  VolumeTransform,
  VolumeWriter,
  WriteChoices,
} from '../../formats/volume-format.ts';
import type { Frames } from '../../registrations/field-of-chain.ts';
import { type Affine3, composeAffine3, identity3 } from '../../transforms/affine3.ts';
import { physicalFromVolume, placeOfPlan } from '../../volumes/warped/physical-space.ts';
import type { ExportInput } from './export.ts';

export type FieldFormat = Exclude<ExportInput['format'], 'itk-txt' | 'ants-mat'>;

export const writtenAs: Readonly<Record<FieldFormat, NonNullable<VolumeFormat['write']>['as']>> = {
  'itk-nifti': { ending: '.nii' },
  'itk-nrrd': { ending: '.nrrd' },
  'ome-zarr': 'folder',
  precomputed: 'folder',
};

/** ITK's fields lie in the patient's space, in millimetres; the others in volume space, in nanometres. */
export const isPhysical = (format: FieldFormat): boolean => format === 'itk-nifti' || format === 'itk-nrrd';

const millimetres: Affine3 = [1e-6, 0, 0, 0, 0, 1e-6, 0, 0, 0, 0, 1e-6, 0];

/** In which space and order the vectors of a format are; `from`, `to`: between which volumes they lead. */
export function framesOf(format: FieldFormat, from: VolumePlan, to: VolumePlan): Frames {
  if (!isPhysical(format))
    return { fromResult: identity3, fromSource: identity3, parts: format === 'ome-zarr' ? [2, 1, 0] : [0, 1, 2] };
  const physical = (plan: VolumePlan): Affine3 => composeAffine3(millimetres, physicalFromVolume(placeOfPlan(plan)));
  return { fromResult: physical(from), fromSource: physical(to), parts: [0, 1, 2] };
}

interface FieldToWrite {
  readonly format: FieldFormat;
  readonly from: VolumePlan;
  /** null: there is no field, only affine maps (OME-Zarr). */
  readonly level: VolumeLevelPlan | null;
  readonly chain: OmeChain;
  readonly packed: boolean;
  readonly blockBytes: number;
}

export function fieldWriter(
  { format, from, level, chain, packed, blockBytes }: FieldToWrite,
  codec: ChunkCodec,
): VolumeWriter {
  const plan: VolumePlan = {
    ...plainImage,
    ...{ name: 'displacements', dtype: 'float32', levels: level ? [level] : [] },
    channels: ['x', 'y', 'z'].map((name) => ({ name, color: null, window: null })),
    transforms: placeIn(format, from),
  };
  const choices: WriteChoices = { sharded: false, blockBytes, ...(packed && { encoding: 'gzip' }) };
  if (format === 'itk-nifti') return niftiWriter(plan, choices, codec);
  if (format === 'itk-nrrd') return nrrdFieldWriter(plan, choices);
  if (format === 'precomputed') return precomputedWriter(plan, choices, codec);
  return level ? omeFieldWriter(plan, choices, codec, chain) : sceneWriter(plan, chain);
}

/** Of affine maps alone: no voxels. */
const sceneWriter = (plan: VolumePlan, chain: OmeChain): VolumeWriter => ({
  plan,
  blockXyz: (): Vec3 => [1, 1, 1],
  encodeBlock: () => Promise.resolve([]),
  metadata: () => Promise.resolve([omeChainPart(chain)]),
});

/** The grid lies where the volume does, as NIfTI says it (x to the right, y to the front) and NRRD as ITK does. */
function placeIn(format: FieldFormat, from: VolumePlan): readonly VolumeTransform[] {
  if (!isPhysical(format)) return [];
  const physical = physicalFromVolume(placeOfPlan(from));
  const transform = { kind: 'affine' } as const;
  if (format === 'itk-nrrd') return [{ ...transform, space: 'left-posterior-superior', matrix: physical }];
  const right: Affine3 = [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0];
  return [{ ...transform, space: 'scanner', matrix: composeAffine3(right, physical) }];
}
