import type { LayoutCheck } from '../../../../preload/contract/registration.ts';
import { applyAffine } from '../../../../preload/contract/space.ts';
import type { PairMatch } from './match.ts';
import { medianOf } from './numbers.ts';
import type { TilePair } from './pairs.ts';

type Overlap = LayoutCheck['overlap'];

/** A step between neighbours that is off by more than this part of itself is told. */
const tellPart = 0.01;

/** The overlap of neighbours along x and along y, as the stage says and as they match: the medians of those that do. */
export function measuredOverlap({
  pairs,
  matches,
}: {
  readonly pairs: readonly TilePair[];
  readonly matches: readonly PairMatch[];
}): Overlap {
  const steps = pairs.flatMap((pair, i) => {
    const point = matches[i]?.points[0];
    return point ? [stepsOf(pair, point)] : [];
  });
  const along = (axis: 0 | 1): Overlap['x'] => {
    const lying = steps.filter(({ said }) => Math.abs(said[axis]) > Math.abs(said[1 - axis] ?? 0));
    if (lying.length < 2) return null;
    const partsOf = (pick: (s: Step) => number): number[] => lying.map((s) => 1 - Math.abs(pick(s)) / s.side[axis]);
    const found = partsOf((s) => s.found[axis]);
    const measured = medianOf(found);
    // Of a median, from the median absolute deviation: 1.48 for the SD of one, 1.25 for that of a median.
    const deviation = medianOf(found.map((part) => Math.abs(part - measured)));
    const error = (1.25 * 1.48 * deviation) / Math.sqrt(found.length);
    return { said: medianOf(partsOf((s) => s.said[axis])), measured, error };
  };
  return { x: along(0), y: along(1) };
}

interface Step {
  readonly said: readonly [number, number];
  readonly found: readonly [number, number];
  readonly side: readonly [number, number];
}

/** From the corner of tile a to that of tile b, pixels of tile a. */
function stepsOf({ a, bFromA }: TilePair, point: PairMatch['points'][number]): Step {
  const [x, y] = applyAffine(bFromA, point.a[0], point.a[1]);
  const said = [point.a[0] - x, point.a[1] - y] as const;
  return {
    said,
    found: [point.a[0] - point.b[0], point.a[1] - point.b[1]],
    side: [a.widthPx, a.heightPx],
  };
}

/** What the measured overlap says of the layout; null where it agrees. */
export function spacingFinding({ x, y }: Overlap): string | null {
  const off = (o: Overlap['x']): number => (o === null ? 1 : (1 - o.measured) / (1 - o.said));
  const tells = (o: Overlap['x']): boolean =>
    o !== null && Math.abs(off(o) - 1) > Math.max(tellPart, (4 * o.error) / (1 - o.said));
  const [byX, byY] = [off(x), off(y)];
  if (!tells(x) && !tells(y)) return null;
  const percent = (v: number): string => `${(100 * v).toFixed(1)} %`;
  const parts = [
    x && tells(x) ? `${percent(x.measured)} along x (the layout says ${percent(x.said)})` : '',
    y && tells(y) ? `${percent(y.measured)} along y (the layout says ${percent(y.said)})` : '',
  ].filter((part) => part !== '');
  const both = tells(x) && tells(y) && Math.abs(byX - byY) < 2 * tellPart;
  const why = both
    ? ` All distances are ${byX.toFixed(3)} times what the layout says: a wrong overlap, or a wrong pixel size of the stage.`
    : '';
  return `Neighbours overlap by ${parts.join(' and ')}.${why} The solve recalibrates the stage by what matches.`;
}
