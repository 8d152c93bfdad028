import { bytesPerVoxel, type Vec3 } from '../../../preload/contract/space.ts';
import { copyVoxels } from '../formats/crop.ts';
import { levelAt, mapAxes, voxelsIn } from '../formats/pyramid.ts';
import type { OpenVolume } from '../formats/volume-format.ts';
import type { Kernels } from '../jobs/job.ts';
import { isAllZero, readBlock, type BlockBox, type ReadOptions } from './read-box.ts';

export type DownsampleMethod = 'mean' | 'mode' | 'min' | 'max';

export interface Downsampling {
  readonly kernels: Kernels;
  readonly method: DownsampleMethod;
  /** How many voxels of the finer level make one, along each axis. */
  readonly stepXyz: Vec3;
  /** Of finer voxels, read at once. */
  readonly mostBytes: number;
}

/**
 * The voxels of a box of the level that halving level `box.level` makes: `min` and `size` are in voxels of the coarser
 * level. All channels; null where all are 0. Read in parts of about `mostBytes`, each of whole chunks where that fits.
 */
export async function readDownsampled(
  volume: OpenVolume,
  box: BlockBox,
  how: Downsampling,
  options: ReadOptions,
): Promise<Uint8Array | null> {
  const { dtype, channels } = volume.plan;
  const width = bytesPerVoxel[dtype];
  let out: Uint8Array | null = null;
  for (const part of partsOf(volume, box, how)) {
    options.signal.throwIfAborted();
    const made = await downsamplePart(volume, { ...box, ...part }, how, options);
    if (!made) continue;
    out ??= new Uint8Array(voxelsIn(box.size) * width * channels.length);
    for (let channel = 0; channel < channels.length; channel++) {
      copyVoxels(
        { bytes: channelOf(made, channel, channels.length), size: part.size, at: [0, 0, 0] },
        {
          bytes: channelOf(out, channel, channels.length),
          size: box.size,
          at: mapAxes((i) => part.min[i] - box.min[i]),
        },
        part.size,
        width,
      );
    }
  }
  return out;
}

function channelOf(block: Uint8Array, channel: number, channels: number): Uint8Array {
  const bytes = block.byteLength / channels;
  return block.subarray(bytes * channel, bytes * (channel + 1));
}

async function downsamplePart(
  volume: OpenVolume,
  { level, min, size, time }: BlockBox,
  { kernels, method, stepXyz }: Downsampling,
  options: ReadOptions,
): Promise<Uint8Array | null> {
  const { dtype, channels } = volume.plan;
  const { sizeXyz } = levelAt(volume.plan, level);
  const from = mapAxes((i) => min[i] * stepXyz[i]);
  const fine = mapAxes((i) => Math.min(size[i] * stepXyz[i], sizeXyz[i] - from[i]));
  const voxels = await readBlock(volume, { level, min: from, size: fine, time }, options);
  if (!voxels || isAllZero(voxels)) return null;
  if (stepXyz.every((step) => step === 1)) return voxels;
  const { outputs } = await kernels.run(
    'downsample-voxels',
    {
      dtype,
      sizeXyz: fine,
      channels: channels.length,
      factorXyz: stepXyz,
      method,
      threads: Math.min(16, kernels.threads),
    },
    { inputs: [voxels], signal: options.signal },
  );
  if (!outputs[0]) throw new Error('downsample-voxels gave no voxels');
  return outputs[0];
}

/** Boxes of the coarser level, cut where chunks of the finer one end, that together are `box`. */
function* partsOf(volume: OpenVolume, { level, min, size }: BlockBox, how: Downsampling): Generator<Box> {
  const { chunkXyz } = levelAt(volume.plan, level);
  const step = how.stepXyz;
  const voxelBytes = bytesPerVoxel[volume.plan.dtype] * volume.plan.channels.length * voxelsIn(step);
  const unit = mapAxes((i) => Math.max(1, Math.ceil(chunkXyz[i] / step[i])));
  const side = grown(unit, size, Math.max(1, Math.floor(how.mostBytes / voxelBytes)));
  const end = mapAxes((i) => min[i] + size[i]);
  for (let z = min[2]; z < end[2]; z = next(z, side[2], end[2])) {
    for (let y = min[1]; y < end[1]; y = next(y, side[1], end[1])) {
      for (let x = min[0]; x < end[0]; x = next(x, side[0], end[0])) {
        const to: Vec3 = [next(x, side[0], end[0]), next(y, side[1], end[1]), next(z, side[2], end[2])];
        yield { min: [x, y, z], size: [to[0] - x, to[1] - y, to[2] - z] };
      }
    }
  }
}

interface Box {
  readonly min: Vec3;
  readonly size: Vec3;
}

/** The next multiple of `side`, or the end. */
const next = (at: number, side: number, end: number): number => Math.min(end, (Math.floor(at / side) + 1) * side);

/** As many units along x, then y, then z as fit into `voxels`; less than a unit, thinnest along z first, where none fits. */
function grown(unit: Vec3, size: Vec3, voxels: number): Vec3 {
  let side: Vec3 = mapAxes((i) => Math.min(unit[i], size[i]));
  for (const axis of [2, 1, 0] as const) {
    const rest = voxelsIn(side) / side[axis];
    if (voxelsIn(side) > voxels) side = mapAxes((i) => (i === axis ? Math.max(1, Math.floor(voxels / rest)) : side[i]));
  }
  for (const axis of [0, 1, 2] as const) {
    const units = Math.max(1, Math.floor(voxels / voxelsIn(side)));
    const whole = Math.ceil(size[axis] / side[axis]);
    side = mapAxes((i) => (i === axis ? side[i] * Math.min(units, whole) : side[i]));
  }
  return side;
}
