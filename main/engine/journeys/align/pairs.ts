import type { FineMatch, Pair, RoughMatch } from './match.ts';
import type { AlignSection } from './sections.ts';

/** A pair with all that was found of it. `points`: those that are used, five numbers each. */
export interface LinkedPair extends Pair {
  readonly indexA: number;
  readonly indexB: number;
  readonly rough: RoughMatch;
  readonly fine: FineMatch;
  readonly state: 'kept' | 'weak' | 'lost';
  readonly reason: string;
}

/** Blocks that must match, and the part of those looked for. */
const leastBlocks = 10;
const leastShare = 0.25;
/** Part of the matched that must stand out from chance; less where features had agreed on the place before. */
const [leastSignificant, leastBesideFeatures] = [0.4, 0.2];
/**
 * Features that agree, from which they count as a witness of their own: sections of real tissue two apart have 15 to 30
 * of them and as little as 0.25 of their blocks stand out, while of sections of other tissue none agree.
 */
const leastFeatures = 12;
/** A map that stretches areas by more than this is no match of sections. */
const mostStretch = 1.6;

/** Each section with the next ones, at most `neighbours` on in z; always with the next that is there. */
export function neighbouring(sections: readonly AlignSection[], neighbours: number): readonly Pair[] {
  return sections.flatMap((a, i) =>
    sections.slice(i + 1, i + 1 + neighbours).flatMap((b, k) => {
      const isNear = k === 0 || b.section - a.section <= neighbours * thicknessOf(sections);
      return isNear ? [{ a, b }] : [];
    }),
  );
}

/** The usual step of z from section to section. */
export function thicknessOf(sections: readonly AlignSection[]): number {
  const steps = sections.slice(1).map(({ section }, i) => section - (sections[i]?.section ?? 0));
  return steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? 1;
}

/** Pairs over sections that none of their neighbours was found in: from the last good one to the next, up to three on. */
export function bridging(
  sections: readonly AlignSection[],
  pairs: readonly Pair[],
  rough: readonly RoughMatch[],
): readonly Pair[] {
  const tried = new Set(pairs.map(({ a, b }) => `${a.section} ${b.section}`));
  const joined = new Set<string>();
  pairs.forEach(({ a, b }, i) => {
    if (rough[i]?.bFromA) for (const one of [a, b]) joined.add(one.hash);
  });
  const good = sections.filter(({ hash }) => joined.has(hash));
  return good.flatMap((a, i) =>
    good
      .slice(i + 1, i + 3)
      .flatMap((b) =>
        tried.has(`${a.section} ${b.section}`) || b.section - a.section > 6 * thicknessOf(sections) ? [] : [{ a, b }],
      ),
  );
}

/** Says of each pair whether it is used. */
export function judgePairs(
  sections: readonly AlignSection[],
  pairs: readonly Pair[],
  rough: readonly RoughMatch[],
  fine: readonly FineMatch[],
): readonly LinkedPair[] {
  const index = new Map(sections.map(({ section }, i) => [section, i]));
  return pairs.flatMap((pair, i) => {
    const [r, f] = [rough[i], fine[i]];
    if (!r || !f) return [];
    const indexes = { indexA: index.get(pair.a.section) ?? 0, indexB: index.get(pair.b.section) ?? 0 };
    return [{ ...pair, ...indexes, rough: r, fine: f, ...stateOf(r, f) }];
  });
}

/** Whether a pair is used, by what was found of it. */
export function stateOf(
  rough: RoughMatch,
  { points, lookedFor, stretch, significant }: FineMatch,
): Pick<LinkedPair, 'state' | 'reason'> {
  if (rough.bFromA === null) return { state: 'lost', reason: rough.reason === '' ? 'not found' : rough.reason };
  const matched = points.length / 5;
  if (matched < leastBlocks || matched < leastShare * lookedFor)
    return { state: 'weak', reason: `only ${matched} of ${lookedFor} blocks matched` };
  const isWitnessed = rough.foundBy === 'features' && rough.inliers >= leastFeatures;
  if (significant < (isWitnessed ? leastBesideFeatures : leastSignificant))
    return { state: 'weak', reason: `its blocks are no more alike than those of other places` };
  const isStretched = stretch > mostStretch || stretch < 1 / mostStretch;
  return isStretched
    ? { state: 'weak', reason: 'it would have to be stretched too much' }
    : { state: 'kept', reason: '' };
}
