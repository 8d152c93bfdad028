import type { Dtype, Vec3 } from '../../../../preload/contract/space.ts';
import { chunksOf, voxelsIn } from '../../formats/pyramid.ts';
import type { VolumeLevelPlan, VolumePlan } from '../../formats/volume-format.ts';
import { readChunk, type VolumeWriter } from './fuse-regions.ts';

export interface VolumeHistogram {
  /** 256 bins over `range`; voxels that are 0 count as empty and are left out. */
  readonly counts: readonly number[];
  readonly range: readonly [number, number];
  /** 0.1 to 99.9 % of the voxels counted. */
  readonly window: readonly [number, number];
}

const enoughVoxels = 1_000_000;
const bins = 256;

/** From the coarsest level of at least a million voxels. One chunk in memory at a time. */
export async function histogramOf(writer: VolumeWriter, signal: AbortSignal): Promise<VolumeHistogram> {
  const { level, index } = coarseLevel(writer.plan);
  const levels = new Float64Array(writer.plan.dtype === 'uint8' ? 256 : 65_536);
  for (const xyz of chunksOf(level)) {
    signal.throwIfAborted();
    const voxels = await readChunk(writer, index, level, xyz);
    if (voxels) countInto(levels, voxels, writer.plan.dtype);
  }
  return summarise(levels, writer.plan.dtype);
}

function coarseLevel({ levels }: VolumePlan): { readonly level: VolumeLevelPlan; readonly index: number } {
  const index = Math.max(
    0,
    levels.findLastIndex(({ sizeXyz }) => voxelsIn(sizeXyz as Vec3) >= enoughVoxels),
  );
  const level = levels[index];
  if (!level) throw new RangeError('a volume has at least one level');
  return { level, index };
}

function countInto(levels: Float64Array, voxels: Uint8Array, dtype: Dtype): void {
  const values = dtype === 'uint8' ? voxels : new Uint16Array(voxels.slice().buffer);
  for (const value of values) levels[value] = (levels[value] ?? 0) + 1;
}

function summarise(levels: Float64Array, dtype: Dtype): VolumeHistogram {
  levels[0] = 0;
  const total = levels.reduce((sum, n) => sum + n, 0);
  const full: readonly [number, number] = [0, levels.length - 1];
  if (total === 0) return { counts: Array.from({ length: bins }, () => 0), range: full, window: full };
  const window = [quantile(levels, total * 0.001), quantile(levels, total * 0.999)] as const;
  const range =
    dtype === 'uint8'
      ? full
      : ([
          0,
          Math.max(
            bins - 1,
            levels.findLastIndex((n) => n > 0),
          ),
        ] as const);
  const counts = Array.from({ length: bins }, () => 0);
  levels.forEach((n, value) => {
    if (n > 0) counts[Math.floor((value * bins) / (range[1] + 1))]! += n;
  });
  return {
    counts,
    range,
    window: window[1] > window[0] ? window : [window[0], Math.min(window[0] + 1, levels.length - 1)],
  };
}

/** The least level that at least `wanted` voxels do not exceed. */
function quantile(levels: Float64Array, wanted: number): number {
  let seen = 0;
  return Math.max(
    0,
    levels.findIndex((n) => (seen += n) >= wanted && n > 0),
  );
}
