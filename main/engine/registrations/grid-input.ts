import { bytesPerVoxel, type Vec3, type VoxelType } from '../../../preload/contract/space.ts';
import { typedVoxels } from '../../../preload/contract/typed-voxels.ts';
import { levelAt, voxelsIn } from '../formats/pyramid.ts';
import type { OpenVolume, VolumeLevelPlan } from '../formats/volume-format.ts';
import type { Kernels } from '../jobs/job.ts';
import { isSection } from './level-for.ts';
import { chunksAtOnce, readBox } from '../volumes/read-box.ts';

/** What the kernels of registration take. */
type GridType = 'uint8' | 'uint16' | 'int16' | 'float32';

/** One level, channel and time of a volume. */
export interface GridAt {
  readonly volume: OpenVolume;
  readonly level: number;
  readonly channel: number;
  readonly time: number;
}

export interface GridEnv {
  readonly kernels: Kernels;
  readonly signal: AbortSignal;
}

/** Types are given as they are; of others the least that holds them, as well as a float can. */
export const gridTypes: Readonly<Record<VoxelType, GridType>> = {
  uint8: 'uint8',
  uint16: 'uint16',
  int16: 'int16',
  float32: 'float32',
  int8: 'int16',
  int32: 'float32',
  uint32: 'float32',
  int64: 'float32',
  uint64: 'float32',
  float64: 'float32',
};

/** A slab that is read at once. */
const slabBytes = 64 * 2 ** 20;
const decodedBytes = 128 * 2 ** 20;
/** The kernel keeps a level and a weight for each voxel, as floats, beside what it is given. */
const kernelBytes = 8;
/** A section is repeated so often along z. */
const sectionCopies = 4;

/** What a level takes up while it is registered. */
export const gridBytes = (level: VolumeLevelPlan, dtype: VoxelType, masked: boolean): number =>
  voxelsIn(level.sizeXyz) *
  (bytesPerVoxel[gridTypes[dtype]] + (masked ? 1 : 0) + kernelBytes * (isSection(level) ? sectionCopies : 1));

/** All voxels of a level as its `gridTypes` says, x fastest, slab by slab; those that are not stored are 0. */
export async function readGrid({ volume, level, channel, time }: GridAt, env: GridEnv): Promise<Uint8Array> {
  const { dtype } = volume.plan;
  const { sizeXyz: size, chunkXyz } = levelAt(volume.plan, level);
  const [columns, rows, depth] = size;
  const width = bytesPerVoxel[gridTypes[dtype]];
  const voxels = new Uint8Array(voxelsIn(size) * width);
  const chunkRow = columns * rows * chunkXyz[2] * bytesPerVoxel[dtype];
  const thick = chunkXyz[2] * Math.max(1, Math.floor(slabBytes / chunkRow));
  const inFlight = chunksAtOnce(volume, level, decodedBytes, env.kernels.threads + 2);
  const files = { kernels: env.kernels, lane: 'batch' } as const;
  for (let z = 0; z < depth; z += thick) {
    const slab: Vec3 = [columns, rows, Math.min(thick, depth - z)];
    const box = { level, min: [0, 0, z] as const, size: slab, channel, time };
    const read = await readBox(volume, box, { inFlight, signal: env.signal, files });
    if (read) voxels.set(converted(read, dtype), columns * rows * z * width);
  }
  return voxels;
}

/** What `readGrid` gives, as numbers. `dtype`: of the volume. */
export const gridVoxels = (bytes: Uint8Array, dtype: VoxelType): ArrayLike<number> =>
  typedVoxels(bytes, gridTypes[dtype]) as ArrayLike<number>;

function converted(bytes: Uint8Array, dtype: VoxelType): Uint8Array {
  if (gridTypes[dtype] === dtype) return bytes;
  return new Uint8Array(narrowed(typedVoxels(bytes, dtype)).buffer);
}

function narrowed(voxels: ReturnType<typeof typedVoxels>): Int16Array | Float32Array {
  if (voxels instanceof BigInt64Array || voxels instanceof BigUint64Array) return Float32Array.from(voxels, Number);
  return voxels instanceof Int8Array ? Int16Array.from(voxels) : Float32Array.from(voxels);
}
