import type { Vec3, VoxelType } from '../../../preload/contract/space.ts';
import { levelAt, mapAxes, voxelsIn } from '../formats/pyramid.ts';
import type { BoxAt, OpenVolume, VolumePlan } from '../formats/volume-format.ts';
import type { Kernels } from '../jobs/job.ts';
import { bytesPerVoxel } from '../../../preload/contract/space.ts';
import { chunksAtOnce, readBox, type ReadOptions } from './read-box.ts';
import { fillOf, GreySample, robustRange } from './robust-range.ts';

export interface Histogram {
  /** Equal bins over `range`. */
  readonly counts: readonly number[];
  readonly range: readonly [number, number];
  readonly level: number;
  /** Voxels that were counted. */
  readonly voxels: number;
  /** NaN, infinities, and 0 where that is left out. */
  readonly left: number;
  readonly percentiles: readonly { readonly percent: number; readonly value: number }[];
}

export interface HistogramRequest {
  readonly box: BoxAt;
  readonly bins: number;
  readonly kernels: Kernels;
  /** 0 is no data: empty chunks, the padding of fused tiles, no label. */
  readonly ignoreZero: boolean;
}

const percents = [0.1, 1, 5, 25, 50, 75, 95, 99, 99.9];
/** A whole volume is counted at the finest level of no more voxels than this. */
const enoughVoxels = 16_000_000;
/** Counted at once. */
const slabBytes = 32 * 2 ** 20;
/** Bins that percentiles are read from, so that they are finer than what is shown. */
const fineBins = 65_536;

/** The finest level of at most 16 million voxels; the coarsest where all are larger. */
export function histogramLevel({ levels }: VolumePlan): number {
  const found = levels.findIndex(({ sizeXyz }) => voxelsIn(sizeXyz) <= enoughVoxels);
  return found >= 0 ? found : levels.length - 1;
}

export const wholeLevel = (plan: VolumePlan, level: number, channel = 0, time = 0): BoxAt => ({
  level,
  min: [0, 0, 0],
  size: levelAt(plan, level).sizeXyz,
  channel,
  time,
});

/**
 * Counts a box in two passes: extremes, then 65,536 bins between them, from which the bins asked for and the
 * percentiles are made; types of 8 bits need one. Percentiles are within a bin of 65,536. A few values far from all others
 * do not widen the range: they are counted in its first and last bin. A value that stands for no data is left out.
 */
export async function histogramOf(
  volume: OpenVolume,
  { box, bins, kernels, ignoreZero }: HistogramRequest,
  signal: AbortSignal,
): Promise<Histogram> {
  const { dtype } = volume.plan;
  const inFlight = chunksAtOnce(volume, box.level, slabBytes, kernels.threads + 1);
  const counting: Counting = { kernels, options: { inFlight, signal }, header: { dtype } };
  const { extremes, left, ignore } = await placeOf(volume, box, counting, ignoreZero);
  if (!extremes) return nothingCounted(box, bins, left);
  const range: readonly [number, number] = extremes[1] > extremes[0] ? extremes : [extremes[0], extremes[0] + 1];
  const fine = isWhole(dtype) ? Math.min(fineBins, range[1] - range[0] + 1) : fineBins;
  const top = isWhole(dtype) ? range[1] + 1 : range[1];
  const header = { dtype, range: [range[0], top] as const, bins: fine, ...ignore };
  const counted = await count(volume, box, { ...counting, header });
  const scale = { low: range[0], high: range[1], most: extremes[1], top, whole: isWhole(dtype) };
  return summarised(counted, scale, box.level, bins);
}

interface Place {
  /** Between which nearly all that is counted lies; null where there is nothing. */
  readonly extremes: readonly [number, number] | null;
  readonly left: number;
  /** What stands for no data. */
  readonly ignore: { readonly ignore?: number };
}

/** Where the values of a box lie. */
async function placeOf(volume: OpenVolume, box: BoxAt, counting: Counting, ignoreZero: boolean): Promise<Place> {
  const { dtype } = volume.plan;
  const zero = ignoreZero ? { ignore: 0 } : {};
  const known = wholeTypes[dtype];
  if (known) return { extremes: known, left: 0, ignore: zero };
  const sample = new GreySample(voxelsIn(box.size));
  const all = await count(volume, box, { ...counting, header: { dtype, ...zero }, sample });
  const fill = ignoreZero ? 0 : fillOf(sample.sorted());
  const ignore = fill === undefined ? {} : { ignore: fill };
  const { extremes, left } =
    ignoreZero || fill === undefined ? all : await count(volume, box, { ...counting, header: { dtype, ...ignore } });
  // Between so few whole numbers each has a bin.
  if (!extremes || (isWhole(dtype) && extremes[1] - extremes[0] < fineBins)) return { extremes, left, ignore };
  const [least, most] = robustRange(sample.sorted(fill), [
    Math.max(-largest, extremes[0]),
    Math.min(largest, extremes[1]),
  ]);
  return { extremes: isWhole(dtype) ? [Math.floor(least), Math.ceil(most)] : [least, most], left, ignore };
}

/** The length of a range is finite. */
const largest = 8e307;

const wholeTypes: Partial<Record<VoxelType, readonly [number, number]>> = { uint8: [0, 255], int8: [-128, 127] };
const isWhole = (dtype: VoxelType): boolean => !dtype.startsWith('float');

interface Counting {
  readonly kernels: Kernels;
  readonly options: ReadOptions;
  readonly header: {
    readonly dtype: VoxelType;
    readonly range?: readonly [number, number];
    readonly bins?: number;
    readonly ignore?: number;
  };
  /** Takes some of the voxels. */
  readonly sample?: GreySample;
}

interface Counted {
  readonly counts: readonly number[];
  readonly count: number;
  readonly left: number;
  readonly extremes: readonly [number, number] | null;
}

/** One pass over a box, slab by slab; what is not stored counts as 0. */
async function count(volume: OpenVolume, box: BoxAt, { kernels, options, header, sample }: Counting): Promise<Counted> {
  const counts = new Float64Array(header.range ? (header.bins ?? 256) : 0);
  let [counted, left]: [number, number] = [0, 0];
  let extremes: readonly [number, number] | null = null;
  for (const slab of slabsOf(volume, box)) {
    options.signal.throwIfAborted();
    const voxels = await readBox(volume, slab, options);
    if (!voxels && header.ignore === 0) {
      left += voxelsIn(slab.size);
      continue;
    }
    const input = voxels ?? new Uint8Array(voxelsIn(slab.size) * bytesPerVoxel[volume.plan.dtype]);
    sample?.take(input, volume.plan.dtype);
    const { header: seen } = await kernels.run('voxel-histogram', header, { inputs: [input], signal: options.signal });
    counted += seen.count;
    left += seen.left;
    seen.counts.forEach((n, i) => (counts[i] = (counts[i] ?? 0) + n));
    if (seen.extremes) extremes = union(extremes, seen.extremes);
  }
  return { counts: [...counts], count: counted, left, extremes };
}

const union = (a: readonly [number, number] | null, b: readonly [number, number]): readonly [number, number] =>
  a ? [Math.min(a[0], b[0]), Math.max(a[1], b[1])] : b;

/** Along z and then y, of about 32 MiB, cut where chunks end as far as that fits. */
function* slabsOf({ plan }: OpenVolume, box: BoxAt): Generator<BoxAt> {
  const { chunkXyz } = levelAt(plan, box.level);
  const row = box.size[0] * bytesPerVoxel[plan.dtype];
  const rows = Math.max(1, Math.floor(slabBytes / row));
  const planes = Math.max(1, Math.floor(rows / box.size[1]));
  const deep = planes >= chunkXyz[2] ? planes - (planes % chunkXyz[2]) : planes;
  const tall = planes > 1 || rows >= box.size[1] ? box.size[1] : rows;
  for (let z = 0; z < box.size[2]; z += deep) {
    for (let y = 0; y < box.size[1]; y += tall) {
      const size: Vec3 = [box.size[0], Math.min(tall, box.size[1] - y), Math.min(deep, box.size[2] - z)];
      yield { ...box, min: mapAxes((i) => box.min[i] + [0, y, z][i]!), size };
    }
  }
}

interface Scale {
  readonly low: number;
  readonly high: number;
  /** The largest value; below `high` where there is but one. */
  readonly most: number;
  /** End of the last fine bin. */
  readonly top: number;
  readonly whole: boolean;
}

function summarised({ counts, count: voxels, left }: Counted, scale: Scale, level: number, bins: number): Histogram {
  const { low, high, most, top, whole } = scale;
  const width = (top - low) / counts.length;
  const shown = Array.from({ length: bins }, () => 0);
  counts.forEach((n, i) => {
    if (n > 0) shown[Math.min(bins - 1, Math.floor(((i + 0.5) * bins) / counts.length))]! += n;
  });
  const valueAt = (bin: number, share: number): number =>
    whole && width === 1 ? low + bin : Math.min(most, low + (bin + share) * width);
  const values = quantiles(counts, voxels, valueAt);
  return { counts: shown, range: [low, high], level, voxels, left, percentiles: values };
}

function quantiles(
  counts: readonly number[],
  voxels: number,
  valueAt: (bin: number, share: number) => number,
): Histogram['percentiles'] {
  if (voxels === 0) return [];
  return percents.map((percent) => {
    const wanted = (percent / 100) * voxels;
    let seen = 0;
    for (const [bin, n] of counts.entries()) {
      if (n > 0 && seen + n >= wanted) return { percent, value: valueAt(bin, (wanted - seen) / n) };
      seen += n;
    }
    return { percent, value: valueAt(counts.length - 1, 1) };
  });
}

const nothingCounted = ({ level }: BoxAt, bins: number, left: number): Histogram => ({
  counts: Array.from({ length: bins }, () => 0),
  range: [0, 1],
  level,
  voxels: 0,
  left,
  percentiles: [],
});

/**
 * Display window: 0.1 to 99.9 % of what was counted. Where that is one value, it is white over the zeros that were left out
 * (a mask), and grey where there is nothing else.
 */
export function windowOf({ percentiles, range, left }: Histogram): readonly [number, number] {
  const value = (percent: number): number | undefined => percentiles.find((p) => p.percent === percent)?.value;
  const [low, high] = [value(0.1) ?? range[0], value(99.9) ?? range[1]];
  if (high > low) return [low, high];
  if (low > 0) return [0, left > 0 ? low : 2 * low];
  return low < 0 ? [2 * low, 0] : [0, 1];
}

/**
 * The window that a dataset names for a channel, where it shows what was counted: those of programs that name the least
 * and the largest value, or all that the type holds, leave nearly everything dark.
 */
export function shownWindow(
  named: readonly [number, number] | null,
  counted: Histogram,
  dtype: VoxelType,
): readonly [number, number] {
  const window = windowOf(counted);
  if (!named) return window;
  if (counted.voxels === 0 || bytesPerVoxel[dtype] === 1) return named;
  const used = Math.min(named[1], window[1]) - Math.max(named[0], window[0]);
  return used >= (named[1] - named[0]) / 2 ? named : window;
}
