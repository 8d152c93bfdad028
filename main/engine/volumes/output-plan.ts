import { LamellaError } from '../../../preload/contract/errors.ts';
import { parseBox, type Vec3 } from '../../../preload/contract/space.ts';
import { levelAt, mapAxes, planVolume, voxelsIn } from '../formats/pyramid.ts';
import type { VolumePlan } from '../formats/volume-format.ts';

/** Which part of a volume is taken. */
export interface PartRequest {
  readonly level: number;
  readonly box?: string | undefined;
  /** `0,2` */
  readonly channels?: string | undefined;
  /** `0:10` */
  readonly times?: string | undefined;
}

export interface VolumePart {
  readonly level: number;
  readonly min: Vec3;
  readonly size: Vec3;
  readonly channels: readonly number[];
  readonly firstTime: number;
  readonly times: number;
}

/** Throws 'invalid-input' for what the volume does not have. */
export function partOf(plan: VolumePlan, request: PartRequest): VolumePart {
  const { sizeXyz } = levelAt(plan, request.level);
  const { min, max } = request.box === undefined ? { min: [0, 0, 0] as Vec3, max: sizeXyz } : parseBox(request.box);
  checkBox(sizeXyz, request.level, min, max);
  const channels = request.channels?.split(',').map(Number) ?? plan.channels.map((_, i) => i);
  const missing = channels.find((channel) => channel >= plan.channels.length);
  if (missing !== undefined) throw outside('channel', missing, plan.channels.length);
  const [first = 0, end = plan.times] = request.times?.split(':').map(Number) ?? [];
  if (end > plan.times) throw outside('time', end - 1, plan.times);
  if (first >= end) throw noTimes(first, end);
  return {
    level: request.level,
    min,
    size: mapAxes((i) => max[i] - min[i]),
    channels,
    firstTime: first,
    times: end - first,
  };
}

/** Throws 'invalid-input' where a box is empty or leaves its level. */
export function checkBox(sizeXyz: Vec3, level: number, min: Vec3, max: Vec3): void {
  const wrong = ([0, 1, 2] as const).find((i) => !(min[i] >= 0 && max[i] <= sizeXyz[i] && min[i] < max[i]));
  if (wrong === undefined) return;
  const extent = sizeXyz.map((n) => `0:${n}`).join(',');
  throw new LamellaError(
    'invalid-input',
    `The box is empty or leaves the volume along ${'xyz'[wrong]} (${min[wrong]}:${max[wrong]}): level ${level} is ${extent}.`,
    { hint: `Give a box inside ${extent}.`, fields: { axis: 'xyz'[wrong] ?? '', level, extent } },
  );
}

const outside = (what: string, value: number, count: number): LamellaError =>
  new LamellaError('invalid-input', `There is no ${what} ${value}: the volume has ${count}, counted from 0.`, {
    hint: `Give ${what}s below ${count}.`,
    fields: { [what]: value, count },
  });

const noTimes = (first: number, end: number): LamellaError =>
  new LamellaError('invalid-input', `Between time ${first} and time ${end} there is none: the end is left out.`, {
    hint: `Give ${first}:${first + 1} for time ${first} alone.`,
    fields: { first, end },
  });

export interface LevelsRequest {
  /** Voxels of a chunk, where they were asked for. */
  readonly chunkXyz?: Vec3 | undefined;
  readonly onlyOne: boolean;
}

/**
 * The part as a volume of its own, where it lies: level 0 is the part, coarser ones are halved as pyramid.ts says.
 * Levels that the source has besides are not taken over: what is written is made from level 0 alone, the same everywhere.
 */
export function planOfPart(plan: VolumePlan, part: VolumePart, { chunkXyz, onlyOne }: LevelsRequest): VolumePlan {
  const from = levelAt(plan, part.level);
  const planned = planVolume({
    name: plan.name,
    sizeXyz: part.size,
    dtype: plan.dtype,
    voxelSizeNm: from.voxelSizeNm,
    chunkXyz: chunkXyz ?? usualChunk(part.size, from.voxelSizeNm),
    originNm: mapAxes((i) => from.originNm[i] + part.min[i] * from.voxelSizeNm[i]),
  });
  return {
    ...plan,
    channels: part.channels.flatMap((channel) => plan.channels[channel] ?? []),
    times: part.times,
    levels: onlyOne ? planned.levels.slice(0, 1) : planned.levels,
  };
}

/** Cubes of 64, flat where voxels are much longer along z; no deeper than the volume. */
export function usualChunk(sizeXyz: Vec3, [x, , z]: Vec3): Vec3 {
  if (sizeXyz[2] === 1) return [256, 256, 1];
  return z > 2 * x ? [128, 128, Math.min(16, sizeXyz[2])] : [64, 64, Math.min(64, sizeXyz[2])];
}

/** What the format places otherwise than it lies: a sentence, or null. */
export function shiftOf(wanted: VolumePlan, written: VolumePlan): string | null {
  for (const [i, level] of written.levels.entries()) {
    const plan = levelAt(wanted, i);
    const off = mapAxes((axis) => level.originNm[axis] - plan.originNm[axis]);
    if (off.every((nm, axis) => Math.abs(nm) < 1e-6 * (plan.voxelSizeNm[axis] ?? 1))) continue;
    const name = i === 0 ? 'The volume' : `Level ${i}`;
    return `${name} lies ${off.map((nm) => Number(nm.toPrecision(4))).join(', ')} nm from where it was along x, y, z: the format can only place it at whole voxels.`;
  }
  return null;
}

export const voxelsOfPlan = ({ levels, channels, times }: VolumePlan): number =>
  levels.reduce((sum, { sizeXyz }) => sum + voxelsIn(sizeXyz), 0) * channels.length * times;
