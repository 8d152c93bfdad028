import type { AlignSection } from './sections.ts';
import type { Alignment, SectionPair } from '../../../../preload/contract/align.ts';
import type { Finding } from '../../stacks/findings.ts';
import { fail, judged, warn } from '../../stacks/findings.ts';
import type { StackQuality } from '../../stacks/stack-rows.ts';

/** Parts of the sections joined to none from which an alignment warns, and fails. */
const [warnBetween, failBetween] = [0, 0.25];
/** Median misses, spacings of blocks, from which it warns, and fails. */
const [warnMiss, failMiss] = [0.1, 0.35];
/** Correlation that neighbours may lose, each and on average. */
const [mostLost, mostLostOnAverage] = [0.05, 0.01];

/** The middle value, the upper one of two; 0 for none. */
export const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const meanOf = (values: readonly number[]): number => values.reduce((sum, v) => sum + v / values.length, 0);

export interface AlignNumbers {
  readonly medianPx: number;
  readonly p95Px: number;
  readonly nccBefore: number;
  readonly nccAfter: number;
}

/** Over kept pairs: the middle of their misses; over compared ones: mean correlations. */
export function numbersOf(pairs: readonly SectionPair[]): AlignNumbers {
  const kept = pairs.filter(({ state }) => state === 'kept');
  const compared = pairs.filter(({ nccBefore, nccAfter }) => nccBefore !== null && nccAfter !== null);
  return {
    medianPx: medianOf(kept.map(({ medianPx }) => medianPx)),
    p95Px: medianOf(kept.map(({ p95Px }) => p95Px)),
    nccBefore: meanOf(compared.map(({ nccBefore }) => nccBefore ?? 0)),
    nccAfter: meanOf(compared.map(({ nccAfter }) => nccAfter ?? 0)),
  };
}

/** The middle of the distances between matched places as the sections lay. */
export function movedOf(points: readonly number[]): number {
  const moved: number[] = [];
  for (let i = 0; i + 4 < points.length; i += 5)
    moved.push(Math.hypot((points[i + 2] ?? 0) - (points[i] ?? 0), (points[i + 3] ?? 0) - (points[i + 1] ?? 0)));
  return medianOf(moved);
}

/** Judges an alignment: sections that nothing joins, parts that nothing joins, misses, and neighbours that fit worse. */
export function judgeAlignment(
  { pairs, sections }: Alignment,
  all: readonly AlignSection[],
  part: readonly number[],
  spacingPx: number,
): StackQuality {
  const numbers = numbersOf(pairs);
  const kept = pairs.filter(({ state }) => state === 'kept');
  const findings = [
    ...betweenFindings(sections),
    ...partFindings(all, part),
    ...missFindings(numbers.medianPx, spacingPx),
    ...worseFindings(pairs, numbers),
    ...overFindings(sections),
  ];
  return {
    links: pairs.length,
    dropped: pairs.length - kept.length,
    rmsPx: numbers.medianPx,
    maxPx: kept.reduce((most, { p95Px }) => Math.max(most, p95Px), 0),
    ...judged(findings),
  };
}

function betweenFindings(sections: Alignment['sections']): readonly Finding[] {
  const lost = sections.filter(({ placedBy }) => placedBy === 'between');
  if (lost.length <= warnBetween * sections.length) return [];
  const one = lost.length === 1;
  const reason = `section${one ? '' : 's'} ${listed(lost.map(({ section }) => section))} ${one ? 'matches' : 'match'} no other (damaged, blank or of other tissue) and ${one ? 'lies' : 'lie'} as the neighbours say`;
  return [lost.length > failBetween * sections.length ? fail(reason) : warn(reason)];
}

function partFindings(all: readonly AlignSection[], part: readonly number[]): readonly Finding[] {
  const breaks: string[] = [];
  let last = -1;
  part.forEach((own, i) => {
    if (own < 0) return;
    const before = last < 0 ? own : part[last];
    if (before !== own) breaks.push(`between ${all[last]?.section} and ${all[i]?.section}`);
    last = i;
  });
  if (breaks.length === 0) return [];
  return [fail(`the stack falls apart ${breaks.slice(0, 3).join(', ')}: no match joins the sections on both sides`)];
}

function missFindings(medianPx: number, spacingPx: number): readonly Finding[] {
  if (medianPx <= warnMiss * spacingPx) return [];
  const reason = `matched blocks still lie ${medianPx.toFixed(1)} px apart (median); another model may fit better`;
  return [medianPx > failMiss * spacingPx ? fail(reason) : warn(reason)];
}

function worseFindings(pairs: readonly SectionPair[], { nccBefore, nccAfter }: AlignNumbers): readonly Finding[] {
  const worse = pairs.filter((p) => p.nccBefore !== null && p.nccAfter !== null && p.nccAfter < p.nccBefore - mostLost);
  const average = nccAfter < nccBefore - mostLostOnAverage;
  if (worse.length === 0 && !average) return [];
  const which = worse.map(({ a, b }) => `${a} and ${b}`).slice(0, 3);
  const reason = average
    ? `neighbours are less alike than before (correlation ${nccBefore.toFixed(2)}, now ${nccAfter.toFixed(2)})`
    : `less alike than before: sections ${which.join('; ')}`;
  return [average ? fail(reason) : warn(reason)];
}

function overFindings(sections: Alignment['sections']): readonly Finding[] {
  const over = sections.filter(({ mirrored }) => mirrored).map(({ section }) => section);
  if (over.length === 0) return [];
  const one = over.length === 1;
  return [warn(`section${one ? '' : 's'} ${listed(over)} lay upside down and ${one ? 'was' : 'were'} turned over`)];
}

/** Numbers of sections as a reason names them: the first six, and how many more. */
export const listed = (sections: readonly number[]): string =>
  sections.slice(0, 6).join(', ') + (sections.length > 6 ? ` and ${sections.length - 6} more` : '');
