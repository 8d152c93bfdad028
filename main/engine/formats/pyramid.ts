import { LamellaError } from '../../../preload/contract/errors.ts';
import { bytesPerVoxel, type Vec3, type VoxelType } from '../../../preload/contract/space.ts';
import type { VolumeLevelPlan, VolumePlan } from './volume-format.ts';

export interface PyramidRequest {
  readonly name: string;
  readonly sizeXyz: Vec3;
  readonly dtype: VoxelType;
  readonly voxelSizeNm: Vec3;
  readonly chunkXyz: Vec3;
  /** Outer corner of voxel 0,0,0, nanometres: originVoxel * voxelSizeNm. */
  readonly originNm: Vec3;
}

/** A chunk larger than this is refused, read or written. */
export const maxChunkBytes = 512 * 2 ** 20;
const maxLevels = 32;

/** Sections are halved with the plane once their thickness is no more than this many pixel widths. */
const thinSection = 1.5;

/**
 * The levels of a volume. x and y halve (rounding up) while either is larger than a chunk; z halves with them where its
 * voxel size is at most 1.5 times that of x, so that coarse voxels tend to cubes and no section vanishes early.
 * Throws 'invalid-input' on sizes that are not positive integers, and on chunks above 512 MiB.
 */
export function planVolume(request: PyramidRequest): VolumePlan {
  checkRequest(request);
  const levels: VolumeLevelPlan[] = [levelOf(request, 0, request.sizeXyz, request.voxelSizeNm, [1, 1, 1])];
  for (let last = levels[0]; last && levels.length < maxLevels; last = levels[levels.length - 1]) {
    const step = nextStep(last);
    if (!step) break;
    const size = mapAxes((i) => Math.ceil(last.sizeXyz[i] / step[i]));
    const voxel = mapAxes((i) => last.voxelSizeNm[i] * step[i]);
    levels.push(levelOf(request, levels.length, size, voxel, step));
  }
  return { ...plainImage, name: request.name, dtype: request.dtype, levels };
}

/** A grey volume of one channel and time with nothing said of it. */
export const plainImage = {
  kind: 'image',
  channels: [{ name: '', color: null, window: null }],
  times: 1,
  secondsPerTime: null,
  transforms: [],
} as const;

/** The half-open range of a chunk's voxels in its level, cut at the far edge. */
export function chunkExtent(level: VolumeLevelPlan, xyz: Vec3): { readonly min: Vec3; readonly size: Vec3 } {
  const min = mapAxes((i) => xyz[i] * level.chunkXyz[i]);
  return { min, size: mapAxes((i) => Math.min(level.chunkXyz[i], level.sizeXyz[i] - min[i])) };
}

/** Every chunk of a level: x fastest, then y, then z. */
export function* chunksOf(level: VolumeLevelPlan): Generator<Vec3> {
  const [nx, ny, nz] = level.gridXyz;
  for (let z = 0; z < nz; z++) for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++) yield [x, y, z];
}

export function levelAt(plan: VolumePlan, level: number): VolumeLevelPlan {
  const found = plan.levels[level];
  if (found) return found;
  throw new LamellaError('invalid-input', `"${plan.name}" has no level ${level}.`, {
    hint: `Its levels are 0 to ${plan.levels.length - 1}.`,
    fields: { level },
  });
}

export const voxelsIn = (size: Vec3): number => size[0] * size[1] * size[2];

export const gridOf = (size: Vec3, chunk: Vec3): Vec3 => mapAxes((i) => Math.ceil(size[i] / chunk[i]));

type Axis = 0 | 1 | 2;
export const mapAxes = (f: (axis: Axis) => number): Vec3 => [f(0), f(1), f(2)];

/**
 * Grows a box of stack space downwards so that its corner is a whole number of voxels of every level: precomputed can
 * only place levels at whole voxels, so an aligned volume has all levels exactly over each other there.
 */
export function alignToLevels(
  request: PyramidRequest,
  minVoxel: Vec3,
): { readonly originVoxel: Vec3; readonly sizeXyz: Vec3 } {
  let [origin, size] = [minVoxel, request.sizeXyz];
  for (let round = 0; round < 4; round++) {
    const { levels } = planVolume({ ...request, sizeXyz: size });
    const factor = levels.reduce<Vec3>((f, level) => mapAxes((i) => f[i] * level.stepXyz[i]), [1, 1, 1]);
    const aligned = mapAxes((i) => Math.floor(origin[i] / factor[i]) * factor[i]);
    if (aligned.every((value, i) => value === origin[i])) break;
    const before = origin;
    size = mapAxes((i) => size[i] + before[i] - aligned[i]);
    origin = aligned;
  }
  return { originVoxel: origin, sizeXyz: size };
}

function levelOf(
  { chunkXyz, originNm }: PyramidRequest,
  index: number,
  sizeXyz: Vec3,
  voxelSizeNm: Vec3,
  stepXyz: Vec3,
): VolumeLevelPlan {
  const gridXyz = gridOf(sizeXyz, chunkXyz);
  return { key: String(index), sizeXyz, chunkXyz, gridXyz, voxelSizeNm, originNm, stepXyz };
}

function nextStep({ sizeXyz, chunkXyz, voxelSizeNm }: VolumeLevelPlan): Vec3 | null {
  const wide = sizeXyz[0] > chunkXyz[0] || sizeXyz[1] > chunkXyz[1];
  const thin = voxelSizeNm[2] <= thinSection * Math.min(voxelSizeNm[0], voxelSizeNm[1]);
  const deep = sizeXyz[2] > chunkXyz[2] && thin;
  if (!wide && !deep) return null;
  const half = (axis: Axis): number => (sizeXyz[axis] > 1 ? 2 : 1);
  return [half(0), half(1), thin ? half(2) : 1];
}

function checkRequest({ name, sizeXyz, chunkXyz, voxelSizeNm, dtype, originNm }: PyramidRequest): void {
  const whole = [...sizeXyz, ...chunkXyz].every((n) => Number.isSafeInteger(n) && n >= 1 && n < 2 ** 31);
  const real = voxelSizeNm.every((n) => Number.isFinite(n) && n > 0) && originNm.every((n) => Number.isFinite(n));
  if (!whole || !real)
    throw badPlan(
      name,
      `size ${sizeXyz.join(' x ')}, chunk ${chunkXyz.join(' x ')}, voxel ${voxelSizeNm.join(' x ')} nm`,
    );
  if (voxelsIn(chunkXyz) * bytesPerVoxel[dtype] > maxChunkBytes)
    throw badPlan(name, `a chunk of ${chunkXyz.join(' x ')} is over 512 MiB`);
}

function badPlan(name: string, what: string): LamellaError {
  return new LamellaError('invalid-input', `The volume "${name}" can't be laid out: ${what}.`, {
    hint: 'Give whole, positive sizes, and chunks of up to 512 MiB.',
  });
}
