import {
  type DiceByRegion,
  type Evaluation,
  mostDiceRegions,
} from '../../../../preload/contract/registration-evaluation.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { bytesPerVoxel, type Vec3 } from '../../../../preload/contract/space.ts';
import { chunkExtent, chunksOf, levelAt, voxelsIn } from '../../formats/pyramid.ts';
import type { OpenVolume, VolumeLevelPlan } from '../../formats/volume-format.ts';
import { type Unit, unitKey } from '../../jobs/job.ts';
import { mapOfChain } from '../../registrations/chain-of.ts';
import { gridOver, noChain, presenceOf, seenOnGrid, sortedSample } from '../../registrations/evaluation-grid.ts';
import { addedUp, diceOf, type Overlap, overlapOf } from '../../registrations/label-overlap.ts';
import { changeOf, inverseOfAll, type LocalChange, localChange, placesIn } from '../../registrations/local-change.ts';
import { binEdges, jointCounts, sharedInformation, sum } from '../../registrations/shared-information.ts';
import { checkChannel } from '../../volumes/check-channel.ts';
import type { Chain } from '../../volumes/warped/chain.ts';
import type { Evaluating } from './evaluated-pair.ts';
import { dataOf } from './search.ts';

const mostCompared = 2 ** 21;
const mostLabelled = 2 ** 26;
/** Places along the longest axis where the map's derivative is looked at. */
const mostPlaces = 32;

type Compared = Pick<Evaluation, 'resolutionUm' | 'samples' | 'similarityBefore' | 'similarityAfter'>;

interface Edges {
  readonly fixed: readonly number[];
  readonly moving: readonly number[];
}

interface Counts {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Which levels come together, block by block of the fixed volume. */
export async function compareLevels(evaluating: Evaluating, resolutionNm: number): Promise<Compared> {
  const { job, input, pair } = evaluating;
  const grid = gridOver(levelAt(pair.fixed.volume.plan, 0), resolutionNm, mostCompared);
  const [edges] = await job.stage<Edges>({ name: 'Looking at levels', unit: 'pairs', units: [edgesUnit(evaluating)] });
  const see = (source: OpenVolume, chain: Chain) => seenOnGrid(source, chain, grid, job.kernels);
  const fixed = see(pair.fixed.volume, noChain);
  const states = [pair.before, pair.after].map((chain) => ({
    moving: see(pair.moving.volume, chain),
    presence: see(presenceOf(pair.moving.volume), chain),
  }));
  const at = { channel: input.fixedChannel, time: input.fixedTime };
  const there = { channel: input.movingChannel, time: input.movingTime };
  const units = blocksOf(evaluating, grid, 'levels', async (xyz, signal): Promise<Counts> => {
    const bytes = await chunk(fixed, xyz, at, signal);
    const stays = { bytes, dtype: fixed.plan.dtype, edges: edges!.fixed };
    const counts: number[][] = [];
    for (const { moving, presence } of states) {
      const seen = await chunk(moving, xyz, there, signal);
      const isSeen = await chunk(presence, xyz, { channel: 0, time: 0 }, signal);
      counts.push(jointCounts(stays, { bytes: seen, dtype: moving.plan.dtype, edges: edges!.moving }, isSeen));
    }
    return { before: counts[0] ?? [], after: counts[1] ?? [] };
  });
  const all = await job.stage<Counts>({ name: 'Comparing levels', unit: 'blocks', units, weight: 4 });
  const total = (of: (counts: Counts) => readonly number[]): number[] =>
    all.reduce<number[]>((sums, one) => of(one).map((count, i) => count + (sums[i] ?? 0)), []);
  const after = total((one) => one.after);
  return {
    resolutionUm: Math.min(...grid.voxelSizeNm) / 1000,
    samples: sum(after),
    similarityBefore: sharedInformation(total((one) => one.before)),
    similarityAfter: sharedInformation(after),
  };
}

function edgesUnit({ job, input, pair }: Evaluating): Unit<Edges> {
  const sides = [
    { opened: pair.fixed, at: { channel: input.fixedChannel, time: input.fixedTime } },
    { opened: pair.moving, at: { channel: input.movingChannel, time: input.movingTime } },
  ];
  for (const { opened, at } of sides) checkChannel(opened.stored.volume, at.channel, at.time);
  return {
    key: unitKey(
      'evaluate-edges',
      1,
      sides.map(({ opened, at }) => [dataOf(opened.stored), at]),
    ),
    subject: sides.map(({ opened }) => opened.stored.volume.name).join(' and '),
    run: async (signal) => {
      const edges: (readonly number[])[] = [];
      for (const { opened, at } of sides)
        edges.push(binEdges(await sortedSample(opened.volume, at, job.kernels, signal)));
      return { fixed: edges[0] ?? [], moving: edges[1] ?? [] };
    },
  };
}

/** The derivative of the map at places all over the fixed volume, and whether there and back is the same place. */
export async function lookAtChange(evaluating: Evaluating): Promise<Pick<Evaluation, 'jacobian' | 'inverseUm'>> {
  const { job, pair } = evaluating;
  const level = levelAt(pair.fixed.volume.plan, 0);
  const voxels = pair.after.fieldLevel?.voxelSizeNm ?? level.voxelSizeNm;
  const places = placesIn(level, mostPlaces);
  const both = {
    there: mapOfChain(pair.after, pair.moving.volume.plan),
    back: mapOfChain(pair.back, pair.fixed.volume.plan),
    other: levelAt(pair.moving.volume.plan, 0),
  };
  const units = Array.from({ length: places.sections }, (_, z): Unit<LocalChange> => ({
    key: unitKey('evaluate-change', 1, factsOf(evaluating), z, mostPlaces),
    subject: `section ${z}`,
    run: (signal) => localChange(places.section(z), voxels, both, signal),
  }));
  const parts = await job.stage<LocalChange>({ name: 'Looking for folds', unit: 'sections', units });
  return { jacobian: changeOf(parts), inverseUm: inverseOfAll(parts) };
}

interface Overlaps {
  readonly own: Overlap;
  readonly against: Overlap | null;
}

/** Null where no labels were given. Throws 'over-budget' where there are more regions than any anatomy has. */
export async function compareLabels(evaluating: Evaluating): Promise<DiceByRegion | null> {
  const { job, pair } = evaluating;
  const { fixedLabels, movingLabels, against } = pair;
  if (!fixedLabels || !movingLabels) return null;
  const grid = gridOver(levelAt(fixedLabels.volume.plan, 0), 0, mostLabelled);
  const see = (source: OpenVolume, chain: Chain): OpenVolume => seenOnGrid(source, chain, grid, job.kernels);
  const fixed = see(fixedLabels.volume, noChain);
  const [own, other] = [see(movingLabels.volume, pair.after), against && see(movingLabels.volume, against.after)];
  const facts = [dataOf(fixedLabels.stored), dataOf(movingLabels.stored), evaluating.against?.movingFromFixed];
  const units = blocksOf(
    evaluating,
    grid,
    'labels',
    async (xyz, signal): Promise<Overlaps> => {
      const read = async (volume: OpenVolume) => {
        const bytes = await chunk(volume, xyz, { channel: 0, time: 0 }, signal);
        return { bytes, dtype: volume.plan.dtype };
      };
      const stays = await read(fixed);
      return { own: overlapOf(stays, await read(own)), against: other && overlapOf(stays, await read(other)) };
    },
    facts,
  );
  const all = await job.stage<Overlaps>({ name: 'Comparing labels', unit: 'blocks', units, weight: 4 });
  const found = addedUp(all.map((one) => one.own));
  if (found.labels.length > mostDiceRegions) throw tooMany(fixedLabels.stored.volume.name, found.labels.length);
  return diceOfBoth(
    found,
    against && addedUp(all.flatMap((one) => one.against ?? [])),
    Math.min(...grid.voxelSizeNm) / 1000,
  );
}

function diceOfBoth(own: Overlap, against: Overlap | null, resolutionUm: number): DiceByRegion {
  const [{ regions, ...sums }, other] = [diceOf(own), against && diceOf(against)];
  const byId = new Map(other?.regions.map(({ id, dice }) => [id, dice]));
  return {
    resolutionUm,
    ...sums,
    ...(other && { against: { mean: other.mean, whole: other.whole } }),
    regions: regions.map((region) => (other ? { ...region, against: byId.get(region.id) ?? 0 } : region)),
  };
}

/** One unit a chunk of the grid. */
function blocksOf<R>(
  evaluating: Evaluating,
  grid: VolumeLevelPlan,
  what: string,
  run: (xyz: Vec3, signal: AbortSignal) => Promise<R>,
  facts: unknown = null,
): readonly Unit<R>[] {
  const shared = [what, factsOf(evaluating), facts, grid];
  return [...chunksOf(grid)].map((xyz) => ({
    key: unitKey('evaluate-block', 1, shared, xyz),
    subject: `block ${xyz.join(' ')}`,
    run: (signal) => run(xyz, signal),
  }));
}

/** What everything that is found depends on. */
const factsOf = ({ pair, registration, input }: Evaluating): unknown => [
  ...[registration.movingFromFixed, registration.fixedFromMoving, pair.stepsBefore],
  ...[dataOf(pair.fixed.stored), dataOf(pair.moving.stored)],
  ...[input.fixedChannel, input.movingChannel, input.fixedTime, input.movingTime],
];

/** Of one chunk; zeros where nothing is stored or seen. */
async function chunk(
  volume: OpenVolume,
  xyz: Vec3,
  at: { readonly channel: number; readonly time: number },
  signal: AbortSignal,
): Promise<Uint8Array> {
  const read = await volume.readChunk({ level: 0, xyz, ...at }, signal);
  const size = chunkExtent(levelAt(volume.plan, 0), xyz).size;
  return read ?? new Uint8Array(voxelsIn(size) * bytesPerVoxel[volume.plan.dtype]);
}

const tooMany = (name: string, regions: number): LamellaError =>
  new LamellaError('over-budget', `"${name}" has ${regions} labels: Dice is told of at most ${mostDiceRegions}.`, {
    hint: 'Give volumes of anatomical regions.',
    fields: { regions, most: mostDiceRegions },
  });
