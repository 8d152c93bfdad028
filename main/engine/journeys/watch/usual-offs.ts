import { medianOf } from './limits.ts';
import type { Neighbours } from './stage-track.ts';

type Point = readonly [number, number];
export type Axis = 'x' | 'y';

/** So many of the last overlaps along an axis say what is usual; fewer than `least` say nothing. */
const remembered = 200;
const least = 5;

/**
 * What neighbours along x and along y are usually off the stage's word: a wrong overlap or pixel size moves every tile by
 * the same step, which is no jump of the stage and no drift.
 */
export class UsualOffs {
  readonly #offs = new Map<Axis, Point[]>();
  readonly #made = new Map<Axis, Point>();

  /** Takes the displacement of a pair; gives what is left of it beyond what is usual. */
  take(pair: Neighbours, off: Point): Point {
    const [axis, sign] = directionOf(pair);
    const offs = this.#offs.get(axis) ?? [];
    offs.push([sign * off[0], sign * off[1]]);
    if (offs.length > remembered) offs.shift();
    this.#offs.set(axis, offs);
    this.#made.delete(axis);
    return this.beyond(pair, off);
  }

  beyond(pair: Neighbours, off: Point): Point {
    const [axis, sign] = directionOf(pair);
    const [x, y] = this.usual(axis);
    return [off[0] - sign * x, off[1] - sign * y];
  }

  /** Of a neighbour to the right, or below. */
  usual(axis: Axis): Point {
    const offs = this.#offs.get(axis) ?? [];
    if (offs.length < least) return [0, 0];
    const made = this.#made.get(axis) ?? ([medianOf(offs.map(([x]) => x)), medianOf(offs.map(([, y]) => y))] as const);
    this.#made.set(axis, made);
    return made;
  }

  /** Whether enough pairs along this axis came to say what is usual. */
  knows(pair: Neighbours): boolean {
    return this.count(directionOf(pair)[0]) >= least;
  }

  count(axis: Axis): number {
    return this.#offs.get(axis)?.length ?? 0;
  }
}

function directionOf({ a, b }: Neighbours): readonly [Axis, 1 | -1] {
  const [dx, dy] = [b.stageFromTile[4] - a.stageFromTile[4], b.stageFromTile[5] - a.stageFromTile[5]];
  return Math.abs(dx) >= Math.abs(dy) ? ['x', dx < 0 ? -1 : 1] : ['y', dy < 0 ? -1 : 1];
}
