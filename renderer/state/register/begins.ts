/** Letters of BrainGlobe and NIfTI, and the sides that they mean. */
const sides: Readonly<Record<string, readonly [word: string, opposite: string]>> = {
  a: ['front', 'p'],
  p: ['back', 'a'],
  s: ['top', 'i'],
  i: ['bottom', 's'],
  l: ['left', 'r'],
  r: ['right', 'l'],
};

/**
 * Where the axes x, y and z of a volume begin, in words: `right, top, front`. `axes` are those of its axes that run along
 * x, y and z of a volume whose own begin at `orientation` (`asl`); null where they say nothing. Pure.
 */
export function beginsOf(axes: readonly string[], orientation: string): string | null {
  const words = ['x', 'y', 'z'].map((axis) => {
    const along = axes.findIndex((one) => one.endsWith(axis));
    const letter = orientation[along] ?? '';
    const [word, opposite = ''] = sides[letter] ?? [];
    return axes[along]?.startsWith('-') ? sides[opposite]?.[0] : word;
  });
  return words.every((word) => word !== undefined) ? words.join(', ') : null;
}
