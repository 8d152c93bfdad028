import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type TaskOutput, tasks } from '../../../../native-workers/tasks.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { mapAxes, voxelsIn } from '../../formats/pyramid.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import { forgetEarlier, readCheckpoint } from '../../registrations/checkpoint.ts';
import { gridHeader, kernelThreads } from '../../registrations/deform-space.ts';
import { fieldBytes, writeField } from '../../registrations/field-file.ts';
import { isSection } from '../../registrations/level-for.ts';
import type { WorkingGrid } from '../../registrations/working-levels.ts';
import { removeHalfWrittenIn } from '../../volumes/half-written.ts';
import { comparedBefore, type Deformation } from './deform-level.ts';

export interface Told {
  readonly maps: TaskOutput<'lddmm-maps'>;
  /** What is compared, at the finest level, without the deformation. */
  readonly dataBefore: number;
}

export const fieldFiles = { there: 'moving-from-fixed.nrrd', back: 'fixed-from-moving.nrrd' } as const;

/** A field of more voxels is written coarser. */
const mostVoxels = 2 ** 23;

/** The last velocities as fields both ways over the fixed volume and the room around it, where they fade. */
export function fieldUnit(job: JobRun, of: Deformation, finest: WorkingGrid): Unit<Told> {
  const grid = fieldGrid(finest, 1000 * of.settings.smoothUm);
  const files = [fieldFiles.there, fieldFiles.back].map((name) => join(of.folder, name));
  return {
    key: unitKey('lddmm-maps', tasks['lddmm-maps'].version, of.facts, of.settings, of.levels, of.iterations, grid),
    subject: 'fields',
    run: async (signal) => {
      const last = await readCheckpoint(of.folder, { velocities: true, preview: false });
      const state = last?.header.state;
      if (!last || !state) throw new Error('a deformation without steps has no fields');
      const dataBefore = await comparedBefore(job, of, signal);
      const header = { state, target: gridHeader(grid), threads: kernelThreads(job.kernels) };
      const made = await job.kernels.run('lddmm-maps', header, { inputs: [last.velocities], signal });
      for (const [i, file] of files.entries()) await writeField(file, grid, made.outputs[i] ?? new Uint8Array());
      await forgetEarlier(of.folder);
      await removeHalfWrittenIn(of.folder);
      return { maps: made.header, dataBefore };
    },
    stillThere: () => files.every((file) => statSync(file, { throwIfNoEntry: false })?.size === fieldBytes(grid)),
  };
}

/** The finest grid, and around it the room in which velocities fade on their way around the torus. */
export function fieldGrid(finest: WorkingGrid, smoothNm: number): WorkingGrid {
  if (isSection(finest)) return slabGrid(finest, smoothNm);
  const { sizeXyz, voxelSizeNm, originNm } = finest;
  const wide: Vec3 = mapAxes((i) => Math.ceil((2 * smoothNm) / voxelSizeNm[i]));
  const size = mapAxes((i) => sizeXyz[i] + 2 * wide[i]);
  const by = Math.max(1, Math.ceil(Math.cbrt(voxelsIn(size) / mostVoxels)));
  return {
    sizeXyz: mapAxes((i) => Math.max(2, Math.ceil(size[i] / by) + (by > 1 ? 1 : 0))),
    voxelSizeNm: mapAxes((i) => by * voxelSizeNm[i]),
    originNm: mapAxes((i) => originNm[i] - wide[i] * voxelSizeNm[i]),
  };
}

/**
 * The same of a section, one voxel along z: as thick as it is wide, so that places in the other section move, too, where
 * that is thicker than this one.
 */
function slabGrid({ sizeXyz, voxelSizeNm, originNm }: WorkingGrid, smoothNm: number): WorkingGrid {
  const [x, y, z] = voxelSizeNm;
  const [right, down] = [Math.ceil((2 * smoothNm) / x), Math.ceil((2 * smoothNm) / y)];
  const [w, h] = [sizeXyz[0] + 2 * right, sizeXyz[1] + 2 * down];
  const by = Math.max(1, Math.ceil(Math.sqrt((w * h) / mostVoxels)));
  const more = by > 1 ? 1 : 0;
  const thick = Math.max(z, w * x, h * y);
  return {
    sizeXyz: [Math.ceil(w / by) + more, Math.ceil(h / by) + more, 1],
    voxelSizeNm: [by * x, by * y, thick],
    originNm: [originNm[0] - right * x, originNm[1] - down * y, originNm[2] + z / 2 - thick / 2],
  };
}
