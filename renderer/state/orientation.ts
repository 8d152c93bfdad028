/** Where axes begin, in the letters of BrainGlobe and NIfTI: right, left, anterior, posterior, superior, inferior. Pure. */
export type End = 'r' | 'l' | 'a' | 'p' | 's' | 'i';

export const opposite: Readonly<Record<End, End>> = { r: 'l', l: 'r', a: 'p', p: 'a', s: 'i', i: 's' };

const words: Readonly<Record<End, string>> = {
  r: 'right',
  l: 'left',
  a: 'front',
  p: 'back',
  s: 'top',
  i: 'bottom',
};

const isEnd = (letter: string | undefined): letter is End => letter !== undefined && letter in words;

/**
 * Where the axes x, y and z of a volume begin, in words: `right, top, front`. `axes` are those of its axes that run along
 * x, y and z of a volume whose own begin at `orientation` (`asl`); null where they say nothing.
 */
export function beginsOf(axes: readonly string[], orientation: string): string | null {
  const begins = ['x', 'y', 'z'].flatMap((axis) => {
    const along = axes.findIndex((one) => one.endsWith(axis));
    const end = orientation[along];
    if (!isEnd(end)) return [];
    return words[axes[along]?.startsWith('-') ? opposite[end] : end];
  });
  return begins.length === 3 ? begins.join(', ') : null;
}
