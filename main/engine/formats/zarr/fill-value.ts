import { bytesPerVoxel, type VoxelType } from '../../../../preload/contract/space.ts';
import type { ElementType } from './zarr-array.ts';

/**
 * The fill value of an array as one little-endian element, or a sentence on what is wrong with it. Numbers that a double
 * does not hold come as decimal strings (see `readCheckedJson`); floats also as "NaN", "Infinity", "-Infinity", and as
 * the hexadecimal of their bits (zarr-specs, core v3.0, "Fill value").
 */
export function fillBytes(value: unknown, { dtype, storedAs }: ElementType): Uint8Array | string {
  const given = value ?? 0;
  if (storedAs === 'bool') return boolBytes(given);
  const number = dtype.startsWith('float') ? floatOf(given, dtype, storedAs === 'float16') : integerOf(given, dtype);
  return number === undefined ? `the fill value ${shown(value)} is not one of ${storedAs ?? dtype}` : number;
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'undefined').slice(0, 60);

function boolBytes(value: unknown): Uint8Array | string {
  if (value === true || value === 1) return Uint8Array.of(1);
  return value === false || value === 0 ? Uint8Array.of(0) : `the fill value ${shown(value)} is not true or false`;
}

function integerOf(value: unknown, dtype: VoxelType): Uint8Array | undefined {
  const exact =
    typeof value === 'string' && /^-?\d{1,40}$/.test(value)
      ? BigInt(value)
      : Number.isSafeInteger(value)
        ? BigInt(value as number)
        : undefined;
  if (exact === undefined) return undefined;
  const bits = bytesPerVoxel[dtype] * 8;
  const wrapped = dtype.startsWith('u') ? BigInt.asUintN(bits, exact) : BigInt.asIntN(bits, exact);
  if (wrapped !== exact) return undefined;
  return elementOfBits(BigInt.asUintN(64, exact), bits / 8);
}

function elementOfBits(bits: bigint, width: number): Uint8Array {
  const eight = new DataView(new ArrayBuffer(8));
  eight.setBigUint64(0, bits, true);
  return new Uint8Array(eight.buffer, 0, width).slice();
}

function floatOf(value: unknown, dtype: VoxelType, half: boolean): Uint8Array | undefined {
  const width = bytesPerVoxel[dtype];
  if (typeof value === 'string' && /^0x[\da-f]+$/i.test(value)) {
    if (value.length !== 2 + (half ? 4 : width * 2)) return undefined;
    return half ? bytesOfFloat(halfFromBits(Number(value)), width) : elementOfBits(BigInt(value), width);
  }
  const number = typeof value === 'string' ? namedFloat(value) : value;
  if (typeof number !== 'number') return undefined;
  return bytesOfFloat(half ? roundToHalf(number) : number, width);
}

function namedFloat(text: string): number | undefined {
  if (text === 'NaN') return Number.NaN;
  if (/^-?Infinity$/.test(text) || /^-?\d{1,400}$/.test(text)) return Number(text);
  return undefined;
}

function bytesOfFloat(value: number, width: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(width));
  if (width === 4) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  return new Uint8Array(view.buffer);
}

function halfFromBits(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** To the nearest value of a half float, ties to even, as NumPy casts. */
function roundToHalf(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const step = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(value))), -14) - 10);
  const [down, rest] = [Math.floor(value / step), (value / step) % 1];
  const up = Math.abs(rest) === 0.5 ? down % 2 !== 0 : Math.round(value / step) > down;
  const rounded = (up ? down + 1 : down) * step;
  return Math.abs(rounded) > 65_504 ? Math.sign(value) * Number.POSITIVE_INFINITY : rounded;
}
