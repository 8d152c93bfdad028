import type { VolumeDescription } from '../../../../preload/contract/volume.ts';
import { formatIdSchema } from '../../../../preload/contract/volume.ts';
import { bytesPerVoxel } from '../../../../preload/contract/space.ts';
import { mapAxes, voxelsIn } from '../../formats/pyramid.ts';
import { isUnsized } from '../../formats/unsized.ts';
import type { OpenVolume, VolumeFormat, VolumePlan } from '../../formats/volume-format.ts';
import { voxelsOfPlan } from '../../volumes/output-plan.ts';

/** What a volume is, in the words of the contract. */
export function descriptionOf(
  volume: OpenVolume,
  format: VolumeFormat,
  source: string,
  storedBytes: number | null,
): VolumeDescription {
  const { plan, notes } = volume;
  return {
    format: formatIdSchema.parse(format.id),
    formatLabel: format.label,
    source,
    name: plan.name,
    kind: plan.kind,
    dtype: plan.dtype,
    axes: axesOf(plan),
    channels: plan.channels.map(({ name, color, window }) => ({ name, color, window: window && [...window] })),
    times: plan.times,
    secondsPerTime: plan.secondsPerTime,
    levels: plan.levels.map((level) => ({
      key: level.key,
      size: level.sizeXyz,
      chunk: mapAxes((i) => Math.min(level.chunkXyz[i], level.sizeXyz[i])),
      chunks: voxelsIn(level.gridXyz) * plan.channels.length * plan.times,
      voxelSizeNm: level.voxelSizeNm,
      originNm: level.originNm,
      step: level.stepXyz,
    })),
    unsized: isUnsized(volume),
    storage: notes.storage ?? '',
    transforms: plan.transforms.map(({ space, kind, matrix }) => ({ space, kind, matrix: matrix && [...matrix] })),
    voxelBytes: voxelsOfPlan(plan) * bytesPerVoxel[plan.dtype],
    storedBytes,
    warnings: [...(notes.warnings ?? [])],
  };
}

/** Slowest first; channels and times only where there are several. */
function axesOf({ levels, channels, times }: VolumePlan): VolumeDescription['axes'] {
  const [x, y, z] = levels[0]?.sizeXyz ?? [1, 1, 1];
  const all = [
    { name: 't' as const, size: times, unit: 's' },
    { name: 'c' as const, size: channels.length, unit: '' },
    { name: 'z' as const, size: z, unit: 'nm' },
    { name: 'y' as const, size: y, unit: 'nm' },
    { name: 'x' as const, size: x, unit: 'nm' },
  ];
  return all.filter(({ name, size }) => size > 1 || (name !== 't' && name !== 'c'));
}
