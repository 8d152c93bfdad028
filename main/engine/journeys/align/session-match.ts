import type { JobRun } from '../../jobs/job.ts';
import { SectionLooks } from './looks.ts';
import { matchFine, matchRough, type PairLooks, type RoughMatch } from './match.ts';
import { type LinkedPair, stateOf } from './pairs.ts';
import type { AlignSection } from './sections.ts';
import type { Session } from './session-source.ts';
import { type AlignSettings, settingsFor } from './settings.ts';

export type Contrast = AlignSettings['contrast'];

/** Two sessions' pictures of one section; `indexA`, `indexB`: numbers of the sessions. */
export interface SessionPair {
  readonly a: AlignSection;
  readonly b: AlignSection;
  readonly indexA: number;
  readonly indexB: number;
}

export interface MatchedSessions {
  readonly pairs: readonly LinkedPair[];
  /** Of each session, beside the first. */
  readonly contrasts: readonly Contrast[];
  readonly looksOf: (pair: SessionPair) => PairLooks;
}

interface LookSettings {
  readonly stepPx?: number | undefined;
  readonly spacingPx?: number | undefined;
  readonly searchPx?: number | undefined;
}

/** Others that a section is looked for in where the first session does not lead to it. */
const mostBridges = 2;

/** How pictures of pairs are made: at the coarser pixels of the two, blocks as far apart in all. */
export class SessionLooks {
  readonly #job: JobRun;
  readonly #sessions: readonly Session[];
  readonly #asked: LookSettings;
  readonly #looks = new Map<string, SectionLooks>();
  /** Between blocks, common pixels. */
  readonly spacingPx: number;

  constructor(job: JobRun, sessions: readonly Session[], asked: LookSettings) {
    [this.#job, this.#sessions, this.#asked] = [job, sessions, asked];
    const coarsest = Math.max(...sessions.map(({ source }) => source.pxScale));
    const longestPx = sessions[0]?.source.longestPx ?? 1;
    this.spacingPx = settingsFor({ longestPx, leastStepPx: coarsest }, { ...asked, contrast: 'levels' }).spacingPx;
  }

  of({ indexA, indexB }: SessionPair, contrast: Contrast): PairLooks {
    const [a, b] = [this.#sessions[indexA]!, this.#sessions[indexB]!];
    const leastStepPx = Math.max(a.source.pxScale, b.source.pxScale);
    const longestPx = Math.max(a.source.longestPx, b.source.longestPx);
    const asked = { ...this.#asked, spacingPx: this.spacingPx, contrast };
    const settings = settingsFor({ longestPx, leastStepPx }, asked);
    return { ofA: this.#of(indexA, settings), ofB: this.#of(indexB, settings), settings };
  }

  #of(session: number, settings: AlignSettings): SectionLooks {
    const key = JSON.stringify([session, settings]);
    const made = this.#looks.get(key) ?? new SectionLooks(this.#job, this.#sessions[session]!.source, settings);
    this.#looks.set(key, made);
    return made;
  }
}

/**
 * Matches each section of each session with the first session's (the frame's, where that lacks it), by grey levels or by
 * edges; what is not found there is looked for in sessions that were.
 */
export async function matchSessions(
  job: JobRun,
  sessions: readonly Session[],
  frame: number,
  looks: SessionLooks,
): Promise<MatchedSessions> {
  const direct = directPairs(sessions, frame);
  const { rough, contrasts } = await findSections(job, sessions, direct, looks);
  // Sessions of one contrast are alike in grey levels, whatever the first is.
  const looksOf = (pair: SessionPair): PairLooks =>
    looks.of(pair, contrasts[pair.indexA] === contrasts[pair.indexB] ? 'levels' : 'edges');
  const found = await matchClosely(job, 'Matching blocks', direct, rough, looksOf);
  const over = bridges(sessions, frame, found);
  if (over.length === 0) return { pairs: found, contrasts, looksOf };
  const roughOver = await matchRough(job, 'Bridging gaps', over, (i) => looksOf(over[i]!), true);
  const bridged = await matchClosely(job, 'Matching bridged blocks', over, roughOver, looksOf);
  return { pairs: [...found, ...bridged], contrasts, looksOf };
}

function directPairs(sessions: readonly Session[], frame: number): readonly SessionPair[] {
  return (sessions[frame]?.source.sections ?? []).flatMap(({ section }) => {
    const indexA = sessions[0]?.bySection.has(section) ? 0 : frame;
    const a = sessions[indexA]!.bySection.get(section)!;
    return sessions.flatMap(({ bySection }, indexB): SessionPair[] => {
      const b = bySection.get(section);
      return b && indexB !== indexA ? [{ a, b, indexA, indexB }] : [];
    });
  });
}

interface Found {
  readonly rough: readonly RoughMatch[];
  readonly contrasts: readonly Contrast[];
}

/** Where it is not said what is matched, both are tried; each session is matched by what stands out more from chance. */
async function findSections(
  job: JobRun,
  sessions: readonly Session[],
  pairs: readonly SessionPair[],
  looks: SessionLooks,
): Promise<Found> {
  const isOpen = sessions.map(({ asked }, i) => i > 0 && asked.contrast === 'auto');
  const asked = sessions.map(({ asked: { contrast } }, i): Contrast =>
    i > 0 && contrast === 'edges' ? contrast : 'levels',
  );
  const find = (name: string, some: readonly SessionPair[], by: (pair: SessionPair) => Contrast) =>
    matchRough(job, name, some, (i) => looks.of(some[i]!, by(some[i]!)), true);
  const rough = await find('Finding sections', pairs, ({ indexB }) => asked[indexB]!);
  const open = pairs.filter(({ indexB }) => isOpen[indexB]);
  const byEdges = await find('Finding by edges', open, () => 'edges');
  const edgesOf = new Map(open.map((pair, i) => [pair, byEdges[i]!]));
  const certainty = (session: number, of: (pair: SessionPair, at: number) => RoughMatch | undefined): number =>
    pairs.reduce((sum, pair, i) => {
      const one = pair.indexB === session ? of(pair, i) : undefined;
      return sum + (one?.bFromA ? one.ncc * one.significance : 0);
    }, 0);
  const contrasts = asked.map((contrast, i): Contrast => {
    const isByEdges = isOpen[i] && certainty(i, (pair) => edgesOf.get(pair)) > certainty(i, (_, at) => rough[at]);
    return isByEdges ? 'edges' : contrast;
  });
  const chosen = pairs.map((pair, i) =>
    contrasts[pair.indexB] === 'edges' ? (edgesOf.get(pair) ?? rough[i]!) : rough[i]!,
  );
  return { rough: chosen, contrasts };
}

async function matchClosely(
  job: JobRun,
  name: string,
  pairs: readonly SessionPair[],
  rough: readonly RoughMatch[],
  looksOf: (pair: SessionPair) => PairLooks,
): Promise<readonly LinkedPair[]> {
  const fine = await matchFine(job, name, pairs, rough, (i) => looksOf(pairs[i]!));
  return pairs.map((pair, i) => ({ ...pair, rough: rough[i]!, fine: fine[i]!, ...stateOf(rough[i]!, fine[i]!) }));
}

/** From sections that are joined to none, to those of the sessions that are: the frame first, then the nearest. */
function bridges(sessions: readonly Session[], frame: number, pairs: readonly LinkedPair[]): readonly SessionPair[] {
  const kept = pairs.filter(({ state }) => state === 'kept');
  return pairs.flatMap(({ state, a, b, indexA, indexB }) => {
    if (state === 'kept') return [];
    const joined = kept.filter((pair) => pair.a === a).flatMap((pair) => [pair.indexB, pair.indexA]);
    const others = [...new Set([...joined, frame])].filter((one) => one !== indexA && one !== indexB);
    const far = (one: number): number => (one === frame ? 0 : Math.abs(one - indexB));
    return others
      .toSorted((p, q) => far(p) - far(q))
      .slice(0, mostBridges)
      .flatMap((one): SessionPair[] => {
        const there = sessions[one]?.bySection.get(b.section);
        return there ? [{ a: there, b, indexA: one, indexB }] : [];
      });
  });
}
