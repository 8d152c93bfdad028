import { LamellaError } from '../../../../preload/contract/errors.ts';
import { bytesPerVoxel, type VoxelType } from '../../../../preload/contract/space.ts';
import type { WarpStep } from '../../../../preload/contract/warp.ts';
import { DecodedChunks, nextVolumeToken } from '../../formats/decoded-chunks.ts';
import { levelAt, voxelsIn } from '../../formats/pyramid.ts';
import type { OpenVolume, VolumeLevelPlan } from '../../formats/volume-format.ts';
import { type Affine3, composeAffine3, invertAffine3 } from '../../transforms/affine3.ts';
import type { VectorField, Vectors } from '../../transforms/vector-field.ts';
import { chunksAtOnce, readBox } from '../read-box.ts';
import { leftPosteriorFrom, physicalFromVolume, placeOfPlan } from './physical-space.ts';
import { isSmallField, wholeField } from './whole-field.ts';

export type FieldStep = Extract<WarpStep, { type: 'field' }>;

/** Decoded chunks of fields, which the bricks beside each other share. */
const fieldChunks = new DecodedChunks(128 * 2 ** 20);
const chunkBytesAtOnce = 32 * 2 ** 20;

export interface FoundField {
  readonly field: VectorField;
  readonly isPhysical: boolean;
  /** Its own grid, as a volume. */
  readonly level: VolumeLevelPlan;
}

/** A volume of vectors as a field. Throws 'bad-source' where it holds none. */
export function fieldOf(volume: OpenVolume, format: string, step: FieldStep): FoundField {
  const { plan } = volume;
  const level = levelAt(plan, 0);
  const parts = partsOf(volume);
  const isPhysical = step.frame === 'physical' || (step.frame === 'auto' && (format === 'nifti' || format === 'nrrd'));
  const place = placeOfPlan(plan);
  const volumeFromIndex = nmFromIndex(level);
  const pointFromIndex = isPhysical ? composeAffine3(physicalFromVolume(place), volumeFromIndex) : volumeFromIndex;
  const indexFromPoint = invertAffine3(pointFromIndex);
  if (!indexFromPoint) throw notField(plan.name, 'its axes lie in one plane');
  const unit = step.vectorUnitNm ?? volume.notes.vectors?.unitNm ?? (isPhysical ? 1e6 : 1);
  // ITK writes its own axes into NIfTI, whatever the header's are; into NRRD, those that the header names.
  const turned = isPhysical && format !== 'nifti' ? leftPosteriorFrom(place.space) : null;
  const scaled = scaledBy(unit, volume.notes.attributes ?? {});
  const token = nextVolumeToken();
  const field: VectorField = {
    sizeXyz: level.sizeXyz,
    indexFromPoint,
    nmFromVector: turned ? composeAffine3(turned, scaled) : scaled,
    holds: step.holds,
    interpolation: step.interpolation,
    read: async (min, size, signal = new AbortController().signal) => {
      const count = voxelsIn(size);
      const bytes = new Uint8Array(3 * count * bytesPerVoxel[plan.dtype]);
      const inFlight = chunksAtOnce(volume, 0, chunkBytesAtOnce, 4);
      for (const { part, channel, time } of parts) {
        const box = { level: 0, min, size, channel, time };
        const voxels = await readBox(volume, box, { inFlight, signal, chunks: { cache: fieldChunks, token } });
        if (voxels) bytes.set(voxels, (part * bytes.byteLength) / 3);
      }
      return vectorsOf(bytes, plan.dtype);
    },
    ...(isSmallField(level) && {
      whole: async (signal = new AbortController().signal) => vectorsOf(await wholeField(field, signal), plan.dtype),
    }),
  };
  return { isPhysical, level, field };
}

const vectorsOf = ({ buffer, byteOffset, byteLength }: Uint8Array, dtype: VoxelType): Vectors =>
  dtype === 'float64'
    ? new Float64Array(buffer, byteOffset, byteLength / 8)
    : new Float32Array(buffer, byteOffset, byteLength / 4);

/** Voxels, whose centres are at whole numbers, to nanometres of the volume. */
export function nmFromIndex({ voxelSizeNm: [x, y, z], originNm }: Pick<VolumeLevelPlan, 'voxelSizeNm' | 'originNm'>) {
  const [ox, oy, oz] = originNm;
  return [x, 0, 0, ox + x / 2, 0, y, 0, oy + y / 2, 0, 0, z, oz + z / 2] as const satisfies Affine3;
}

interface VectorPart {
  readonly channel: number;
  readonly time: number;
  /** 0, 1, 2: x, y, z. */
  readonly part: number;
}

/** Where x, y and z of the vectors lie: in channels, or, where a NIfTI does not say that they are vectors, in times. */
function partsOf({ plan, notes }: OpenVolume): readonly VectorPart[] {
  const { channels, times, dtype, name } = plan;
  if (dtype !== 'float32' && dtype !== 'float64')
    throw notField(name, `its voxels are ${dtype}, not numbers with a point`);
  const order = notes.vectors?.axes ?? ['x', 'y', 'z'];
  if (channels.length === order.length && times === 1)
    return order.map((axis, channel) => ({ channel, time: 0, part: ['x', 'y', 'z'].indexOf(axis) }));
  if (channels.length === 1 && times === 3) return [0, 1, 2].map((time) => ({ channel: 0, time, part: time }));
  throw notField(name, `it has ${channels.length} channels and ${times} times, and vectors have three channels`);
}

function scaledBy(unit: number, attributes: Readonly<Record<string, unknown>>): Affine3 {
  const [slope, intercept] = [attributes['scl_slope'], attributes['scl_inter']];
  const scale = unit * (typeof slope === 'number' ? slope : 1);
  const shift = unit * (typeof intercept === 'number' ? intercept : 0);
  return [scale, 0, 0, shift, 0, scale, 0, shift, 0, 0, scale, shift];
}

const notField = (name: string, why: string): LamellaError =>
  new LamellaError('bad-source', `"${name}" is no field of vectors: ${why}.`, {
    hint: 'Give a volume with three channels of float32 or float64: x, y and z.',
    fields: { field: name },
  });
