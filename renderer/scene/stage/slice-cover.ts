import type { Cut, PlaneCuts } from './plane-cuts.ts';
import { areaOf } from './plane-cuts.ts';

/** What of a level is drawn of a place: finer levels first. */
export interface Cover<T> {
  readonly levels: ReadonlyArray<{ readonly level: number; readonly parts: ReadonlyArray<Part<T>> }>;
  /** Whether every voxel in view is of the level that the scale asks for. */
  readonly sharp: boolean;
  /** Whether a place in view has no brick of any level. */
  readonly blank: boolean;
}

export interface Part<T> {
  readonly cut: Cut;
  readonly found: T;
}

/** A level that has less of a place leaves the whole of it to the coarser ones too: levels need not end where others do. */
const wholeShare = 0.98;

/**
 * Which bricks draw which part of a pane, so that each pixel is shaded once: those of the right level that are here, and
 * where one is not, the part that it would have of the next coarser level, and so on. `find` gives what is drawn of a
 * brick, undefined where it is not here.
 */
export function coverOf<T>(cuts: PlaneCuts, find: (tail: string) => T | undefined): Cover<T> {
  const levels: Array<Cover<T>['levels'][number]> = [];
  let missing: readonly Cut[] = [];
  let holes = false;
  for (let level = cuts.target; level < cuts.volume.levels.length; level++) {
    const first = level === cuts.target;
    const wanted = first ? [cuts.of(level)] : missing.map(({ polygon }) => cuts.within(level, polygon));
    const parts: Array<Part<T>> = [];
    const left: Cut[] = [];
    wanted.forEach((pieces, i) => {
      const place = missing[i];
      const isWhole = first || (place !== undefined && areaSum(pieces) >= wholeShare * areaOf(place.polygon));
      for (const cut of pieces) {
        const found = find(cut.tail);
        if (found !== undefined) parts.push({ cut, found });
        else if (isWhole) left.push(cut);
      }
      if (!isWhole && place) left.push(place);
    });
    if (parts.length > 0) levels.push({ level, parts });
    missing = left;
    if (first) holes = left.length > 0;
    if (left.length === 0) break;
  }
  return { levels, sharp: !holes, blank: missing.length > 0 };
}

const areaSum = (cuts: readonly Cut[]): number => cuts.reduce((sum, { polygon }) => sum + areaOf(polygon), 0);
