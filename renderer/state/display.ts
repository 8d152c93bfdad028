import type { Volume } from '../../preload/contract/library.ts';
import type { VoxelType } from '../../preload/contract/space.ts';

/** Between what bricks hold and what the data means. Pure. */

export type Display = Volume['display'];

const largest = { uint8: 255, uint16: 65_535, uint32: 4_294_967_295 } as const;

/** The grey value that a stored value stands for. */
export function toGrey({ dtype, range }: Display, stored: number): number {
  return range[0] + (stored * (range[1] - range[0])) / largest[dtype];
}

/** Where a window of grey values lies among stored values. A range without extent shows everything dark. */
export function storedWindow({ dtype, range }: Display, window: readonly [number, number]): readonly [number, number] {
  const span = range[1] - range[0] || 1;
  const stored = (grey: number): number => ((grey - range[0]) / span) * largest[dtype];
  return [stored(window[0]), stored(window[1])];
}

/** Whether bricks hold the voxels as they are, so that a stored value is the value. */
export const isExact = ({ display, dtype }: Pick<Volume, 'display' | 'dtype'>): boolean =>
  !display.labels && display.dtype === dtype && display.range[0] === 0 && display.range[1] === largest[display.dtype];

export const isFloat = (dtype: VoxelType): boolean => dtype === 'float32' || dtype === 'float64';

/** How a grey value is written: whole for integers; of floats, as many digits as tell neighbours apart. */
export function formatGrey(dtype: VoxelType, value: number, digits = 4): string {
  if (!isFloat(dtype)) return String(Math.round(value));
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6)
    ? value.toExponential(digits - 1)
    : String(Number(value.toPrecision(digits)));
}

/** One voxel as it lies in memory, little-endian, exactly as it is; ids of 64 bits keep every digit. */
export function formatVoxel(dtype: VoxelType, bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (dtype) {
    case 'uint8':
      return String(view.getUint8(0));
    case 'int8':
      return String(view.getInt8(0));
    case 'uint16':
      return String(view.getUint16(0, true));
    case 'int16':
      return String(view.getInt16(0, true));
    case 'uint32':
      return String(view.getUint32(0, true));
    case 'int32':
      return String(view.getInt32(0, true));
    case 'uint64':
      return String(view.getBigUint64(0, true));
    case 'int64':
      return String(view.getBigInt64(0, true));
    case 'float32':
      return String(Number(view.getFloat32(0, true).toPrecision(8)));
    case 'float64':
      return String(view.getFloat64(0, true));
  }
}

interface Counted {
  readonly counts: readonly number[];
  readonly range: readonly [number, number];
  readonly percentiles: ReadonlyArray<{ readonly percent: number; readonly value: number }>;
}

/** 0.1 to 99.9 % of what was counted; null where that is no window. */
export function autoWindow({ percentiles }: Counted): readonly [number, number] | null {
  const at = (percent: number): number | undefined =>
    percentiles.find((one) => Math.abs(one.percent - percent) < 1e-6)?.value;
  const [low, high] = [at(0.1), at(99.9)];
  return low !== undefined && high !== undefined && high > low ? [low, high] : null;
}
