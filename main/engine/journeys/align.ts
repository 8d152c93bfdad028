import type { z } from 'zod';
import {
  type Alignment,
  alignmentSchema,
  type alignProcedures,
  type SectionPair,
} from '../../../preload/contract/align.ts';
import { registrationSchema } from '../../../preload/contract/channels.ts';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { type Affine, identityAffine } from '../../../preload/contract/space.ts';
import type { JobEnding, JobKind, JobRun } from '../jobs/job.ts';
import { layStack, showStack } from '../stacks/lay-stack.ts';
import { type NewStack, stackRow } from '../stacks/stack-rows.ts';
import { idOfJob } from '../store/id-of-job.ts';
import type { ReadHandle } from '../store/library-store.ts';
import { datasetRow } from '../store/tiles.ts';
import { channels } from './align/channels.ts';
import { type Agreement, compareSections } from './align/judge.ts';
import { SectionLooks } from './align/looks.ts';
import { matchFine, matchRough, type LooksOf, type PairLooks } from './align/match.ts';
import { bridging, judgePairs, type LinkedPair, neighbouring } from './align/pairs.ts';
import { placeAligned, type SectionPlace } from './align/result.ts';
import { type SectionSource, sectionSource } from './align/sections.ts';
import { settingsFor } from './align/settings.ts';
import { solveAligned, type SolvedSections } from './align/solve.ts';
import { judgeAlignment, movedOf, numbersOf } from './align/verdict.ts';
import type { HandlersOf } from './call.ts';

type Input = z.output<typeof alignProcedures.start.input>;
type Output = z.output<typeof alignProcedures.start.output>;

/** Align: match near sections roughly and closely, solve all at once, compare, judge, store. */
const start: JobKind<Input, Output> = {
  kind: 'align.start',
  label: ({ model }) => `Align sections (${model})`,
  run: async (job, input) => {
    const { name } = datasetRow(job.library.read, input.dataset);
    const stack = input.stack ?? null;
    const source = sectionSource(job.library, { dataset: input.dataset, stack, channel: input.channel }, 2);
    const settings = settingsFor(source, input);
    const looks = new SectionLooks(job, source, settings);
    const both = (): PairLooks => ({ ofA: looks, ofB: looks, settings });
    const pairs = await matchSections(job, source, both, input.neighbours);
    const problem = { sections: source.sections, pairs, subject: 'all sections' };
    const [solved] = await solveAligned(job, [problem], { ...input, unit: 'stacks' }, settings);
    if (!solved) throw new TypeError('One stack was to be solved.');
    const agreements = await compareNeighbours(job, source, solved, both);
    const alignment = alignmentOf(source, pairs, solved, agreements);
    const quality = judgeAlignment(alignment, source.sections, solved.part, settings.spacingPx);
    const { placed, shared } = placeAligned(source, placesOf(source, pairs, solved));
    return finish(job, name, alignment, {
      id: idOfJob('stack', job.id),
      dataset: input.dataset,
      job: job.id,
      madeBy: 'align',
      ...(stack !== null && { parent: stack }),
      model: input.model,
      parameters: { ...settings, neighbours: input.neighbours, keepTrend: input.keepTrend, channel: input.channel },
      placed,
      sharedTransforms: shared,
      links: [],
      quality,
      facts: { alignment },
    });
  },
};

async function matchSections(
  job: JobRun,
  { sections }: SectionSource,
  looks: LooksOf,
  neighbours: number,
): Promise<readonly LinkedPair[]> {
  const near = neighbouring(sections, neighbours);
  const found = await matchRough(job, 'Finding sections', near, looks, true);
  const over = bridging(sections, near, found);
  const bridged = over.length > 0 ? await matchRough(job, 'Bridging gaps', over, looks, true) : [];
  const [pairs, rough] = [
    [...near, ...over],
    [...found, ...bridged],
  ];
  const fine = await matchFine(job, 'Matching blocks', pairs, rough, looks);
  return judgePairs(sections, pairs, rough, fine);
}

/** Each section with the next, by index of the first. */
async function compareNeighbours(
  job: JobRun,
  { sections }: SectionSource,
  { maps }: SolvedSections,
  looks: LooksOf,
): Promise<ReadonlyMap<string, Agreement>> {
  const pairs = sections.slice(1).map((b, i) => ({
    a: sections[i]!,
    b,
    before: [identityAffine, identityAffine] as const,
    after: [maps[i]!, maps[i + 1]!] as const,
  }));
  const agreements = await compareSections(job, pairs, looks);
  return new Map(pairs.map(({ a, b }, i) => [`${a.section} ${b.section}`, agreements[i]!]));
}

function alignmentOf(
  { sections }: SectionSource,
  pairs: readonly LinkedPair[],
  { maps, part, misses, trendPx }: SolvedSections,
  agreements: ReadonlyMap<string, Agreement>,
): Alignment {
  return {
    trendPx,
    pairs: pairs.map((pair): SectionPair => {
      const { a, b, state, reason, rough, fine } = pair;
      const agreement = agreements.get(`${a.section} ${b.section}`);
      const { medianPx = 0, p95Px = 0 } = misses.get(pair) ?? {};
      const [blocks, lookedFor] = [fine.points.length / 5, fine.lookedFor];
      const about = { a: a.section, b: b.section, state, reason, blocks, lookedFor, mirrored: rough.mirrored };
      const ncc = { nccBefore: agreement?.before ?? null, nccAfter: agreement?.after ?? null };
      return {
        ...about,
        ...ncc,
        turnedDegrees: degreesOf(rough.bFromA),
        movedPx: movedOf(fine.points),
        medianPx,
        p95Px,
      };
    }),
    sections: sections.map(({ section }, i) => {
      const isJoined = (part[i] ?? -1) >= 0;
      const own = pairs.filter(({ a, b }) => a.section === section || b.section === section);
      const reason = isJoined
        ? ''
        : [...new Set(own.map((pair) => pair.reason).filter((text) => text !== ''))].join('; ');
      return { section, placedBy: isJoined ? 'links' : 'between', mirrored: (maps[i]?.seen ?? null) !== null, reason };
    }),
  };
}

function degreesOf(map: Affine | null): number {
  if (!map) return 0;
  const sign = map[0] * map[3] - map[1] * map[2] < 0 ? -1 : 1;
  return Math.round((Math.atan2(map[1], sign * map[0]) * 18_000) / Math.PI) / 100;
}

function placesOf(
  { sections }: SectionSource,
  pairs: readonly LinkedPair[],
  { maps, part, misses }: SolvedSections,
): ReadonlyMap<number, SectionPlace> {
  return new Map(
    sections.map(({ section }, i): [number, SectionPlace] => {
      const own = pairs.filter(({ indexA, indexB }) => indexA === i || indexB === i);
      const medians = own.flatMap((pair) => misses.get(pair)?.medianPx ?? []);
      const rmsPx = medians.reduce((sum, v) => sum + v / medians.length, 0);
      return [section, { map: maps[i]!, placedBy: (part[i] ?? -1) >= 0 ? 'links' : 'stage', rmsPx }];
    }),
  );
}

/** An alignment that failed its verdict is stored all the same, so that it can be looked at; then the job fails. */
async function finish(job: JobRun, name: string, alignment: Alignment, stack: NewStack): Promise<JobEnding<Output>> {
  const { verdict, reasons } = stack.quality;
  const label = `Align ${name} (${stack.model})`;
  await layStack(job, stack);
  if (verdict === 'fail') {
    job.library.edit(label, (tx) => showStack(tx, stack.id));
    throw new LamellaError('not-good-enough', `${name} could not be aligned well: ${reasons.join('; ')}.`, {
      hint: 'Look at the report of the stack; then reject damaged tiles, match more neighbours, widen the search, or choose another model.',
      fields: { stack: stack.id, pairs: stack.quality.links },
    });
  }
  for (const reason of reasons) job.warn({ subject: name, message: `${reason}.` });
  return {
    label,
    commit: (tx) => {
      showStack(tx, stack.id);
      const { sections, pairs } = alignment;
      return { stack: stack.id, sections: sections.length, pairs: pairs.length, ...numbersOf(pairs), verdict };
    },
  };
}

export const alignHandlers: HandlersOf<'align'> = {
  start,
  channels,

  report: ({ library, stack }, call) => ({
    value: factOf(
      call.library(library).read,
      stack,
      'alignment',
      alignmentSchema,
      'Align its sections first: align start.',
    ),
  }),

  channelReport: ({ library, stack }, call) => ({
    value: factOf(
      call.library(library).read,
      stack,
      'registration',
      registrationSchema,
      'Bring its session to a frame first: align channels.',
    ),
  }),
};

/** What a step kept of a stack version; 'not-found', with the step to do first as the hint, where there is nothing. */
function factOf<S extends z.ZodType>(
  read: ReadHandle,
  stack: string,
  fact: string,
  schema: S,
  hint: string,
): z.output<S> {
  stackRow(read, stack);
  const row = read.get<{ facts: string }>('SELECT facts FROM stack WHERE id = ?', stack);
  const found = schema.safeParse((JSON.parse(row?.facts ?? '{}') as Readonly<Record<string, unknown>>)[fact]);
  if (found.success) return found.data;
  throw new LamellaError('not-found', `The stack ${stack} was not made by this, so there is no report of it.`, {
    hint,
    fields: { stack },
  });
}
