import { type TaskInput, type TaskOutput, tasks } from '../../../../native-workers/tasks.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import { gridTypes, readGrid } from '../../registrations/grid-input.ts';
import { kernelMap } from '../../registrations/kernel-space.ts';
import { readMask } from '../../registrations/mask-input.ts';
import type { StoredVolume } from '../../store/volume-rows.ts';
import { type Affine3, invertAffine3 } from '../../transforms/affine3.ts';
import type { AffineInput } from './affine.ts';
import type { Pair, Side } from './pair.ts';

export type Answer = TaskOutput<'register-affine'>;

/** The whole search is one unit: seconds, whatever the volumes. `start`: moving from fixed, nm. */
export function searchUnit(job: JobRun, pair: Pair, input: AffineInput, start: Affine3 | null): Unit<Answer> {
  const sides = [pair.fixed, pair.moving];
  const header = headerOf(pair, input, start);
  return {
    key: unitKey('register-affine', tasks['register-affine'].version, header, sides.map(factsOf)),
    subject: sides.map(({ opened }) => opened.stored.volume.name).join(' and '),
    run: async (signal) => {
      const env = { kernels: job.kernels, signal };
      const inputs: Uint8Array[] = [];
      for (const { opened, level, channel, time } of sides)
        inputs.push(await readGrid({ volume: opened.volume, level, channel, time }, env));
      for (const { mask, grid } of sides) if (mask) inputs.push(await readMask(mask.volume, grid, env));
      return (await job.kernels.run('register-affine', header, { inputs, signal })).header;
    },
  };
}

function headerOf({ fixed, moving, resolutionNm }: Pair, input: AffineInput, start: Affine3 | null) {
  const fixedFromMoving = start && invertAffine3(start);
  const header: TaskInput<'register-affine'> = {
    fixed: volumeHeader(fixed),
    moving: volumeHeader(moving),
    model: input.model,
    orientations: input.orientations,
    resolutionUm: resolutionNm / 1000,
    ...(fixedFromMoving && { start: [...kernelMap(fixedFromMoving, fixed.grid, moving.grid)] }),
  };
  return header;
}

function volumeHeader({ opened, grid: { sizeXyz, voxelSizeNm }, mask }: Side): TaskInput<'register-affine'>['fixed'] {
  const [x, y, z] = voxelSizeNm;
  return {
    size: sizeXyz,
    spacingUm: [x / 1000, y / 1000, z / 1000],
    dtype: gridTypes[opened.volume.plan.dtype],
    mask: mask !== null,
  };
}

/** What the voxels that are read depend on. */
export const factsOf = ({ opened, mask, level, channel, time }: Side): unknown => [
  ...[level, channel, time, dataOf(opened.stored)],
  mask && dataOf(mask.stored),
];

/** What all voxels of a volume depend on. */
export const dataOf = ({ volume, source, folder, warp }: StoredVolume): unknown => [
  volume.id,
  source?.fingerprint ?? null,
  source?.voxelSizeNm ?? null,
  folder,
  warp,
];
