import type { Vec3 } from '../../../../preload/contract/space.ts';
import { mapAxes } from '../pyramid.ts';
import { isLength } from '../tiff/length-units.ts';
import {
  type Hdf5Contents,
  type Hdf5Dataset,
  type Hdf5Layout,
  badHdf5,
  levelWithChunks,
  readable,
  storageOf,
} from './layout.ts';
import { saysNoSize } from '../unsized.ts';

/** Datasets that may be volumes, the largest first: z, y, x with or without one more axis for channels, or y, x. */
export const plainDatasets = ({ datasets }: Hdf5Contents): readonly Hdf5Dataset[] =>
  [...datasets.values()]
    .filter(({ shape, dtype, unread }) => dtype && unread === null && shape.length >= 2 && shape.length <= 4)
    .filter(({ shape }) => shape.every((n) => n > 0) && shape.reduce((product, n) => product * n, 1) > 1)
    .toSorted((a, b) => rank(b) - rank(a) || voxels(b) - voxels(a));

const rank = ({ shape }: Hdf5Dataset): number => (shape.length === 2 ? 0 : 1);
const voxels = ({ shape }: Hdf5Dataset): number => shape.reduce((product, n) => product * n, 1);

/** An axis this short at the end is one of channels. */
const mostColours = 4;

/** A dataset as a volume; sizes of voxels from the attributes of CREMI (nm) and of Fiji and ilastik (um). */
export function plainLayout(contents: Hdf5Contents, path: string): Hdf5Layout {
  const { shape } = contents.datasets.get(path) ?? { shape: [] };
  if (shape.length < 2 || shape.length > 4)
    throw badHdf5(contents.name, `"${path}" has ${shape.length} axes, not 2 to 4`);
  const dataset = readable(contents, path, shape.length);
  const last = shape.length - 1;
  const isInterleaved = shape.length === 4 && (shape[3] ?? 0) <= mostColours && (shape[0] ?? 0) > mostColours;
  const channelAxis = shape.length === 4 ? (isInterleaved ? last : 0) : -1;
  const spatial = shape.map((_, i) => i).filter((i) => i !== channelAxis);
  const axes: readonly (number | undefined)[] = spatial.toReversed();
  const along = (values: readonly number[], usual: number): Vec3 => mapAxes((i) => values[axes[i] ?? -1] ?? usual);
  const warnings: string[] = [];
  const voxelSizeNm = voxelSize(dataset, warnings);
  const channels = channelAxis < 0 ? 1 : (shape[channelAxis] ?? 1);
  if (channels > 10_000) throw badHdf5(contents.name, `"${path}" would have ${channels} channels`);
  const chunks = dataset.chunks && along(dataset.chunks, 1);
  const level = {
    key: path,
    sizeXyz: along(shape, 1),
    stepXyz: [1, 1, 1] as Vec3,
    voxelSizeNm,
    originNm: offset(dataset),
  };
  return {
    plan: {
      ...{
        name: path.replace(/^\//, ''),
        kind: 'image',
        dtype: dataset.dtype,
        times: 1,
        secondsPerTime: null,
        transforms: [],
      },
      levels: [levelWithChunks(level, chunks, dataset.dtype)],
      channels: Array.from({ length: channels }, () => ({ name: '', color: null, window: null })),
    },
    storedDtype: dataset.dtype,
    warnings,
    storage: storageOf(dataset),
    box: ({ channel, min, size }) => ({
      dataset: path,
      at: shape.map((_, i) => (i === channelAxis ? channel : (min[axes.indexOf(i)] ?? 0))),
      size: shape.map((_, i) => (i === channelAxis ? 1 : (size[axes.indexOf(i)] ?? 1))),
    }),
  };
}

/** Three numbers, slowest axis first, as x, y, z. */
function threeOf(value: unknown): Vec3 | undefined {
  if (!Array.isArray(value) || value.length !== 3 || !value.every((one) => typeof one === 'number')) return undefined;
  const [z, y, x] = value as number[];
  return [x ?? 0, y ?? 0, z ?? 0];
}

function voxelSize({ attributes }: Hdf5Dataset, warnings: string[]): Vec3 {
  const micrometres = threeOf(attributes['element_size_um']);
  const nm = (micrometres && mapAxes((i) => micrometres[i] * 1000)) ?? threeOf(attributes['resolution']);
  if (nm?.every(isLength) === true) return nm;
  warnings.push(saysNoSize);
  return [1, 1, 1];
}

const offset = ({ attributes }: Hdf5Dataset): Vec3 => {
  const nm = threeOf(attributes['offset']);
  return nm?.every(Number.isFinite) === true ? nm : [0, 0, 0];
};
