import type { Hdf5Description } from '../../../../native-workers/voxel-tasks.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { type Vec3, type VoxelType, bytesPerVoxel } from '../../../../preload/contract/space.ts';
import { blockOf } from '../blocks.ts';
import { gridOf, maxChunkBytes, voxelsIn } from '../pyramid.ts';
import type { VolumeLevelPlan, VolumePlan } from '../volume-format.ts';

export type Hdf5Dataset = Hdf5Description['datasets'][number];

/** A volume in an HDF5 file: its plan, and the dataset and box of each chunk. */
export interface Hdf5Layout {
  readonly plan: VolumePlan;
  /** Of all its datasets. The plan's, but for files that mean another than they say. */
  readonly storedDtype: VoxelType;
  readonly warnings: readonly string[];
  readonly storage: string;
  /** Box in a dataset whose last axes are z, y, x; undefined where the file has none for this channel and time. */
  box(at: {
    readonly level: number;
    readonly channel: number;
    readonly time: number;
    readonly min: Vec3;
    readonly size: Vec3;
  }): Hdf5Box | undefined;
}

export interface Hdf5Box {
  readonly dataset: string;
  /** Slowest axis first. */
  readonly at: readonly number[];
  readonly size: readonly number[];
}

export interface Hdf5Contents {
  /** Of the file. */
  readonly name: string;
  readonly groups: ReadonlyMap<string, Hdf5Dataset['attributes']>;
  readonly datasets: ReadonlyMap<string, Hdf5Dataset>;
}

export function contentsOf(name: string, { groups, datasets }: Hdf5Description): Hdf5Contents {
  return {
    name,
    groups: new Map(groups.map(({ path, attributes }) => [path, attributes])),
    datasets: new Map(datasets.map((dataset) => [dataset.path, dataset])),
  };
}

export function badHdf5(name: string, what: string): LamellaError {
  return new LamellaError('bad-source', `"${name}" can't be read as HDF5: ${what}.`, {
    hint: 'The file is damaged, or stored in a way that Lamella does not know: save it with gzip, or as OME-Zarr.',
    fields: { file: name },
  });
}

/** Throws 'bad-source' where a dataset's voxels can't be read. */
export function readable(
  contents: Hdf5Contents,
  path: string,
  axes = 3,
): Hdf5Dataset & { readonly dtype: VolumePlan['dtype'] } {
  const dataset = contents.datasets.get(path);
  if (!dataset) throw badHdf5(contents.name, `it has no dataset "${path}"`);
  const { dtype, unread, shape } = dataset;
  if (unread !== null || !dtype) throw badHdf5(contents.name, `"${path}": ${unread ?? 'it holds no voxels'}`);
  if (shape.length !== axes || shape.some((n) => n < 1 || n >= 2 ** 31))
    throw badHdf5(contents.name, `"${path}" is ${shape.join(' x ') || 'empty'}`);
  return { ...dataset, dtype };
}

/** Requests of about half a MiB, in whole chunks of the file. */
const wantedBytes = 2 ** 19;

/** Chunks of a level: those of the file, several where they are small; 256 x 256 x 16 where it has none. */
export function levelWithChunks(
  level: Omit<VolumeLevelPlan, 'chunkXyz' | 'gridXyz'>,
  storedXyz: Vec3 | null,
  dtype: VolumePlan['dtype'],
): VolumeLevelPlan {
  const { sizeXyz } = level;
  const wanted = storedXyz ?? [256, 256, 16];
  const base: Vec3 = [
    Math.min(wanted[0], sizeXyz[0]),
    Math.min(wanted[1], sizeXyz[1]),
    Math.min(wanted[2], sizeXyz[2]),
  ];
  const whole: VolumeLevelPlan = { ...level, chunkXyz: base, gridXyz: gridOf(sizeXyz, base) };
  const width = bytesPerVoxel[dtype];
  if (voxelsIn(base) * width > maxChunkBytes) throw badHdf5(level.key, `its chunks are ${base.join(' x ')}`);
  const chunkXyz = blockOf(whole, width, Math.max(wantedBytes, voxelsIn(base) * width));
  return { ...whole, chunkXyz, gridXyz: gridOf(sizeXyz, chunkXyz) };
}

/** Of the last three axes of a dataset. */
export const chunksXyz = ({ chunks }: Hdf5Dataset): Vec3 | null => {
  const [z, y, x] = chunks?.slice(-3) ?? [];
  return z !== undefined && y !== undefined && x !== undefined ? [x, y, z] : null;
};

export const storageOf = ({ filters, chunks }: Hdf5Dataset): string =>
  `${filters.length > 0 ? filters.join(', ') : 'not compressed'}${chunks ? `, chunks of ${chunks.toReversed().join(' x ')}` : ', one piece'}`;

/** A box of a dataset of z, y, x. */
export const zyxBox = (dataset: string, { min, size }: { readonly min: Vec3; readonly size: Vec3 }): Hdf5Box => ({
  dataset,
  at: min.toReversed(),
  size: size.toReversed(),
});
