import { type TaskOutput, tasks } from '../../../../native-workers/tasks.ts';
import { isLamellaError } from '../../../../preload/contract/errors.ts';
import { type Affine, boundsOfTile, composeAffine, type Rect } from '../../../../preload/contract/space.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import type { SectionLooks } from './looks.ts';
import type { AlignSection } from './sections.ts';
import type { AlignSettings } from './settings.ts';

export interface Pair {
  readonly a: AlignSection;
  readonly b: AlignSection;
}

export type RoughMatch = TaskOutput<'match-sections-rough'>;

/** Where the pictures of a pair come from: of one stack, or of two. */
export interface PairLooks {
  readonly ofA: SectionLooks;
  readonly ofB: SectionLooks;
  readonly settings: AlignSettings;
}

/** The pictures of each pair, by its number. */
export type LooksOf = (pair: number) => PairLooks;

/** Finds each pair roughly. A pair whose pictures cannot be made is not found, with the reason. */
export function matchRough(
  job: JobRun,
  name: string,
  pairs: readonly Pair[],
  looksOf: LooksOf,
  mirrored: boolean,
): Promise<readonly RoughMatch[]> {
  return job.stage<RoughMatch>({
    name,
    unit: 'pairs',
    units: pairs.map((pair, i) => roughUnit(job, pair, looksOf(i), mirrored)),
    weight: 3,
    onFailure: (error) => {
      if (!isLamellaError(error, 'bad-source', 'not-found', 'over-budget', 'worker-died')) throw error;
      return { ...lost, reason: error.message };
    },
  });
}

const lost: RoughMatch = {
  bFromA: null,
  mirrored: false,
  inliers: 0,
  candidates: 0,
  ncc: 0,
  significance: 0,
  foundBy: '',
  reason: '',
};

function roughUnit(job: JobRun, { a, b }: Pair, looks: PairLooks, mirrored: boolean): Unit<RoughMatch> {
  const { settings } = looks;
  const versions = [tasks['section-features'].version, tasks['render-region'].version];
  const what = [versions, a.hash, b.hash, settings.overviewPx, settings.contrast, mirrored];
  return {
    key: unitKey('match-sections-rough', tasks['match-sections-rough'].version, ...what),
    subject: pairName(a, b),
    run: async (signal) => {
      const [ofA, ofB] = await Promise.all([looks.ofA.overview(a), looks.ofB.overview(b)]);
      const features = await Promise.all([looks.ofA.features(a), looks.ofB.features(b)]);
      const header = { a: ofA.frame, b: ofB.frame, contrast: settings.contrast, mirrored };
      const inputs = [ofA.pixels, ofB.pixels, ...features];
      return (await job.kernels.run('match-sections-rough', header, { inputs, signal, lane: 'batch' })).header;
    },
  };
}

/** Blocks of a pair that matched: place in a, place in b, correlation, five numbers each. */
export interface FineMatch {
  readonly points: readonly number[];
  readonly lookedFor: number;
  readonly scatterPx: number;
  readonly stretch: number;
  /** Part of the blocks that stand out from chance. */
  readonly significant: number;
}

interface FinePart {
  readonly pair: number;
  readonly rect: Rect;
  readonly bFromA: Affine;
}

/** A section is matched in pieces of at most so many pixels a side. */
const partSide = 1536;

/** Matches closely the pairs that were found; the others have no points. */
export async function matchFine(
  job: JobRun,
  name: string,
  pairs: readonly Pair[],
  rough: readonly RoughMatch[],
  looksOf: LooksOf,
): Promise<readonly FineMatch[]> {
  const parts = pairs.flatMap(({ a }, pair): FinePart[] => {
    const bFromA = rough[pair]?.bFromA;
    if (!bFromA) return [];
    return partsOf(a.bounds, partSide * looksOf(pair).settings.stepPx).map((rect) => ({ pair, rect, bFromA }));
  });
  const found = await job.stage<FineMatch>({
    name,
    unit: 'pieces',
    units: parts.map((part) => fineUnit(job, pairs[part.pair]!, part, looksOf(part.pair))),
    weight: 8,
    onFailure: (error) => {
      if (!isLamellaError(error, 'bad-source', 'not-found', 'over-budget', 'worker-died')) throw error;
      return noMatch;
    },
  });
  const joined: FineMatch[] = pairs.map(() => noMatch);
  parts.forEach(({ pair }, i) => {
    joined[pair] = both(joined[pair] ?? noMatch, found[i] ?? noMatch);
  });
  return joined;
}

const noMatch: FineMatch = { points: [], lookedFor: 0, scatterPx: 0, stretch: 1, significant: 0 };

const both = (p: FineMatch, q: FineMatch): FineMatch => ({
  points: [...p.points, ...q.points],
  lookedFor: p.lookedFor + q.lookedFor,
  scatterPx: Math.max(p.scatterPx, q.scatterPx),
  significant: shareOfBoth(p, q),
  stretch: Math.abs(Math.log(p.stretch)) > Math.abs(Math.log(q.stretch)) ? p.stretch : q.stretch,
});

function shareOfBoth(p: FineMatch, q: FineMatch): number {
  const all = p.points.length + q.points.length;
  return all === 0 ? 0 : (p.significant * p.points.length + q.significant * q.points.length) / all;
}

function partsOf({ minX, minY, maxX, maxY }: Rect, side: number): readonly Rect[] {
  const [columns, rows] = [Math.ceil((maxX - minX) / side), Math.ceil((maxY - minY) / side)];
  const [width, height] = [(maxX - minX) / columns, (maxY - minY) / rows];
  return Array.from({ length: columns * rows }, (_, i) => {
    const [x, y] = [minX + (i % columns) * width, minY + Math.floor(i / columns) * height];
    return { minX: x, minY: y, maxX: x + width, maxY: y + height };
  });
}

function fineUnit(job: JobRun, { a, b }: Pair, { rect, bFromA }: FinePart, looks: PairLooks): Unit<FineMatch> {
  const { stepPx, spacingPx, blockPx, searchPx, contrast } = looks.settings;
  const asked = { contrast, bFromA, spacingPx, blockPx, searchPx };
  const versions = [tasks['match-sections-fine'].version, tasks['render-region'].version];
  return {
    key: unitKey('match-sections-fine', 1, versions, a.hash, b.hash, rect, stepPx, asked),
    subject: pairName(a, b),
    run: async (signal) => {
      const there = met(boxInB(rect, bFromA, searchPx + blockPx), b.bounds);
      if (!there) return noMatch;
      const [ofA, ofB] = await Promise.all([looks.ofA.close(a, rect), looks.ofB.close(b, there)]);
      const header = { a: ofA.frame, b: ofB.frame, ...asked };
      const inputs = [ofA.pixels, ofB.pixels];
      const { header: said, outputs } = await job.kernels.run('match-sections-fine', header, {
        inputs,
        signal,
        lane: 'batch',
      });
      const { fates, scatterPx, stretch, significant } = said;
      const lookedFor = fates.reduce((sum, count) => sum + count, 0) - (fates[1] ?? 0);
      const points = [...new Float64Array((outputs[0] ?? new Uint8Array()).slice().buffer)].map(thousandths);
      return { points, lookedFor, scatterPx, stretch, significant };
    },
  };
}

const thousandths = (value: number): number => Math.round(value * 1000) / 1000;

/** The box of b that a box of a may lie in. */
function boxInB({ minX, minY, maxX, maxY }: Rect, bFromA: Affine, around: number): Rect {
  const far = around * Math.sqrt(Math.abs(bFromA[0] * bFromA[3] - bFromA[1] * bFromA[2]));
  const box = boundsOfTile(composeAffine(bFromA, [1, 0, 0, 1, minX, minY]), maxX - minX, maxY - minY);
  return { minX: box.minX - far, minY: box.minY - far, maxX: box.maxX + far, maxY: box.maxY + far };
}

function met(p: Rect, q: Rect): Rect | null {
  const [minX, minY] = [Math.max(p.minX, q.minX), Math.max(p.minY, q.minY)];
  const [maxX, maxY] = [Math.min(p.maxX, q.maxX), Math.min(p.maxY, q.maxY)];
  return maxX - minX >= 1 && maxY - minY >= 1 ? { minX, minY, maxX, maxY } : null;
}

const pairName = (a: AlignSection, b: AlignSection): string => `${a.name} and ${b.name}`;
