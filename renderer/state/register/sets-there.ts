import type { Atlas } from '../../../preload/contract/atlas.ts';
import type { ShapeSet } from '../../../preload/contract/shape.ts';
import { isOfAtlas } from '../of-atlas.ts';

/** A set that may be brought over; `liesIn`: the volume that it is known to lie in. */
export interface SetThere {
  readonly id: string;
  readonly name: string;
  readonly liesIn: string | null;
}

/** The volumes of an atlas lie where each other do. */
const samePlace = (atlases: readonly Atlas[], a: string, b: string): boolean =>
  a === b || atlases.some((atlas) => isOfAtlas(atlas, a) && isOfAtlas(atlas, b));

/** Sets that lie where a side of a registration does come first, those that lie where the other does last. Pure. */
export function setsThere(
  shapes: readonly ShapeSet[],
  atlases: readonly Atlas[],
  { side, other }: { readonly side: string; readonly other: string },
): readonly SetThere[] {
  const weight = ({ liesIn }: SetThere): number => {
    if (liesIn === null) return 1;
    return samePlace(atlases, liesIn, side) ? 0 : samePlace(atlases, liesIn, other) ? 2 : 1;
  };
  return shapes.map(({ id, name, liesIn = null }) => ({ id, name, liesIn })).toSorted((a, b) => weight(a) - weight(b));
}
