import type { Link } from '../../../preload/contract/registration.ts';

/** How the links of a section fit; residuals in pixels. */
export interface SectionFit {
  readonly section: number;
  /** Of links between its own tiles that are used; null where there is none. */
  readonly within: { readonly median: number; readonly most: number } | null;
  /** Of links to tiles of other sections that are used. */
  readonly across: { readonly median: number; readonly most: number } | null;
  readonly links: number;
  readonly dropped: number;
}

/** One for each section, in their order. A link between two sections counts in both. */
export function fitsOf(sections: readonly number[], links: readonly Link[]): readonly SectionFit[] {
  const of = new Map<number, Link[]>(sections.map((section) => [section, []]));
  for (const link of links) {
    of.get(link.section)?.push(link);
    if (isAcross(link)) of.get(link.sectionB ?? link.section)?.push(link);
  }
  return sections.map((section) => {
    const all = of.get(section) ?? [];
    const kept = all.filter(({ state }) => state === 'kept');
    return {
      section,
      within: spreadOf(kept.filter((link) => !isAcross(link))),
      across: spreadOf(kept.filter(isAcross)),
      links: all.length,
      dropped: all.length - kept.length,
    };
  });
}

const isAcross = ({ section, sectionB }: Link): boolean => sectionB !== undefined && sectionB !== section;

function spreadOf(links: readonly Link[]): SectionFit['within'] {
  const sorted = links.map(({ residualPx }) => residualPx).toSorted((a, b) => a - b);
  const most = sorted.at(-1);
  return most === undefined ? null : { median: sorted[(sorted.length - 1) >> 1] ?? most, most };
}
