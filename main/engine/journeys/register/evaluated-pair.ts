import type { ParsedOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Registration, registerProcedures } from '../../../../preload/contract/register.ts';
import type { JobRun } from '../../jobs/job.ts';
import { affineStep, openSteps } from '../../registrations/chain-of.ts';
import { middleOnMiddle } from '../../registrations/middle.ts';
import { type StoredVolume, volumeById } from '../../store/volume-rows.ts';
import type { WarpStep } from '../../../../preload/contract/warp.ts';
import { openedTogether } from '../../volumes/opened-together.ts';
import type { OpenedVolume, OpenVolumes } from '../../volumes/open-volumes.ts';
import type { Chain } from '../../volumes/warped/chain.ts';

/** A registration whose volumes and chains are open. */
export interface EvaluatedPair {
  readonly fixed: OpenedVolume;
  readonly moving: OpenedVolume;
  readonly fixedLabels: OpenedVolume | null;
  readonly movingLabels: OpenedVolume | null;
  /** From the fixed to the moving volume. */
  readonly after: Chain;
  /** By its affine part alone; of an affine registration, middle on middle. */
  readonly before: Chain;
  /** From the moving to the fixed volume. */
  readonly back: Chain;
  /** By another registration, from the fixed to the moving volume, and back. */
  readonly against: { readonly after: Chain; readonly back: Chain } | null;
  readonly stepsBefore: readonly WarpStep[];
  close(): Promise<void>;
}

export type EvaluateInput = ParsedOf<typeof registerProcedures.evaluate>;

export interface Evaluating {
  readonly job: JobRun;
  readonly input: EvaluateInput;
  readonly registration: Registration;
  readonly against: Registration | null;
  readonly pair: EvaluatedPair;
}

interface Asked {
  readonly registration: Registration;
  readonly against: Registration | null;
  readonly fixedLabels?: string | undefined;
  readonly movingLabels?: string | undefined;
  /** What `before` means: the affine part alone, where there is one beside what bends, or always middle on middle. */
  readonly since?: 'affine' | 'middle';
}

/** Throws 'invalid-input' where labels or the other registration do not fit, and what opening volumes throws. */
export const openEvaluated = (volumes: OpenVolumes, job: JobRun, asked: Asked): Promise<EvaluatedPair> =>
  openedTogether(async (keep) => {
    const { registration, against } = asked;
    checkLabels(job, asked);
    checkAgainst(registration, against);
    const open = async (id: string): Promise<OpenedVolume> =>
      keep(await volumes.ofJob(job.library, id, job.kernels, job.signal));
    const fixed = await open(registration.fixed);
    const moving = await open(registration.moving);
    const room = { volumes, library: job.library, kernels: job.kernels, signal: job.signal };
    const chain = async (steps: readonly WarpStep[], from: OpenedVolume, to: OpenedVolume): Promise<Chain> =>
      keep(await openSteps(room, steps, from.volume.plan, to.volume.plan, 'batch'));
    const stepsBefore = before(asked.since === 'middle' ? [] : registration.movingFromFixed, fixed, moving);
    const there = (one: Registration): Promise<Chain> => chain(one.movingFromFixed, fixed, moving);
    const return_ = (one: Registration): Promise<Chain> => chain(one.fixedFromMoving, moving, fixed);
    return {
      ...{ fixed, moving, stepsBefore },
      fixedLabels: asked.fixedLabels === undefined ? null : await open(asked.fixedLabels),
      movingLabels: asked.movingLabels === undefined ? null : await open(asked.movingLabels),
      after: await there(registration),
      before: await chain(stepsBefore, fixed, moving),
      back: await return_(registration),
      against: against && { after: await there(against), back: await return_(against) },
    };
  });

/** Where the moving volume lay before the last thing that was done to it. */
function before(movingFromFixed: readonly WarpStep[], fixed: OpenedVolume, moving: OpenedVolume): readonly WarpStep[] {
  const affine = movingFromFixed.filter(({ type }) => type === 'affine');
  if (affine.length > 0 && affine.length < movingFromFixed.length) return affine;
  return [affineStep(middleOnMiddle(fixed.volume.plan, moving.volume.plan))];
}

function checkLabels(job: JobRun, { fixedLabels, movingLabels }: Asked): void {
  if ((fixedLabels === undefined) !== (movingLabels === undefined))
    throw invalid('Labels of one volume alone say nothing.', 'Give --fixed-labels and --moving-labels, or neither.');
  for (const id of [fixedLabels, movingLabels]) if (id !== undefined) checkIsLabels(volumeById(job.library.read, id));
}

function checkIsLabels({ volume: { id, name, kind } }: StoredVolume): void {
  if (kind === 'segmentation') return;
  throw new LamellaError('invalid-input', `"${name}" is an image, and its levels are no labels.`, {
    hint: 'Add it again with --kind segmentation if it holds labels.',
    fields: { volume: id },
  });
}

function checkAgainst({ id, fixed, moving }: Registration, against: Registration | null): void {
  if (!against) return;
  if (against.id === id) throw invalid('A registration is not held against itself.', 'Name another one.');
  if (against.fixed !== fixed || against.moving !== moving)
    throw invalid(`${against.name} is one of other volumes.`, 'Name another registration of the same two volumes.');
}

const invalid = (message: string, hint: string): LamellaError => new LamellaError('invalid-input', message, { hint });
