import type { VoxelType } from '../../preload/contract/space.ts';
import { typedVoxels } from '../../preload/contract/typed-voxels.ts';
import type { VolumeDescription } from '../../preload/contract/volume.ts';

/** What a displacement field holds, before a layer is drawn through it. Pure. */

export type FieldFrame = 'auto' | 'physical' | 'volume';

/** Files that scanners' programs write lie in the scanner's space; the others in that of their volume. */
export const frameOf = ({ format }: Pick<VolumeDescription, 'format'>, frame: FieldFrame): 'physical' | 'volume' =>
  frame === 'auto' ? (format === 'nifti' || format === 'nrrd' ? 'physical' : 'volume') : frame;

/** Nanometres in one of its units. */
export const unitNmOf = (frame: 'physical' | 'volume'): number => (frame === 'physical' ? 1e6 : 1);

/** Most voxels that are read of a component to look at it. */
const mostRead = 2 ** 21;

export interface FieldSample {
  readonly level: number;
  /** As `volume.cutout` takes it. */
  readonly box: string;
  /** Whether it is all of the field at full resolution. */
  readonly isAll: boolean;
}

/** A part of a field that is quick to read: all of its finest level that is small, else sections from its middle. */
export function sampleOf({ levels }: Pick<VolumeDescription, 'levels'>): FieldSample | null {
  const at = Math.max(
    0,
    levels.findIndex(({ size }) => size[0] * size[1] * size[2] <= mostRead),
  );
  const size = levels[at]?.size;
  if (!size) return null;
  const [x, y, z] = size;
  const deep = Math.max(1, Math.min(z, Math.floor(mostRead / (x * y))));
  const from = Math.floor((z - deep) / 2);
  return { level: at, box: `0:${x},0:${y},${from}:${from + deep}`, isAll: at === 0 && deep === z };
}

/** The longest of the vectors whose components are given, in their unit; NaN and infinite ones are left out. */
export function longest(dtype: VoxelType, components: readonly Uint8Array[]): number {
  const read = components.map((bytes) => typedVoxels(bytes, dtype));
  const count = Math.min(...read.map(({ length }) => length));
  let most = 0;
  for (let i = 0; i < count; i++) {
    const squared = read.reduce((sum, values) => sum + Number(values[i]) ** 2, 0);
    if (squared > most && Number.isFinite(squared)) most = squared;
  }
  return Math.sqrt(most);
}
