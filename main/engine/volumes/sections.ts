/** How sections lie in a volume. */
export interface SectionStack {
  readonly firstSection: number;
  readonly depth: number;
  readonly zOf: (section: number) => number;
  readonly notes: readonly string[];
}

/** Whole section numbers keep their distances, so that a lost section leaves a gap; others are taken in order. */
export function stackSections(sections: readonly number[]): SectionStack {
  const sorted = [...new Set(sections)].toSorted((a, b) => a - b);
  const [first = 0, last = 0] = [sorted[0], sorted.at(-1)];
  const isWhole = sorted.every(Number.isInteger) && last - first + 1 <= 4 * sorted.length + 16;
  if (!isWhole) {
    const rank = new Map(sorted.map((section, i) => [section, i]));
    return {
      firstSection: 0,
      depth: sorted.length,
      zOf: (section) => rank.get(section) ?? 0,
      notes: [
        'The section numbers are not whole or far apart, so the sections were stacked in their order, starting at 0.',
      ],
    };
  }
  const gaps = last - first + 1 - sorted.length;
  const notes =
    gaps > 0
      ? [
          `${gaps} section${gaps === 1 ? ' is' : 's are'} missing between ${first} and ${last} and ${gaps === 1 ? 'is' : 'are'} left empty.`,
        ]
      : [];
  return { firstSection: first, depth: last - first + 1, zOf: (section) => section - first, notes };
}
