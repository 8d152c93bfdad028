import type { RegisteredSection, RegisteredSession, Registration } from '../../../../preload/contract/channels.ts';
import type { Affine } from '../../../../preload/contract/space.ts';
import type { Steps } from '../../formats/steps.ts';
import { fail, type Finding, judged, warn } from '../../stacks/findings.ts';
import { missesOfBlocks } from './block-misses.ts';
import type { Agreement } from './judge.ts';
import type { LinkedPair } from './pairs.ts';
import type { Contrast } from './session-match.ts';
import type { Refused, Session } from './session-source.ts';
import type { SessionPlace } from './session-solve.ts';
import { wholeAffine } from './solve.ts';
import { listed, medianOf, movedOf } from './verdict.ts';

/** What a report of sessions is told from. */
export interface Registered {
  readonly sessions: readonly Session[];
  readonly frame: number;
  readonly contrasts: readonly Contrast[];
  readonly pairs: readonly LinkedPair[];
  /** By section. */
  readonly pairsAt: ReadonlyMap<number, readonly LinkedPair[]>;
  /** By `placeKey`. */
  readonly places: ReadonlyMap<string, SessionPlace>;
  readonly agreements: ReadonlyMap<SessionPlace, Agreement>;
  /** Between blocks, common pixels. */
  readonly spacingPx: number;
}

/** Parts of a session's sections that the frame has too from which, left out, it warns and fails. */
const [warnOut, failOut] = [0, 0.5];
/** Median misses, spacings of blocks, from which it warns, and fails. */
const [warnMiss, failMiss] = [0.1, 0.35];
/** Correlation that a section may lose, and a session on average. */
const [mostLost, mostLostOnAverage] = [0.05, 0.01];

type SessionSection = Pick<SessionPlace, 'session' | 'section'>;

export const placeKey = ({ session, section }: SessionSection): string => `${session} ${section}`;

/** The pair by which a section of a session was placed: used rather than not, with the frame rather than with others. */
export function pairOf({ pairsAt, frame }: Registered, { session, section }: SessionSection): LinkedPair | null {
  const own = (pairsAt.get(section) ?? []).filter(({ indexA, indexB }) => [indexA, indexB].includes(session));
  const rank = (pair: LinkedPair): readonly number[] => [
    pair.state === 'kept' ? 0 : 1,
    [pair.indexA, pair.indexB].includes(frame) ? 0 : pair.indexB === session ? 1 : 2,
    -pair.fine.points.length,
  ];
  const ranked = own.map((pair) => ({ pair, rank: rank(pair) }));
  const less = (p: readonly number[], q: readonly number[]): number => {
    const at = p.findIndex((v, i) => v !== q[i]);
    return at < 0 ? 0 : p[at]! - q[at]!;
  };
  return ranked.toSorted((p, q) => less(p.rank, q.rank))[0]?.pair ?? null;
}

/** The report, a section a step: blocks of some are many. */
export function* registrationSteps(
  all: Registered,
  refused: readonly Refused[],
  stackOf: (dataset: string) => string,
): Steps<Registration> {
  const { sessions, frame } = all;
  const used: RegisteredSession[] = [];
  for (const index of sessions.keys()) used.push(yield* sessionSteps(all, index, stackOf));
  return { frame: sessions[frame]!.asked.dataset, sessions: [...used, ...refused.map(refusedReport)] };
}

function* sessionSteps(all: Registered, index: number, stackOf: (dataset: string) => string): Steps<RegisteredSession> {
  const { sessions, frame, contrasts } = all;
  const { asked, name, pixelNm, source } = sessions[index]!;
  const isFrame = index === frame;
  const partners = all.pairs.filter(({ indexB }) => indexB === index).map(({ indexA }) => sessions[indexA]!.pixelNm);
  const inFrame = sessions[frame]!.source.sections.map(({ section }) => section);
  const numbers = [...new Set([...inFrame, ...source.sections.map(({ section }) => section)])].toSorted(
    (a, b) => a - b,
  );
  const sections: RegisteredSection[] = [];
  for (const section of numbers) {
    sections.push(sectionReport(all, index, section));
    yield;
  }
  const kept = sections.filter(({ state }) => state === 'kept');
  const medianNm = medianOf(kept.map((one) => one.medianNm));
  const commonNm = sessions[0]!.pixelNm;
  return {
    dataset: asked.dataset,
    name,
    channel: asked.channel,
    from: asked.stack ?? null,
    stack: isFrame || kept.length > 0 ? stackOf(asked.dataset) : null,
    isFrame,
    pixelNm,
    matchedNm: Math.max(pixelNm, ...partners),
    contrast: contrasts[index]!,
    sections,
    medianNm,
    p95Nm: medianOf(kept.map((one) => one.p95Nm)),
    ...judged(isFrame ? [] : sessionFindings(sections, medianNm / (all.spacingPx * commonNm))),
  };
}

const unmatched = {
  via: '',
  blocks: 0,
  lookedFor: 0,
  turnedDegrees: 0,
  scale: 1,
  mirrored: false,
  movedNm: 0,
  medianNm: 0,
  p95Nm: 0,
  nccBefore: null,
  nccAfter: null,
  reason: '',
} as const;

function sectionReport(all: Registered, index: number, section: number): RegisteredSection {
  const { sessions, frame, places } = all;
  if (!sessions[index]!.bySection.has(section))
    return { ...unmatched, section, state: 'missing', reason: 'this session does not have it' };
  if (index === frame) return { ...unmatched, section, state: 'frame' };
  if (!sessions[frame]!.bySection.has(section))
    return { ...unmatched, section, state: 'missing', reason: 'the frame does not have it' };
  const pair = pairOf(all, { session: index, section });
  const place = places.get(placeKey({ session: index, section }));
  if (!pair) return { ...unmatched, section, state: 'lost', reason: 'it was matched with none' };
  const other = sessions[pair.indexB === index ? pair.indexA : pair.indexB]!;
  const matched = {
    ...unmatched,
    section,
    via: other.asked.dataset,
    blocks: pair.fine.points.length / 5,
    lookedFor: pair.fine.lookedFor,
  };
  if (!place) return { ...matched, ...leftOut(pair, other.name) };
  const commonNm = sessions[0]!.pixelNm;
  const misses = missesOfBlocks(pair.fine.points);
  const missNm = (share: number): number => (misses[Math.floor(share * (misses.length - 1))] ?? 0) * commonNm;
  const agreement = all.agreements.get(place);
  return {
    ...matched,
    state: 'kept',
    ...shapeOf(wholeAffine(place.map)),
    movedNm: movedOf(pair.fine.points) * commonNm,
    medianNm: missNm(0.5),
    p95Nm: missNm(0.95),
    nccBefore: agreement?.before ?? null,
    nccAfter: agreement?.after ?? null,
  };
}

/** Kept by its own pair, yet without a place: that pair leads to sessions which nothing joins to the frame. */
function leftOut({ state, reason }: LinkedPair, other: string): Pick<RegisteredSection, 'state' | 'reason'> {
  if (state === 'kept') return { state: 'lost', reason: `it fits ${other}, but nothing joins that to the frame` };
  return { state, reason: `beside ${other}: ${reason}` };
}

function shapeOf([a, b, c, d]: Affine): Pick<RegisteredSection, 'turnedDegrees' | 'scale' | 'mirrored'> {
  const area = a * d - b * c;
  const sign = area < 0 ? -1 : 1;
  const degrees = (Math.atan2(b - sign * c, sign * a + d) * 180) / Math.PI;
  return { turnedDegrees: round(degrees, 100), scale: round(Math.sqrt(Math.abs(area)), 1e5), mirrored: area < 0 };
}

const round = (value: number, parts: number): number => Math.round(value * parts) / parts;

function sessionFindings(sections: readonly RegisteredSection[], missInSpacings: number): readonly Finding[] {
  const kept = sections.filter(({ state }) => state === 'kept');
  const out = sections.filter(({ state }) => state === 'lost' || state === 'weak');
  if (kept.length === 0) return [fail(`no section of it could be brought to the frame${whyNot(out)}`)];
  return [...outFindings(sections, out, kept.length), ...missFindings(missInSpacings), ...worseFindings(kept)];
}

function whyNot(out: readonly RegisteredSection[]): string {
  const [first] = out;
  return first ? `: section ${first.section} ${first.reason}` : ', which has none of its sections';
}

function outFindings(
  sections: readonly RegisteredSection[],
  out: readonly RegisteredSection[],
  kept: number,
): readonly Finding[] {
  const findings: Finding[] = [];
  if (out.length > warnOut) {
    const reason = `left out: ${out
      .slice(0, 3)
      .map((one) => `section ${one.section} (${one.reason})`)
      .join('; ')}${out.length > 3 ? ` and ${out.length - 3} more` : ''}`;
    findings.push(out.length > failOut * (kept + out.length) ? fail(reason) : warn(reason));
  }
  const missing = sections.filter(({ state }) => state === 'missing');
  for (const reason of new Set(missing.map((one) => one.reason))) {
    const which = missing.filter((one) => one.reason === reason).map(({ section }) => section);
    findings.push(warn(`section${which.length === 1 ? '' : 's'} ${listed(which)} missing: ${reason}`));
  }
  const over = sections.filter(({ mirrored }) => mirrored).map(({ section }) => section);
  if (over.length > 0)
    findings.push(warn(`section${over.length === 1 ? '' : 's'} ${listed(over)} lay upside down and turned over`));
  return findings;
}

function missFindings(missInSpacings: number): readonly Finding[] {
  if (missInSpacings <= warnMiss) return [];
  const reason = `matched blocks still lie ${Math.round(100 * missInSpacings)} % of their spacing apart (median); another model may fit better`;
  return [missInSpacings > failMiss ? fail(reason) : warn(reason)];
}

function worseFindings(kept: readonly RegisteredSection[]): readonly Finding[] {
  const compared = kept.filter(({ nccBefore, nccAfter }) => nccBefore !== null && nccAfter !== null);
  const gained = compared.map(({ nccBefore, nccAfter }) => (nccAfter ?? 0) - (nccBefore ?? 0));
  const average = gained.reduce((sum, v) => sum + v / gained.length, 0);
  if (average < -mostLostOnAverage) return [fail('its sections are less alike than before')];
  const worse = compared.filter((_, i) => gained[i]! < -mostLost).map(({ section }) => section);
  return worse.length === 0
    ? []
    : [warn(`less alike than before: section${worse.length === 1 ? '' : 's'} ${listed(worse)}`)];
}

function refusedReport({ asked, name, reason }: Refused): RegisteredSession {
  const { dataset, channel, stack = null } = asked;
  return {
    dataset,
    name,
    channel,
    from: stack,
    stack: null,
    isFrame: false,
    pixelNm: 0,
    matchedNm: 0,
    contrast: 'levels',
    sections: [],
    medianNm: 0,
    p95Nm: 0,
    verdict: 'fail',
    reasons: [reason],
  };
}
