import type { TaskInput } from '../../../native-workers/tasks.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { mapAxes } from '../formats/pyramid.ts';
import type { Kernels } from '../jobs/job.ts';
import type { Affine3 } from '../transforms/affine3.ts';
import type { WorkingGrid, WorkingLevels } from './working-levels.ts';

/** The space of deformations is volume space in micrometres; the origin of a grid there is the centre of its first voxel. */
const nmOfUm = 1000;

type GridHeader = TaskInput<'lddmm-maps'>['target'];

export const gridHeader = ({ sizeXyz, voxelSizeNm, originNm }: WorkingGrid): GridHeader & { originUm: Vec3 } => ({
  size: sizeXyz,
  spacingUm: mapAxes((i) => voxelSizeNm[i] / nmOfUm),
  originUm: mapAxes((i) => (originNm[i] + voxelSizeNm[i] / 2) / nmOfUm),
});

export const levelsHeader = (of: WorkingLevels): TaskInput<'register-lddmm'>['fixed'] => ({
  ...gridHeader(of),
  mask: of.counts !== null,
});

/** Of µm instead of nanometres. */
export const inUm = (map: Affine3): number[] => map.map((value, i) => (i % 4 === 3 ? value / nmOfUm : value));

/** At most so many as the kernels take. */
export const kernelThreads = ({ threads }: Pick<Kernels, 'threads'>): number => Math.min(64, threads);
