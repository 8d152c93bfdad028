import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { JobRun } from '../../jobs/job.ts';
import { deformBytes, planLevels } from '../../registrations/deform-plan.ts';
import { openSteps, type RegistrationRoom } from '../../registrations/chain-of.ts';
import { inUm } from '../../registrations/deform-space.ts';
import { finestSideNm, isSection, workingResolutionNm } from '../../registrations/level-for.ts';
import {
  coarserGrid,
  factorsFor,
  readWorking,
  type WorkingGrid,
  type WorkingLevels,
} from '../../registrations/working-levels.ts';
import { readSeen } from '../../registrations/seen-moving.ts';
import { identity3 } from '../../transforms/affine3.ts';
import { voxelsIn } from '../../formats/pyramid.ts';
import type { VolumeLevelPlan } from '../../formats/volume-format.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import { fieldsFolder } from '../../store/library-fields.ts';
import { parseByteSize } from '../../volumes/memory.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { type Chains, plainAffine, refuseLong, withLandmarks } from './chains.ts';
import { fieldGrid } from './deform-fields.ts';
import type { Deformation } from './deform-level.ts';
import type { LddmmInput, Start } from './lddmm.ts';
import { gib, openPair, type Pair, type Side } from './pair.ts';
import { factsOf } from './search.ts';

/** What is taken where the user leaves it out. */
const defaults = {
  /** Finest voxels. */
  smooth: 5,
  /** The metrics are not of one size. With less, real brains bend after shading and stray voxels. */
  regularity: { ssd: 0.002, cc: 0.01, mi: 0.02 },
  /** Of the flow. */
  steps: 4,
  tolerance: 1e-5,
  /** Of a coarse level, of the finest. */
  iterations: [50, 30],
} as const;

export interface OpenedDeformation {
  readonly id: string;
  readonly deformation: Deformation;
  /** The fixed volume's at the finest level. */
  readonly finest: WorkingGrid;
  /** Share of the work that each level is. */
  readonly weights: readonly number[];
  /** What is bent. */
  readonly before: Chains;
  /** Once the fields are written: with landmarks brought over each other that are for this. */
  corrected(chains: Chains): Promise<Chains>;
  close(): Promise<void>;
}

/** Plans a deformation. Throws 'over-budget' with the estimate before a voxel is read. */
export async function openDeformation(
  volumes: OpenVolumes,
  job: JobRun,
  input: LddmmInput,
  { from }: Start,
): Promise<OpenedDeformation> {
  const { fixed, moving } = from;
  refuseLong(from, 3);
  const pair = await openPair(volumes, job, { ...input, fixed, moving }, (finest) => finestNm(finest, input.finestUm));
  try {
    const finest = finestGrid(pair.fixed, pair);
    const smoothUm = input.smoothUm ?? (defaults.smooth * pair.resolutionNm) / 1000;
    const id = idOfJob('registration', job.id);
    const folder = fieldsFolder(job.library, id);
    const { signal, library, kernels } = job;
    const room: RegistrationRoom = { volumes, library, kernels, signal };
    const grid = fieldGrid(finest, 1000 * smoothUm);
    const bring = (use: LddmmInput['landmarkUse'], chains: Chains): Promise<Chains> | Chains =>
      input.landmarks && input.landmarkUse === use
        ? withLandmarks(room, pair, chains, { landmarks: input.landmarks, grid, folder, registration: id })
        : chains;
    const before = await bring('start', from);
    const planned = planOf(input, pair, before, { finest, smoothUm, folder, id });
    return {
      ...{ id, finest, before, weights: planned.weights },
      deformation: { ...planned.deformation, sides: readSides(room, pair, before, finest) },
      corrected: async (chains) => bring('correction', chains),
      close: () => pair.close(),
    };
  } catch (error) {
    await pair.close();
    throw error;
  }
}

interface Placed {
  readonly finest: WorkingGrid;
  readonly smoothUm: number;
  readonly folder: string;
  readonly id: string;
}

function planOf(input: LddmmInput, pair: Pair, before: Chains, { finest, smoothUm, folder, id }: Placed) {
  const affine = plainAffine(before);
  const moving = affine ? finestGrid(pair.moving, pair) : finest;
  refuseMemory(pair, { fixed: finest, moving, smoothNm: 1000 * smoothUm, steps: defaults.steps }, input.memory);
  const levels = planLevels(finest, moving, pair.resolutionNm);
  const iterations = levels.map((_, i) => input.iterations ?? defaults.iterations[i < levels.length - 1 ? 0 : 1]);
  const work = levels.map(({ sizeXyz }, i) => voxelsIn(sizeXyz) * iterations[i]!);
  const all = work.reduce((sum, one) => sum + one, 0);
  const { metric, contrast, missing, regularity = defaults.regularity[metric] } = input;
  const { steps, tolerance } = defaults;
  return {
    weights: work.map((one) => (0.8 * one) / all),
    deformation: {
      ...{ levels, iterations, folder, movingFromFixed: inUm(affine ?? identity3) },
      settings: { metric, contrast, missing, smoothUm, steps, tolerance, regularity },
      facts: [id, before.movingFromFixed, factsOf(pair.fixed), factsOf(pair.moving)],
    },
  };
}

/** No finer than the coarser volume is, whatever was asked for. */
const finestNm = (finest: readonly VolumeLevelPlan[], askedUm: number | undefined): number =>
  askedUm === undefined ? workingResolutionNm(finest) : Math.max(1000 * askedUm, ...finest.map(finestSideNm));

const finestGrid = ({ grid }: Side, { resolutionNm }: Pair): WorkingGrid =>
  coarserGrid(grid, factorsFor(grid, resolutionNm));

/**
 * Read once, when they are first needed: a resumed job may need none. What begins from more than an affine map is bent
 * as it is seen through that, on the voxels of the fixed volume.
 */
function readSides(room: RegistrationRoom, pair: Pair, before: Chains, finest: WorkingGrid): Deformation['sides'] {
  const { fixed, moving, resolutionNm } = pair;
  const read = ({ opened, mask, level, channel, time, grid }: Side): Promise<WorkingLevels> =>
    readWorking({ volume: opened.volume, level, channel, time }, grid, mask?.volume ?? null, resolutionNm, room);
  const seen = async ({ opened: { volume }, mask, channel, time }: Side): Promise<WorkingLevels> => {
    const chain = await openSteps(room, before.movingFromFixed, fixed.opened.volume.plan, volume.plan, 'batch');
    try {
      return await readSeen({ volume, mask: mask?.volume ?? null, chain, channel, time }, finest, room);
    } finally {
      await chain.close();
    }
  };
  const readMoving = plainAffine(before) ? read : seen;
  let sides: ReturnType<Deformation['sides']> | null = null;
  return () => (sides ??= read(fixed).then(async (levels) => ({ fixed: levels, moving: await readMoving(moving) })));
}

function refuseMemory({ fixed, resolutionNm }: Pair, size: Parameters<typeof deformBytes>[0], memory: string): void {
  const [bytes, budget] = [deformBytes(size), parseByteSize(memory)];
  if (bytes <= budget) return;
  const um = resolutionNm / 1000;
  const less = isSection(size.fixed) ? Math.sqrt(bytes / budget) : Math.cbrt(bytes / budget);
  const fitting = Number((um * less * 1.05).toPrecision(2));
  const { id, name } = fixed.opened.stored.volume;
  throw new LamellaError(
    'over-budget',
    `Bending onto "${name}" at ${um.toPrecision(3)} µm (${size.fixed.sizeXyz.join(' x ')} voxels) takes about ${gib(bytes)}; ${gib(budget)} are allowed.`,
    {
      hint: `Set --finest-um ${fitting}, or give more --memory.`,
      fields: { volume: id, bytes, budget, finestUm: fitting },
    },
  );
}
