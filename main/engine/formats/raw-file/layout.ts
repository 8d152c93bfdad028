import { bytesPerVoxel, type Vec3, type VoxelType } from '../../../../preload/contract/space.ts';
import { maxChunkBytes } from '../pyramid.ts';

/** Where the voxels of a file lie that holds them as they are, or packed as a whole (NIfTI, NRRD). */
export interface RawLayout {
  readonly dtype: VoxelType;
  readonly endian: 'little' | 'big';
  /** Axes of the file, fastest first: x before y before z, with channels and times anywhere. */
  readonly axes: readonly RawAxis[];
  readonly sizes: Readonly<Record<RawAxis, number>>;
}
export type RawAxis = 'x' | 'y' | 'z' | 'c' | 't';

const slabBytes = 4 * 2 ** 20;
/** Sections larger than this are read by rows. */
const sectionBytes = 32 * 2 ** 20;

const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);

export const layoutBytes = ({ dtype, axes, sizes }: RawLayout): number =>
  product(axes.map((axis) => sizes[axis])) * bytesPerVoxel[dtype];

/** Axes faster than this one. */
const before = ({ axes }: RawLayout, axis: RawAxis): readonly RawAxis[] => axes.slice(0, axes.indexOf(axis));

/** Bytes from one step along an axis to the next. */
export const strideOf = (layout: RawLayout, axis: RawAxis): number =>
  product(before(layout, axis).map((inner) => layout.sizes[inner])) * bytesPerVoxel[layout.dtype];

/**
 * A chunk is a slab of whole sections of about 4 MiB, or of rows where one section is over 32 MiB, so that its bytes
 * lie together. Undefined where that is over 512 MiB.
 */
export function slabXyz(layout: RawLayout): Vec3 | undefined {
  const { sizes } = layout;
  const section = strideOf(layout, 'z');
  if (section <= sectionBytes) return [sizes.x, sizes.y, among(sizes.z, slabBytes / section)];
  const row = strideOf(layout, 'y');
  // With channels between y and z, the rows of one section do not lie together.
  const whole = before(layout, 'z').at(-1) === 'y';
  if (whole && row <= maxChunkBytes) return [sizes.x, among(sizes.y, slabBytes / row), 1];
  return section <= maxChunkBytes ? [sizes.x, sizes.y, 1] : undefined;
}

const among = (most: number, wanted: number): number => Math.min(most, Math.max(1, Math.floor(wanted)));

/** Axes whose every step lies inside one slab, along with it. */
export const axesInSlab = (layout: RawLayout): readonly RawAxis[] => before(layout, 'z');

export interface SlabAt {
  readonly y: number;
  readonly z: number;
  readonly channel: number;
  readonly time: number;
}

/** First byte of a slab, counted from the first voxel; channels and times inside of slabs do not move it. */
export function slabOffset(layout: RawLayout, at: SlabAt): number {
  const inside = new Set(axesInSlab(layout));
  const step = (axis: 'c' | 't', by: number): number =>
    inside.has(axis) || !layout.axes.includes(axis) ? 0 : by * strideOf(layout, axis);
  return at.y * strideOf(layout, 'y') + at.z * strideOf(layout, 'z') + step('c', at.channel) + step('t', at.time);
}
