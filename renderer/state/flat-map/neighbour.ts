import type { Outline } from './outlines.ts';

const ways: Readonly<Record<string, readonly [number, number]>> = {
  ArrowRight: [1, 0],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, -1],
};

/** The region to which an arrow key leads from another: the nearest, what lies aside counts double. Null for other keys. Pure. */
export function neighbourOf(outlines: readonly Outline[], from: number | null, key: string): Outline | null {
  const way = ways[key];
  if (!way) return null;
  const now = outlines.find((one) => one.key === from);
  if (!now) return outlines[0] ?? null;
  let [best, least]: [Outline, number] = [now, Infinity];
  for (const one of outlines) {
    const [x, y] = [one.middle[0] - now.middle[0], one.middle[1] - now.middle[1]];
    const ahead = x * way[0] + y * way[1];
    const aside = Math.abs(x * way[1]) + Math.abs(y * way[0]);
    const far = ahead + 2 * aside;
    if (ahead > 0 && far < least) [best, least] = [one, far];
  }
  return best;
}
