import type { Alignment, SectionPair } from '../../../preload/contract/align.ts';
import { formatNumber, formatPixels, plural, withMinus } from '../../ui/format.ts';

export type Mark = 'gap' | 'lost' | 'over';

/** A section and the next that there is. */
export interface StripPair {
  readonly pair: SectionPair;
  readonly marks: readonly Mark[];
  /** All that is known of it, in words. */
  readonly words: string;
}

/** A thing to know of a place along z. */
export interface StripNote {
  readonly mark: Mark;
  readonly text: string;
  /** Index of the pair to look at. */
  readonly at: number;
}

/** Pairs of sections that follow each other, in order, and what to know of them. */
export function stripOf({ pairs, sections }: Alignment): {
  readonly strip: readonly StripPair[];
  readonly notes: readonly StripNote[];
} {
  const byEnds = new Map(pairs.map((pair) => [`${pair.a} ${pair.b}`, pair]));
  const steps = sections.slice(1).map(({ section }, i) => section - (sections[i]?.section ?? 0));
  const usual = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? 1;
  const over = sections.map(({ mirrored }) => mirrored);
  const strip: StripPair[] = [];
  const notes: StripNote[] = [];
  sections.slice(1).forEach((after, i) => {
    const before = sections[i];
    const pair = before && byEnds.get(`${before.section} ${after.section}`);
    if (!pair) return;
    const missing = Math.round((pair.b - pair.a) / usual) - 1;
    const marks: Mark[] = [
      ...(missing > 0 ? (['gap'] as const) : []),
      ...(pair.state !== 'kept' ? (['lost'] as const) : []),
      ...(over[i] !== over[i + 1] ? (['over'] as const) : []),
    ];
    const gap = `${plural(missing, 'section')} missing between ${pair.a} and ${pair.b}${pair.state === 'kept' ? ', bridged' : ''}`;
    if (missing > 0) notes.push({ mark: 'gap', text: gap, at: strip.length });
    strip.push({ pair, marks, words: wordsOf(pair, missing > 0 ? gap : '') });
  });
  return { strip, notes: [...notes, ...notesOfSections(sections, strip)].toSorted((p, q) => p.at - q.at) };
}

function notesOfSections(sections: Alignment['sections'], strip: readonly StripPair[]): readonly StripNote[] {
  return sections.flatMap(({ section, placedBy, mirrored, reason }): readonly StripNote[] => {
    const at = Math.max(
      0,
      strip.findIndex(({ pair }) => pair.b === section || pair.a === section),
    );
    const why = reason === '' ? '' : `: ${reason}`;
    return [
      ...(placedBy === 'between'
        ? [
            {
              mark: 'lost' as const,
              text: `Section ${section} matches no other${why}; it lies as its neighbours say`,
              at,
            },
          ]
        : []),
      ...(mirrored
        ? [{ mark: 'over' as const, text: `Section ${section} lay upside down and was turned over`, at }]
        : []),
    ];
  });
}

const stateWords = { kept: '', weak: 'not used: too few blocks matched', lost: 'not found in each other' } as const;

function wordsOf(pair: SectionPair, gap: string): string {
  const { a, b, state, nccBefore, nccAfter, blocks, lookedFor, movedPx, medianPx, p95Px, turnedDegrees, reason } = pair;
  const ncc =
    nccBefore === null || nccAfter === null
      ? 'correlation not measured'
      : `correlation ${nccText(nccBefore)} before, ${nccText(nccAfter)} now`;
  const apart =
    state === 'kept'
      ? `blocks lay ${formatPixels(movedPx)} apart, now ${formatPixels(medianPx)} (95 % within ${formatPixels(p95Px)}); ${blocks} of ${lookedFor} blocks matched; turned by ${withMinus(formatNumber(turnedDegrees))}°`
      : '';
  return `Sections ${a} and ${b}: ${[ncc, apart, reason === '' ? stateWords[state] : reason, gap].filter((part) => part !== '').join('; ')}`;
}

export const nccText = (ncc: number): string => withMinus(ncc.toFixed(2));
