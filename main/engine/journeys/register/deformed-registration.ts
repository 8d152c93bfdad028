import type { DeformableNumbers } from '../../../../preload/contract/deform.ts';
import type { Registration } from '../../../../preload/contract/register.ts';
import type { JobRun } from '../../jobs/job.ts';
import { readCheckpoint } from '../../registrations/checkpoint.ts';
import { fieldStep } from '../../registrations/field-file.ts';
import { fieldRef } from '../../store/library-fields.ts';
import { fieldFiles, type Told } from './deform-fields.ts';
import type { OpenedDeformation } from './deformation.ts';
import { judgeDeformation } from './judge-deformation.ts';

/** The row of a deformation that is done, beside what it began from. */
export async function deformedRegistration(
  job: JobRun,
  name: string | undefined,
  from: Registration,
  { deformation, finest, id, before, corrected }: OpenedDeformation,
  told: Told,
): Promise<Registration> {
  const deformable = await numbersOf(deformation, told);
  const bent = {
    movingFromFixed: [fieldStep(fieldRef(id, fieldFiles.there)), ...before.movingFromFixed],
    fixedFromMoving: [...before.fixedFromMoving, fieldStep(fieldRef(id, fieldFiles.back))],
  };
  const { fixed, moving } = from;
  return {
    ...{ id, fixed, moving, name: name ?? `${from.name}, bent`.slice(0, 200), kind: 'deformable', parent: from.id },
    ...(await corrected(bent)),
    numbers: { affine: from.numbers.affine, deformable },
    ...judgeDeformation(deformable, finest),
    job: job.id,
    createdAt: new Date().toISOString(),
  };
}

async function numbersOf(
  { folder, settings }: OpenedDeformation['deformation'],
  { maps, dataBefore }: Told,
): Promise<DeformableNumbers> {
  const last = await readCheckpoint(folder, { velocities: false, preview: false });
  if (!last) throw new Error('the last checkpoint is gone');
  const { metric, contrast, missing, smoothUm, regularity } = settings;
  const { levels, weight } = last.header;
  return {
    ...{ metric, contrast, missing, smoothUm, regularity, levels, dataBefore, weight },
    dataAfter: levels.at(-1)?.data.at(-1) ?? dataBefore,
    logJacobian: maps.logJacobian && [...maps.logJacobian],
    folded: maps.folded,
    inverseErrorUm: [...maps.inverseErrorUm],
    mostDisplacementUm: maps.mostDisplacementUm,
    finestUm: levels.at(-1)?.resolutionUm ?? 0,
  };
}
