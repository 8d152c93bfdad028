import type { Registration } from '../../../../preload/contract/register.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { WarpStep } from '../../../../preload/contract/warp.ts';
import type { VolumePlan } from '../../formats/volume-format.ts';
import { aroundBends, type RegistrationRoom, stepsOnto, volumesOnto } from '../../registrations/chain-of.ts';
import type { ExportInput } from './export.ts';

/** Which steps of a registration are exported, and from which volume to which they lead. */
export interface ExportPart {
  readonly steps: readonly WarpStep[];
  readonly from: VolumePlan;
  readonly to: VolumePlan;
  /** The fixed volume: what bends lies in its space, whichever way the steps lead. */
  readonly bends: VolumePlan;
}

/** Throws 'invalid-input' where the registration has no such part. */
export async function exportPart(
  { volumes, library, kernels }: RegistrationRoom,
  registration: Registration,
  { onto, part }: ExportInput,
): Promise<ExportPart> {
  const plan = async (id: string): Promise<VolumePlan> => (await volumes.shown(library, id, kernels)).volume.plan;
  const { result, source } = volumesOnto(registration, onto);
  const steps = stepsOnto(registration, onto);
  const { before, bent, after } = aroundBends(steps);
  const bends = await plan(registration.fixed);
  if (part === 'field') {
    if (bent.length === 0) throw noField(registration);
    return { steps: bent, from: bends, to: bends, bends };
  }
  const there = { from: await plan(result), to: await plan(source), bends };
  if (part === 'all') return { steps, ...there };
  if (before.length > 0 && after.length > 0) throw moved(registration);
  return { steps: [...before, ...after], ...there };
}

const noField = ({ id, name }: Registration): LamellaError =>
  new LamellaError('invalid-input', `${name} is affine: it has no field of its own.`, {
    hint: 'Leave --part out: a field is then made of the affine map.',
    fields: { registration: id },
  });

const moved = ({ id, name }: Registration): LamellaError =>
  new LamellaError('invalid-input', `${name} has affine maps before and after its field: they are no one map.`, {
    hint: 'Export all of it as a field, or the registration that it was before it was moved by hand.',
    fields: { registration: id },
  });
