import type { OpenVolume } from './volume-format.ts';

/** What every format warns with where nothing that can be applied says how large voxels are. They are 1 nm then. */
export const saysNoSize =
  'It is not known how large its voxels are: lengths are counted in voxels. Give the voxel size when you add it.';

/** Whether a volume's nanometres count its voxels: nobody said how large they are, and nobody has put that right. */
export const isUnsized = ({ plan, notes }: Pick<OpenVolume, 'plan' | 'notes'>): boolean =>
  notes.warnings?.includes(saysNoSize) === true && plan.levels[0]?.voxelSizeNm[0] === 1;
