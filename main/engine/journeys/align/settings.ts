import type { SectionSource } from './sections.ts';

/** How sections are looked at and matched; lengths in stack pixels. */
export interface AlignSettings {
  /** The coarsest pixel that the stacks of a pair have: finer ones are averaged over it. */
  readonly leastStepPx: number;
  /** A pixel that is matched closely. */
  readonly stepPx: number;
  /** A pixel of the overviews that are matched roughly. */
  readonly overviewPx: number;
  readonly spacingPx: number;
  readonly blockPx: number;
  readonly searchPx: number;
  readonly contrast: 'levels' | 'edges';
}

/** Longest sides of what is matched closely and roughly, pixels of the pictures. */
const [closeSide, roughSide] = [4096, 1024];
/** Least spacing, least and most size of a block, least search, pixels of the pictures. */
const [leastSpacing, leastBlock, mostBlock, leastSearch] = [24, 48, 128, 24];
const blocksAcross = 32;
const searchShare = 0.03;

/** What the user left open follows from how large the sections are; `leastStepPx`: the size of their own pixels. */
export function settingsFor(
  { longestPx, leastStepPx = 1 }: Pick<SectionSource, 'longestPx'> & { readonly leastStepPx?: number },
  asked: {
    readonly stepPx?: number | undefined;
    readonly spacingPx?: number | undefined;
    readonly searchPx?: number | undefined;
    readonly contrast: 'levels' | 'edges';
  },
): AlignSettings {
  const stepPx = asked.stepPx ?? leastStepPx * doubled(longestPx / leastStepPx / closeSide);
  const spacingPx = asked.spacingPx ?? Math.max(leastSpacing * stepPx, Math.round(longestPx / blocksAcross));
  return {
    leastStepPx,
    stepPx,
    overviewPx: Math.max(stepPx, leastStepPx * doubled(longestPx / leastStepPx / roughSide)),
    spacingPx,
    blockPx: stepPx * Math.min(mostBlock, Math.max(leastBlock, (2 * spacingPx) / stepPx)),
    searchPx: asked.searchPx ?? Math.max(leastSearch * stepPx, Math.round(searchShare * longestPx)),
    contrast: asked.contrast,
  };
}

/** The least power of two that is not below `ratio`, at least 1. */
const doubled = (ratio: number): number => 2 ** Math.max(0, Math.ceil(Math.log2(ratio)));
