import type { Vec3 } from '../../../../preload/contract/space.ts';
import { gridOf, mapAxes, plainImage } from '../pyramid.ts';
import { nmPerUnit, secondsPerUnit } from '../ome-units.ts';
import type { VolumeLevelPlan, VolumePlan } from '../volume-format.ts';
import type { N5Dataset, N5Place } from './attributes.ts';
import type { N5Image } from './find-images.ts';
import { saysNoSize } from '../unsized.ts';

export type AxisName = 'x' | 'y' | 'z' | 'c' | 't';
/** Names of a dataset's axes, in its order: fastest first. */
export type AxisNames = readonly AxisName[];

export interface N5Geometry {
  readonly plan: VolumePlan;
  readonly axes: AxisNames;
  readonly warnings: readonly string[];
}

/** Along an axis; 1 where the dataset has none of that name. */
export const along = (axes: AxisNames, sizes: readonly number[], axis: AxisName): number => {
  const at = axes.indexOf(axis);
  return at < 0 ? 1 : (sizes[at] ?? 1);
};
export const spatial = (axes: AxisNames, sizes: readonly number[]): Vec3 => [
  along(axes, sizes, 'x'),
  along(axes, sizes, 'y'),
  along(axes, sizes, 'z'),
];

/** Null with why, where the levels do not belong together. */
export function geometryOf(name: string, { levels, place }: N5Image): N5Geometry | { readonly fault: string } {
  const [base] = levels;
  if (!base) return { fault: 'it has no levels' };
  const said = { ...place, ...withoutGaps(base.place) };
  const warnings: string[] = [];
  const axes = axesOf(said, base, warnings);
  const odd = levels.find((level) => !isAlike(axes, base, level));
  if (odd) return { fault: `level "${odd.path}" has another type, other axes or other channels than "${base.path}"` };
  const scale = scaleOf(said, axes, warnings);
  const channel = { name: '', color: null, window: null };
  const factors = levels.map((level, i) => factorOf({ place, base, level, i, axes }, warnings));
  return {
    axes,
    warnings,
    plan: {
      ...plainImage,
      name,
      dtype: base.dtype,
      channels: Array.from({ length: along(axes, base.dimensions, 'c') }, () => channel),
      times: along(axes, base.dimensions, 't'),
      secondsPerTime: scale.secondsPerTime,
      levels: levels.map((level, i) => levelOf(level, axes, scale, { factor: factors[i], before: factors[i - 1] })),
    },
  };
}

function isAlike(axes: AxisNames, base: N5Dataset, level: N5Dataset): boolean {
  const same = (axis: AxisName): boolean => along(axes, base.dimensions, axis) === along(axes, level.dimensions, axis);
  return level.dtype === base.dtype && level.dimensions.length === axes.length && same('c') && same('t');
}

const withoutGaps = (place: N5Place): N5Place =>
  Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined));

/** As `axes` says, or x, y, z, c, t in turn; WebKnossos puts channels first and says nothing. */
function axesOf({ axes }: N5Place, { dimensions, blockSize }: N5Dataset, warnings: string[]): AxisNames {
  const rank = dimensions.length;
  const given = axes?.length === rank ? axes.map(axisName) : undefined;
  const isWhole = given?.every((name) => name !== undefined) && new Set(given).size === rank;
  if (given && isWhole) return given.filter((name) => name !== undefined);
  if (axes) warnings.push(`Its axes (${axes.join(', ').slice(0, 100)}) can't be told apart; they are taken as usual.`);
  const [first = 1] = dimensions;
  if (rank === 4 && first <= 4 && blockSize[0] === 1 && (dimensions[3] ?? 0) > 4) {
    warnings.push('It does not name its axes; the first is short and is taken for channels.');
    return ['c', 'x', 'y', 'z'];
  }
  return (['x', 'y', 'z', 'c', 't'] as const).slice(0, rank);
}

function axisName(name: string): AxisName | undefined {
  const lower = name.toLowerCase();
  if (lower === 'channel' || lower === 'channels') return 'c';
  if (lower === 'time') return 't';
  return (['x', 'y', 'z', 'c', 't'] as const).find((axis) => axis === lower);
}

interface Scale {
  readonly voxelSizeNm: Vec3;
  readonly originNm: Vec3;
  readonly secondsPerTime: number | null;
}

function scaleOf(said: N5Place, axes: AxisNames, warnings: string[]): Scale {
  const { lengths, units } = lengthsOf(said, axes);
  if (!lengths) warnings.push(saysNoSize);
  const unitNm = (i: 0 | 1 | 2): number => {
    const unit = valueAlong(axes, units, axisNames[i]) ?? 'nm';
    const nm = nmPerUnit(unit);
    if (nm === undefined && unit !== '')
      warnings.push(`The unit "${unit.slice(0, 40)}" of axis ${axisNames[i]} is no length; nm is assumed.`);
    return nm ?? 1;
  };
  const toNm = mapAxes(unitNm);
  const positive = (value: number): number => (Number.isFinite(value) && value > 0 ? value : 1);
  const interval = valueAlong(axes, lengths, 't');
  const offset = said.offset ?? [];
  return {
    voxelSizeNm: mapAxes((i) => positive((valueAlong(axes, lengths, axisNames[i]) ?? 1) * toNm[i])),
    originNm: mapAxes((i) => (valueAlong(axes, offset, axisNames[i]) ?? 0) * toNm[i]),
    secondsPerTime:
      interval === undefined ? null : interval * (secondsPerUnit(valueAlong(axes, units, 't') ?? '') ?? 1),
  };
}

const axisNames = ['x', 'y', 'z'] as const;

/** Lists that are too short for all axes are of the axes of space alone. */
function valueAlong<T>(axes: AxisNames, values: readonly T[] | undefined, axis: AxisName): T | undefined {
  if (!values) return undefined;
  const named = values.length < axes.length ? axes.filter((name) => name !== 'c' && name !== 't') : axes;
  const at = named.indexOf(axis);
  return at < 0 ? undefined : values[at];
}

interface Lengths {
  readonly lengths: readonly number[] | undefined;
  readonly units: readonly string[] | undefined;
}

/** `resolution` with `units` as Neuroglancer has it (nm where not said), or n5-viewer's `pixelResolution` (um). */
function lengthsOf({ resolution, units, pixelResolution }: N5Place, axes: AxisNames): Lengths {
  if (resolution) return { lengths: resolution, units };
  if (!pixelResolution) return { lengths: undefined, units: undefined };
  const { dimensions, unit } = Array.isArray(pixelResolution)
    ? { dimensions: pixelResolution, unit: 'um' }
    : pixelResolution;
  return { lengths: dimensions, units: axes.map((axis) => (axis === 't' ? 's' : unit)) };
}

interface LevelSaid {
  readonly place: N5Place;
  readonly base: N5Dataset;
  readonly level: N5Dataset;
  readonly i: number;
  readonly axes: AxisNames;
}

/** Voxels of the first level to one of this: said by the level, by the group for all, or told from the sizes. */
function factorOf({ place, base, level, i, axes }: LevelSaid, warnings: string[]): Vec3 {
  const own = level.place.downsamplingFactors ?? place.downsamplingFactors;
  const candidates: readonly unknown[] = [own, own?.[i], place.scales?.[i]];
  const said = candidates.find(isFactor);
  if (said) return mapAxes((axis) => valueAlong(axes, said, axisNames[axis]) ?? 1);
  const [large, small] = [spatial(axes, base.dimensions), spatial(axes, level.dimensions)];
  if (i > 0) warnings.push(`Level "${level.path}" does not say its downsampling; it is told from its size.`);
  return mapAxes((axis) => Math.max(1, Math.round(large[axis] / small[axis])));
}

const isFactor = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every((n) => typeof n === 'number' && n > 0 && n < 2 ** 40);

/** Downsampled voxels cover those that they were made of: all levels have the same outer corner. */
function levelOf(
  { path, dimensions, blockSize }: N5Dataset,
  axes: AxisNames,
  scale: Scale,
  { factor = [1, 1, 1], before = factor }: { readonly factor?: Vec3 | undefined; readonly before?: Vec3 | undefined },
): VolumeLevelPlan {
  const [sizeXyz, chunkXyz] = [spatial(axes, dimensions), spatial(axes, blockSize)];
  return {
    key: path,
    sizeXyz,
    chunkXyz,
    gridXyz: gridOf(sizeXyz, chunkXyz),
    voxelSizeNm: mapAxes((i) => scale.voxelSizeNm[i] * factor[i]),
    originNm: scale.originNm,
    stepXyz: mapAxes((i) => Math.max(1, Math.round(factor[i] / before[i]))),
  };
}
