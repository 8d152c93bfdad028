import { type TaskInput, type TaskOutput, tasks } from '../../../../native-workers/tasks.ts';
import type { DeformLevel } from '../../../../preload/contract/deform.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import {
  type Checkpoint,
  checkpointsIn,
  isBefore,
  readCheckpoint,
  writeCheckpoint,
} from '../../registrations/checkpoint.ts';
import { previewOf, type PreviewOf } from '../../registrations/deform-preview.ts';
import type { PlannedLevel } from '../../registrations/deform-plan.ts';
import { kernelThreads, levelsHeader } from '../../registrations/deform-space.ts';
import { coarser, type WorkingLevels } from '../../registrations/working-levels.ts';
import { isAccepted } from '../../registrations/accepted-levels.ts';
import { bytesOf } from '../../volumes/warped/waiting-steps.ts';

/** As the kernel takes them. */
export type DeformSettings = Required<
  Pick<
    TaskInput<'register-lddmm'>,
    'metric' | 'contrast' | 'missing' | 'smoothUm' | 'regularity' | 'steps' | 'tolerance'
  >
>;

/** All that a deformation is made of. */
export interface Deformation {
  /** Of its checkpoints and fields. */
  readonly folder: string;
  readonly levels: readonly PlannedLevel[];
  /** 3 x 4, rows first, µm. */
  readonly movingFromFixed: readonly number[];
  readonly settings: DeformSettings;
  readonly iterations: readonly number[];
  /** What all units depend on: volumes, masks, the registration. */
  readonly facts: readonly unknown[];
  /** At the finest level; read when they are first asked for. */
  readonly sides: () => Promise<{ readonly fixed: WorkingLevels; readonly moving: WorkingLevels }>;
}

/** Steps of a unit: contrast and weights are told anew for each. */
const chunkSteps = 10;

type Done = 'steps' | 'skipped';

/** The units of one level, which follow each other: each goes on from the checkpoint of the one before. */
export function levelUnits(job: JobRun, of: Deformation, level: number): readonly Unit<Done>[] {
  const planned = of.levels[level];
  const iterations = of.iterations[level] ?? 0;
  const version = tasks['register-lddmm'].version;
  return Array.from({ length: Math.ceil(iterations / chunkSteps) }, (_, chunk): Unit<Done> => {
    const here = { level, chunk };
    const steps = Math.min(chunkSteps, iterations - chunk * chunkSteps);
    return {
      key: unitKey('register-lddmm', version, of.facts, of.settings, planned, level, chunk, steps),
      subject: `level ${level + 1} of ${of.levels.length}`,
      run: async (signal) => {
        const before = await readCheckpoint(of.folder, { velocities: true, preview: false }, here);
        if (!before || before.header.isDone[level] === true || isAccepted(job.library.read, job.id, level))
          return 'skipped';
        const isLast = (chunk + 1) * chunkSteps >= iterations;
        await writeCheckpoint(of.folder, await stepped(job, of, before, { ...here, steps, isLast }, signal));
        return 'steps';
      },
      stillThere: (done) => done === 'skipped' || !checkpointsIn(of.folder).every((one) => isBefore(one, here)),
    };
  });
}

interface Chunk {
  readonly level: number;
  readonly chunk: number;
  readonly steps: number;
  readonly isLast: boolean;
}

async function stepped(
  job: JobRun,
  of: Deformation,
  { header, velocities }: Checkpoint,
  { level, chunk, steps, isLast }: Chunk,
  signal: AbortSignal,
): Promise<Checkpoint> {
  const { fixed, moving } = await sidesAt(of, level);
  const from = header.state && { state: header.state, velocities };
  const { answer, next } = await bend(job, of, { fixed, moving, from, iterations: steps }, signal);
  const { movingFromFixed } = of;
  const seen = { fixed, moving, movingFromFixed, state: answer.state, velocities: next };
  const preview = await previewOf(seen, { kernels: job.kernels, signal });
  const levels = header.levels.map((one, i) => (i === level ? withSteps(one, answer) : one));
  const isDone = header.isDone.map((done, i) => done || (i === level && (isLast || answer.converged)));
  return {
    header: { levels, isDone, level, chunk, state: answer.state, weight: answer.weight, planes: preview.planes },
    velocities: next,
    preview: preview.bytes,
  };
}

interface Bending {
  readonly fixed: WorkingLevels;
  readonly moving: WorkingLevels;
  /** What steps were taken before; null: none. */
  readonly from: Pick<PreviewOf, 'state' | 'velocities'> | null;
  readonly iterations: number;
}

/** Asks the kernel for steps at a level. */
async function bend(job: JobRun, of: Deformation, { fixed, moving, from, iterations }: Bending, signal: AbortSignal) {
  const inputs = [bytesOf(fixed.levels), bytesOf(moving.levels)];
  for (const { counts } of [fixed, moving]) if (counts) inputs.push(counts);
  if (from) inputs.push(from.velocities);
  const header: TaskInput<'register-lddmm'> = {
    fixed: levelsHeader(fixed),
    moving: levelsHeader(moving),
    movingFromFixed: [...of.movingFromFixed],
    ...of.settings,
    iterations,
    threads: kernelThreads(job.kernels),
    ...(from && { state: from.state }),
  };
  const { header: answer, outputs } = await job.kernels.run('register-lddmm', header, { inputs, signal });
  return { answer, next: outputs[0] ?? new Uint8Array() };
}

/** What is compared, at the finest level, without the deformation. */
export async function comparedBefore(job: JobRun, of: Deformation, signal: AbortSignal): Promise<number> {
  const sides = await sidesAt(of, of.levels.length - 1);
  const { answer } = await bend(job, of, { ...sides, from: null, iterations: 0 }, signal);
  return answer.data[0] ?? NaN;
}

/** Both volumes at a level of the plan. */
async function sidesAt(of: Deformation, level: number) {
  const { fixed, moving } = await of.sides();
  const planned = of.levels[level];
  if (!planned) throw new Error(`there is no level ${level}`);
  return { fixed: coarser(fixed, planned.fixedBy), moving: coarser(moving, planned.movingBy) };
}

function withSteps(level: DeformLevel, answer: TaskOutput<'register-lddmm'>): DeformLevel {
  // Of a further chunk, what is told before its first step was told before.
  const from = level.data.length > 0 ? 1 : 0;
  return {
    ...level,
    data: [...level.data, ...answer.data.slice(from)],
    energies: [...level.energies, ...answer.energies.slice(from)],
    leastDeterminant: Math.min(answer.leastDeterminant, level.leastDeterminant ?? Infinity),
    folds: level.folds + answer.folds,
  };
}

/** What a deformation is before its first step. */
export function firstCheckpoint(levels: readonly PlannedLevel[]): Checkpoint {
  const waiting = levels.map(({ resolutionNm, sizeXyz }): DeformLevel => ({
    resolutionUm: resolutionNm / 1000,
    size: sizeXyz,
    data: [],
    energies: [],
    leastDeterminant: null,
    folds: 0,
  }));
  const isDone = levels.map(() => false);
  const header = { levels: waiting, isDone, level: 0, chunk: -1, state: null, weight: 1, planes: [] };
  return { header, velocities: new Uint8Array(), preview: new Uint8Array() };
}
