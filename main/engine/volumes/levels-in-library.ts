import type { Vec3 } from '../../../preload/contract/space.ts';
import { applyLinear, inverseOf, rowMajor } from '../formats/ome-geometry.ts';
import { mapAxes } from '../formats/pyramid.ts';
import type { ChunkAt, OpenVolume, VolumeLevelPlan, VolumePlan, VolumeTransform } from '../formats/volume-format.ts';
import type { StoredVolume } from '../store/volume-rows.ts';
import { replaced } from './replaced.ts';

/**
 * A volume with coarser levels that lie elsewhere put after its own. `coarse` has the same channels and times, and its
 * level 0 was made from the last level of `fine`.
 */
export function withCoarseLevels(fine: OpenVolume, coarse: OpenVolume): OpenVolume {
  const own = fine.plan.levels.length;
  const last = fine.plan.levels[own - 1];
  const more = coarse.plan.levels.map((level, i) => ({
    ...level,
    stepXyz: stepBetween(i === 0 ? last : coarse.plan.levels[i - 1], level),
  }));
  const at = <R>(place: ChunkAt, read: (volume: OpenVolume, inner: ChunkAt) => R): R =>
    place.level < own ? read(fine, place) : read(coarse, { ...place, level: place.level - own });
  return {
    plan: { ...fine.plan, levels: [...fine.plan.levels, ...more] },
    notes: fine.notes,
    locate: (place, signal) => at(place, (volume, inner) => volume.locate(inner, signal)),
    readChunk: (place, signal) => at(place, (volume, inner) => volume.readChunk(inner, signal)),
    recipe: async (place, signal) => at(place, (volume, inner) => volume.recipe?.(inner, signal)),
    labels: () => fine.labels?.() ?? Promise.resolve([]),
    close: async () => {
      await fine.close?.();
      await coarse.close?.();
    },
  };
}

const stepBetween = (finer: VolumeLevelPlan | undefined, level: VolumeLevelPlan): Vec3 =>
  finer ? mapAxes((i) => Math.max(1, Math.round(level.voxelSizeNm[i] / finer.voxelSizeNm[i]))) : [1, 1, 1];

/** The plan with what the user said of the volume in the place of what its files say. */
export function asStored(plan: VolumePlan, { volume, source }: Pick<StoredVolume, 'volume' | 'source'>): VolumePlan {
  const sized = withVoxelSize(plan, source?.voxelSizeNm ?? null);
  return { ...sized, name: volume.name, kind: volume.kind };
}

/** Voxel sizes and origins of all levels, scaled so that level 0 has the given size. */
export function withVoxelSize(plan: VolumePlan, voxelSizeNm: Vec3 | null): VolumePlan {
  const own = plan.levels[0]?.voxelSizeNm;
  if (!voxelSizeNm || !own) return plan;
  const scaled = (v: Vec3): Vec3 => mapAxes((i) => (v[i] * voxelSizeNm[i]) / own[i]);
  const levels = plan.levels.map((level) => ({
    ...level,
    voxelSizeNm: scaled(level.voxelSizeNm),
    originNm: scaled(level.originNm),
  }));
  return { ...plan, levels, transforms: plan.transforms.map((one) => scaledPlace(one, scaled)) };
}

/** Where a volume begins in a space is a number of its voxels, as its origin is: it grows with them. */
function scaledPlace(transform: VolumeTransform, scaled: (v: Vec3) => Vec3): VolumeTransform {
  const m = transform.matrix;
  if (m?.length !== 12) return transform;
  const row = (i: 0 | 1 | 2): Vec3 => [m[4 * i] ?? 0, m[4 * i + 1] ?? 0, m[4 * i + 2] ?? 0];
  const linear = [row(0), row(1), row(2)] as const;
  const inverse = inverseOf(linear);
  if (!inverse) return transform;
  const from = scaled(applyLinear(inverse, [m[3] ?? 0, m[7] ?? 0, m[11] ?? 0]));
  return { ...transform, matrix: rowMajor({ linear, offset: applyLinear(linear, from) }) };
}

/** The same volume under another plan of the same levels. */
export const withPlan = (volume: OpenVolume, plan: VolumePlan): OpenVolume =>
  replaced(volume, { plan, notes: volume.notes });

/** In what a plan differs from the volume that was added, in words; null where it is the same in all that is drawn by. */
export function differenceFrom(
  plan: VolumePlan,
  { volume, source }: Pick<StoredVolume, 'volume' | 'source'>,
): string | null {
  const said = (now: string | number, was: string | number, what = ''): string | null =>
    now === was ? null : `it has ${now}${what}, and had ${was}`;
  const own = volume.levels.slice(0, source?.levels);
  const sizes = own.map(({ size }, i) =>
    said((plan.levels[i]?.sizeXyz ?? []).join(' x '), size.join(' x '), ' voxels'),
  );
  return (
    said(plan.dtype, volume.dtype) ??
    said(plan.levels.length, own.length, ' levels') ??
    sizes.find((one) => one !== null) ??
    said(plan.channels.length, volume.channels.length, ' channels') ??
    said(plan.times, volume.times, ' times')
  );
}
