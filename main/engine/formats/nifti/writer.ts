import { bytesPerVoxel, type Vec3 } from '../../../../preload/contract/space.ts';
import { oneFileWriter, refusal } from '../raw-file/one-file.ts';
import { indexToSpace } from '../raw-file/space.ts';
import type {
  ChunkCodec,
  VolumeLevelPlan,
  VolumeNotes,
  VolumePlan,
  VolumeWriter,
  WriteChoices,
} from '../volume-format.ts';
import { fieldsOf, parseHeader, typeByCode } from './header.ts';
import { codeOfSpace, interpret, labelIntent } from './open.ts';

/**
 * Level 0 as NIfTI-1, or NIfTI-2 where a side is over 32767 voxels; lengths in mm. The sform says where the volume lies:
 * by its first transform to another space, or by its origin alone. Throws 'invalid-input' on what can't be held.
 */
export const niftiWriter = (plan: VolumePlan, choices: WriteChoices, _codec: ChunkCodec): VolumeWriter =>
  oneFileWriter(plan, choices, {
    name: 'NIfTI',
    order: 'tc',
    packHead: true,
    head: (level, _packing, notes) => withNotes(makeHeader(plan, level), notes),
    read: (head) => {
      const header = parseHeader(head);
      return header && interpret(plan.name, header);
    },
  });

const nmOfUnit = 1e6;
/** mm and s. */
const units = 2 | 8;

function makeHeader(plan: VolumePlan, level: VolumeLevelPlan): Uint8Array {
  const sizes = dimsOf(plan, level.sizeXyz);
  const version = sizes.some((n) => n > 32_767) ? 2 : 1;
  const fields = fieldsOf(version);
  const bytes = new Uint8Array(fields.size + 4);
  const put = putter(new DataView(bytes.buffer), version);
  put.int32(0, fields.size);
  put.wholes(fields.dim, [sizes.length, ...sizes, ...Array.from({ length: 7 - sizes.length }, () => 1)]);
  put.code(fields.intentCode, plan.channels.length > 1 ? vectorIntent : plan.kind === 'segmentation' ? labelIntent : 0);
  put.int16(fields.datatype, codeOf(plan));
  put.int16(fields.bitpix, bytesPerVoxel[plan.dtype] * 8);
  const sides = level.voxelSizeNm.map((nm) => nm / nmOfUnit);
  put.reals(fields.pixdim, [1, ...sides, plan.secondsPerTime ?? 0, 1, 0, 0]);
  put.vox(fields.voxOffset, fields.size + 4);
  put.reals(fields.slope, [1, 0]);
  put.units(fields.xyztUnits, units);
  putPlace(put, fields, plan, level);
  bytes.set(new TextEncoder().encode(version === 1 ? 'n+1\0' : 'n+2\0\r\n\x1a\n'), fields.magic);
  return bytes;
}

/** NIFTI_INTENT_VECTOR: the fifth axis holds the parts of a vector. */
const vectorIntent = 1007;

/** Without axes of length 1 at the end, but for the three of space. */
function dimsOf({ times, channels }: VolumePlan, [x, y, z]: Vec3): readonly number[] {
  if (channels.length > 1) return [x, y, z, times, channels.length];
  return times > 1 ? [x, y, z, times] : [x, y, z];
}

function codeOf({ dtype }: VolumePlan): number {
  for (const [code, type] of typeByCode) if (type === dtype) return code;
  throw refusal('NIfTI', `voxels of ${dtype}`, 'Choose another type.');
}

/** A quaternion can only turn and flip: the qform is written where the sform does neither. */
function putPlace(
  put: ReturnType<typeof putter>,
  fields: ReturnType<typeof fieldsOf>,
  plan: VolumePlan,
  { originNm, voxelSizeNm }: VolumeLevelPlan,
): void {
  const transform = plan.transforms.find(({ matrix }) => matrix?.length === 12);
  const matrix = indexToSpace(originNm, voxelSizeNm, transform).map((value) => value / nmOfUnit);
  const code = transform ? codeOfSpace(transform.space) : codeOfSpace('scanner');
  put.code(fields.sformCode, code);
  put.reals(fields.srow, matrix);
  const isStraight = [0, 1, 2].every((row) =>
    ([0, 1, 2] as const).every((column) => {
      const wanted = row === column ? voxelSizeNm[column] / nmOfUnit : 0;
      return Math.abs((matrix[row * 4 + column] ?? 0) - wanted) <= 1e-7 * wanted;
    }),
  );
  if (!isStraight) return;
  put.code(fields.qformCode, code);
  put.reals(fields.quaternion, [0, 0, 0, matrix[3] ?? 0, matrix[7] ?? 0, matrix[11] ?? 0]);
}

function putter(view: DataView, version: 1 | 2) {
  const isFirst = version === 1;
  const real = (at: number, value: number) =>
    isFirst ? view.setFloat32(at, value, true) : view.setFloat64(at, value, true);
  const whole = (at: number, value: number) =>
    isFirst ? view.setInt16(at, value, true) : view.setBigInt64(at, BigInt(value), true);
  const many = (put: (at: number, value: number) => void, width: number) => (at: number, values: readonly number[]) => {
    for (const [i, value] of values.entries()) put(at + i * width, value);
  };
  const int32 = (at: number, value: number) => view.setInt32(at, value, true);
  const int16 = (at: number, value: number) => view.setInt16(at, value, true);
  return {
    int32,
    int16,
    code: isFirst ? int16 : int32,
    reals: many(real, isFirst ? 4 : 8),
    wholes: many(whole, isFirst ? 2 : 8),
    vox: (at: number, value: number) => (isFirst ? real(at, value) : whole(at, value)),
    units: (at: number, value: number) => (isFirst ? view.setUint8(at, value) : int32(at, value)),
  };
}

/** Extension code of comments. */
export const commentCode = 6;
const mostNoteBytes = 32 * 2 ** 10;

/** Notes lie in an extension between header and voxels, as JSON: `{"lamella": …}`. Left out where they are too long. */
function withNotes(header: Uint8Array, { attributes }: VolumeNotes): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify({ lamella: attributes ?? {} }));
  if (Object.keys(attributes ?? {}).length === 0 || text.byteLength > mostNoteBytes) return header;
  const size = Math.ceil((text.byteLength + 8) / 16) * 16;
  const out = new Uint8Array(header.byteLength + size);
  out.set(header);
  const view = new DataView(out.buffer);
  const isFirst = view.getInt32(0, true) === 348;
  out[header.byteLength - 4] = 1;
  view.setInt32(header.byteLength, size, true);
  view.setInt32(header.byteLength + 4, commentCode, true);
  out.set(text, header.byteLength + 8);
  const voxOffset = fieldsOf(isFirst ? 1 : 2).voxOffset;
  if (isFirst) view.setFloat32(voxOffset, out.byteLength, true);
  else view.setBigInt64(voxOffset, BigInt(out.byteLength), true);
  return out;
}
