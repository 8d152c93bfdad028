import type { Vec3, VoxelType } from '../../../../preload/contract/space.ts';
import type { SpaceFromIndex } from '../raw-file/space.ts';

/**
 * Headers of NIfTI-1 (348 bytes) and NIfTI-2 (540 bytes), of either byte order: nifti.nimh.nih.gov, nifti1.h and
 * nifti2.h. Lengths are as the file has them, in its own units.
 */
export interface NiftiHeader {
  readonly version: 1 | 2 | 'analyze';
  readonly endian: 'little' | 'big';
  /** Voxels in a file of their own (.img). */
  readonly isPair: boolean;
  /** x, y, z, t, c, and what follows. */
  readonly dim: readonly number[];
  readonly datatype: number;
  /** Of x, y, z and time. */
  readonly pixdim: readonly [number, number, number, number];
  readonly voxOffset: number;
  readonly slope: number;
  readonly intercept: number;
  readonly xyztUnits: number;
  readonly intentCode: number;
  readonly qform: { readonly code: number; readonly matrix: SpaceFromIndex };
  readonly sform: { readonly code: number; readonly matrix: SpaceFromIndex };
}

/** Where the fields lie. Numbers of NIfTI-1 are short and single, of NIfTI-2 long and double. */
export interface Fields {
  readonly size: 348 | 540;
  readonly dim: number;
  readonly intentCode: number;
  readonly datatype: number;
  readonly bitpix: number;
  readonly pixdim: number;
  readonly voxOffset: number;
  readonly slope: number;
  readonly intercept: number;
  readonly xyztUnits: number;
  readonly qformCode: number;
  readonly sformCode: number;
  readonly quaternion: number;
  readonly srow: number;
  readonly magic: number;
}

const nifti1: Fields = {
  size: 348,
  dim: 40,
  intentCode: 68,
  datatype: 70,
  bitpix: 72,
  pixdim: 76,
  voxOffset: 108,
  slope: 112,
  intercept: 116,
  xyztUnits: 123,
  qformCode: 252,
  sformCode: 254,
  quaternion: 256,
  srow: 280,
  magic: 344,
};
const nifti2: Fields = {
  size: 540,
  dim: 16,
  intentCode: 504,
  datatype: 12,
  bitpix: 14,
  pixdim: 104,
  voxOffset: 168,
  slope: 176,
  intercept: 184,
  xyztUnits: 500,
  qformCode: 344,
  sformCode: 348,
  quaternion: 352,
  srow: 400,
  magic: 4,
};

export const fieldsOf = (version: 1 | 2): Fields => (version === 1 ? nifti1 : nifti2);

/** `datatype` codes that are one value each. */
export const typeByCode: ReadonlyMap<number, VoxelType> = new Map<number, VoxelType>([
  [2, 'uint8'],
  [4, 'int16'],
  [8, 'int32'],
  [16, 'float32'],
  [64, 'float64'],
  [256, 'int8'],
  [512, 'uint16'],
  [768, 'uint32'],
  [1024, 'int64'],
  [1280, 'uint64'],
]);
/** Codes of colours: bytes that lie together. */
export const coloursByCode: ReadonlyMap<number, number> = new Map([
  [128, 3],
  [2304, 4],
]);

interface Found {
  readonly fields: Fields;
  readonly endian: 'little' | 'big';
}

function find(view: DataView): Found | undefined {
  if (view.byteLength < 348) return undefined;
  for (const endian of ['little', 'big'] as const) {
    const size = view.getInt32(0, endian === 'little');
    if (size === 348) return { fields: nifti1, endian };
    if (size === 540 && view.byteLength >= 540) return { fields: nifti2, endian };
  }
  return undefined;
}

/** Undefined where the bytes are no such header. */
export function parseHeader(bytes: Uint8Array): NiftiHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = find(view);
  if (!found) return undefined;
  const { fields, endian } = found;
  const magic = String.fromCharCode(...bytes.subarray(fields.magic, fields.magic + 3));
  const isAnalyze = fields === nifti1 && magic === '\0\0\0';
  if (!isAnalyze && !(fields === nifti1 ? /^n[i+]1$/ : /^n[i+]2$/).test(magic)) return undefined;
  const read = reader(view, found);
  const pixdim = read.reals(fields.pixdim, 8);
  const dims = read.wholes(fields.dim, 8);
  return {
    version: isAnalyze ? 'analyze' : fields === nifti1 ? 1 : 2,
    endian,
    isPair: isAnalyze || magic[1] === 'i',
    dim: dims.slice(1, 1 + Math.max(0, Math.min(7, dims[0] ?? 0))),
    datatype: view.getInt16(fields.datatype, endian === 'little'),
    pixdim: [pixdim[1] ?? 0, pixdim[2] ?? 0, pixdim[3] ?? 0, pixdim[4] ?? 0],
    voxOffset: fields === nifti1 ? read.real(fields.voxOffset) : read.whole(fields.voxOffset),
    slope: isAnalyze ? 0 : read.real(fields.slope),
    intercept: isAnalyze ? 0 : read.real(fields.intercept),
    xyztUnits: isAnalyze ? 0 : fields === nifti1 ? view.getUint8(fields.xyztUnits) : read.code(fields.xyztUnits),
    intentCode: isAnalyze ? 0 : read.code(fields.intentCode),
    qform: {
      code: isAnalyze ? 0 : read.code(fields.qformCode),
      matrix: matrixOf(read.reals(fields.quaternion, 6), pixdim),
    },
    sform: { code: isAnalyze ? 0 : read.code(fields.sformCode), matrix: read.reals(fields.srow, 12) },
  };
}

function reader(view: DataView, { fields, endian }: Found) {
  const little = endian === 'little';
  const isFirst = fields === nifti1;
  const real = (at: number): number => (isFirst ? view.getFloat32(at, little) : view.getFloat64(at, little));
  const whole = (at: number): number => (isFirst ? view.getInt16(at, little) : Number(view.getBigInt64(at, little)));
  const many = (read: (at: number) => number, width: number) => (at: number, n: number) =>
    Array.from({ length: n }, (_, i) => read(at + i * width));
  return {
    real,
    whole,
    reals: many(real, isFirst ? 4 : 8),
    wholes: many(whole, isFirst ? 2 : 8),
    code: (at: number): number => (isFirst ? view.getInt16(at, little) : view.getInt32(at, little)),
  };
}

/** Method 2 of nifti1.h: a rotation as a unit quaternion, voxel sizes, and a flip of z by the sign of pixdim[0]. */
function matrixOf(values: readonly number[], pixdim: readonly number[]): SpaceFromIndex {
  const [b = 0, c = 0, d = 0, x = 0, y = 0, z = 0] = values;
  const a = Math.sqrt(Math.max(0, 1 - b * b - c * c - d * d));
  const flip = (pixdim[0] ?? 1) < 0 ? -1 : 1;
  const size: Vec3 = [pixdim[1] ?? 1, pixdim[2] ?? 1, flip * (pixdim[3] ?? 1)];
  const turn = [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - c * c - b * b],
  ];
  const shift = [x, y, z];
  return turn.flatMap((row, i) => [...row.map((value, j) => value * (size[j] ?? 1)), shift[i] ?? 0]);
}
