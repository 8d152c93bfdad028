import { LamellaError } from '../../../preload/contract/errors.ts';
import type { VoxelType } from '../../../preload/contract/space.ts';
import type { OpenVolume } from '../formats/volume-format.ts';
import { withPlan } from './levels-in-library.ts';

type Kind = OpenVolume['plan']['kind'];

/** Whole numbers so large are ids far more often than measurements, and a mean of ids is wrong data. */
const idTypes: ReadonlySet<VoxelType> = new Set(['uint32', 'uint64', 'int64']);

/** Formats that always say whether they hold an image or labels. */
const outspoken: ReadonlySet<string> = new Set(['precomputed']);

/**
 * The volume as labels where its format does not say what it holds and its type is one of ids; a dataset that gives its
 * channels colours or windows says that they are images.
 */
export function withAssumedKind(volume: OpenVolume, format: string): OpenVolume {
  const { kind, dtype, channels } = volume.plan;
  const isShown = channels.some(({ color, window }) => color !== null || window !== null);
  if (kind !== 'image' || outspoken.has(format) || isShown || !idTypes.has(dtype)) return volume;
  const warning = `It does not say what it holds: voxels of ${dtype} are taken for labels. Where they are an image, say --kind image.`;
  const notes = { ...volume.notes, warnings: [...(volume.notes.warnings ?? []), warning] };
  return { ...withKind(volume, 'segmentation'), notes };
}

/** Throws 'invalid-input' where voxels of a type can't be what the user says. */
export function checkKind(dtype: VoxelType, kind: Kind | undefined): void {
  if (kind !== 'segmentation' || !dtype.startsWith('float')) return;
  throw new LamellaError('invalid-input', `A volume of ${dtype} holds no ids, so it is no segmentation.`, {
    hint: 'Leave --kind out.',
    fields: { kind, dtype },
  });
}

/** The volume as what the user says that it is. */
export function withKind(volume: OpenVolume, kind: Kind): OpenVolume {
  checkKind(volume.plan.dtype, kind);
  return withPlan(volume, { ...volume.plan, kind });
}
