import { chunkExtent, levelAt, voxelsIn } from '../formats/pyramid.ts';
import type { OpenVolume } from '../formats/volume-format.ts';
import type { Vec3, VoxelType } from '../../../preload/contract/space.ts';
import type { Kernels, Lane } from '../jobs/job.ts';

/** A chunk whose voxels are places in a list of its labels. */
export interface ChunkLabels {
  /** Decimal, below 2^64. */
  readonly labels: readonly string[];
  /** x fastest. */
  readonly voxels: Uint8Array | Uint16Array | Uint32Array;
}

export interface ChunkOf {
  readonly volume: OpenVolume;
  readonly level: number;
  readonly xyz: Vec3;
}

export interface LabelsEnv {
  readonly kernels: Kernels;
  readonly lane: Lane;
  readonly signal?: AbortSignal;
}

/** Null where all voxels are 0. */
export async function labelsOfChunk({ volume, level, xyz }: ChunkOf, env: LabelsEnv): Promise<ChunkLabels | null> {
  const voxels = await volume.readChunk({ level, xyz, channel: 0, time: 0 }, env.signal);
  const { size } = chunkExtent(levelAt(volume.plan, level), xyz);
  return voxels ? labelsOf(voxels, volume.plan.dtype, voxelsIn(size), env) : null;
}

/** `count` voxels of a type. Null where all are 0. */
export async function labelsOf(
  voxels: Uint8Array,
  dtype: VoxelType,
  count: number,
  { kernels, lane, signal }: LabelsEnv,
): Promise<ChunkLabels | null> {
  const { outputs } = await kernels.run(
    'index-labels',
    { dtype },
    { inputs: [voxels], lane, ...(signal && { signal }) },
  );
  const indexed = outputs[0];
  return indexed && indexed.byteLength > 0 ? unpacked(indexed, count) : null;
}

/** An indexed brick: see preload/contract/brick.ts. */
function unpacked(indexed: Uint8Array, count: number): ChunkLabels {
  // A copy begins on a whole word.
  const { buffer } = indexed.slice();
  const view = new DataView(buffer);
  const [n, width] = [view.getUint32(0, true), view.getUint32(4, true)];
  const labels = Array.from({ length: n }, (_, i) => String(view.getBigUint64(8 + 8 * i, true)));
  const start = 8 + 8 * n;
  if (width === 1) return { labels, voxels: new Uint8Array(buffer, start, count) };
  return {
    labels,
    voxels: width === 2 ? new Uint16Array(buffer, start, count) : new Uint32Array(buffer, start, count),
  };
}
