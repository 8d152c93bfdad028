import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Volume } from '../../../../preload/contract/library.ts';
import { levelAt } from '../../formats/pyramid.ts';
import type { VolumeLevelPlan } from '../../formats/volume-format.ts';
import type { JobRun } from '../../jobs/job.ts';
import { gridBytes } from '../../registrations/grid-input.ts';
import { levelFor, workingResolutionNm } from '../../registrations/level-for.ts';
import { volumeById, type StoredVolume } from '../../store/volume-rows.ts';
import { checkChannel } from '../../volumes/check-channel.ts';
import { parseByteSize } from '../../volumes/memory.ts';
import { openedTogether } from '../../volumes/opened-together.ts';
import type { OpenedVolume, OpenVolumes } from '../../volumes/open-volumes.ts';
import type { AffineInput } from './affine.ts';

/** One volume of a registration, at the level that is compared. */
export interface Side {
  readonly opened: OpenedVolume;
  readonly mask: OpenedVolume | null;
  readonly level: number;
  readonly grid: VolumeLevelPlan;
  readonly channel: number;
  readonly time: number;
}

export interface Pair {
  readonly fixed: Side;
  readonly moving: Side;
  readonly resolutionNm: number;
  close(): Promise<void>;
}

type Asked = Omit<Side, 'level' | 'grid'>;

type PairInput = Pick<
  AffineInput,
  | 'fixed'
  | 'moving'
  | 'fixedChannel'
  | 'movingChannel'
  | 'fixedTime'
  | 'movingTime'
  | 'fixedMask'
  | 'movingMask'
  | 'memory'
>;

type ResolutionOf = (finest: readonly VolumeLevelPlan[]) => number;

/** Opens both volumes and their masks, and chooses levels. Throws 'over-budget' before a voxel is read. */
export const openPair = (
  volumes: OpenVolumes,
  job: JobRun,
  input: PairInput & Pick<AffineInput, 'resolutionUm'>,
  resolutionOf: ResolutionOf = (finest) => workingResolutionNm(finest, 1000 * (input.resolutionUm ?? 0)),
): Promise<Pair> =>
  openedTogether(async (keep) => {
    const open = async (id: string): Promise<OpenedVolume> =>
      keep(await volumes.ofJob(job.library, id, job.kernels, job.signal));
    const side = async (id: string, mask: string | undefined, channel: number, time: number): Promise<Asked> => {
      const { volume } = volumeById(job.library.read, id);
      checkImage(volume);
      checkChannel(volume, channel, time);
      return { opened: await open(id), mask: mask === undefined ? null : await open(mask), channel, time };
    };
    const fixed = await side(input.fixed, input.fixedMask, input.fixedChannel, input.fixedTime);
    const moving = await side(input.moving, input.movingMask, input.movingChannel, input.movingTime);
    checkSizes(fixed.opened.stored, moving.opened.stored);
    checkSections(fixed.opened, moving.opened);
    const finest = [fixed, moving].map(({ opened: { volume } }) => levelAt(volume.plan, 0));
    const resolutionNm = resolutionOf(finest);
    const pair = { fixed: at(fixed, resolutionNm), moving: at(moving, resolutionNm) };
    refuseMemory([pair.fixed, pair.moving], input.memory);
    return { ...pair, resolutionNm };
  });

function at(asked: Asked, resolutionNm: number): Side {
  const { plan } = asked.opened.volume;
  const level = levelFor(plan.levels, resolutionNm);
  return { ...asked, level, grid: levelAt(plan, level) };
}

export function checkImage({ id, name, kind }: Volume): void {
  if (kind !== 'segmentation') return;
  throw new LamellaError('invalid-input', `"${name}" holds labels, which have no levels to compare.`, {
    hint: 'Register the image that they lie in, and show the labels through the registration with register apply.',
    fields: { volume: id },
  });
}

/** Of two volumes that one is measured in nanometres and the other in voxels, nothing can be said. */
function checkSizes(fixed: StoredVolume, moving: StoredVolume): void {
  const unsized = [fixed, moving].filter(({ volume }) => volume.unsized === true);
  const [one] = unsized;
  if (unsized.length !== 1 || !one) return;
  throw new LamellaError('bad-source', `Nobody said how large the voxels of "${one.volume.name}" are.`, {
    hint: 'Add it again and say how large they are (--voxel-size-nm); its microscope or scanner knows.',
    fields: { volume: one.volume.id },
  });
}

/** A section has no place along z of its own. */
function checkSections(fixed: OpenedVolume, moving: OpenedVolume): void {
  const [section, others] = [fixed, moving].toSorted((a, b) => sectionsOf(a) - sectionsOf(b));
  if (!section || !others || sectionsOf(section) > 1 || sectionsOf(others) === 1) return;
  const { name, id } = section.stored.volume;
  throw new LamellaError(
    'bad-source',
    `"${name}" is one section, and "${others.stored.volume.name}" has ${sectionsOf(others)}: where it lies among them can't be told.`,
    {
      hint: 'Register it to the section that it belongs to (volume convert --box cuts one out).',
      fields: { volume: id, sections: sectionsOf(others) },
    },
  );
}

const sectionsOf = ({ volume }: OpenedVolume): number => levelAt(volume.plan, 0).sizeXyz[2];

function refuseMemory(sides: readonly Side[], memory: string): void {
  const budget = parseByteSize(memory);
  const bytes = sides.map(({ opened, grid, mask }) => gridBytes(grid, opened.volume.plan.dtype, mask !== null));
  const total = bytes.reduce((sum, one) => sum + one, 0);
  if (total <= budget) return;
  const [larger] = sides.toSorted((a, b) => bytes[sides.indexOf(b)]! - bytes[sides.indexOf(a)]!);
  const { name, id } = larger!.opened.stored.volume;
  throw new LamellaError(
    'over-budget',
    `Registering at level ${larger!.level} of "${name}" (${larger!.grid.sizeXyz.join(' x ')} voxels) takes about ${gib(total)}; ${gib(budget)} are allowed.`,
    {
      hint: 'Make coarser levels of it (volume pyramid), ask for a coarser resolution (--resolution-um, --finest-um), or give more --memory.',
      fields: { volume: id, bytes: total, budget },
    },
  );
}

export const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
