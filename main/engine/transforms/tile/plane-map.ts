import { type Affine, composeAffine } from '../../../../preload/contract/space.ts';

/**
 * A map of the plane. Points are x, y pairs, one after the other; slopes four numbers a point: how x' grows with x and
 * with y, then how y' does.
 */
export interface PlaneMap {
  /** The whole of it, where it is affine. */
  readonly affine: Affine | null;
  /** Leads each point in place. `slopes`, where given, are multiplied from the left by those of this map (chain rule). */
  lead(points: Float64Array, slopes?: Float64Array): void;
}

/** Multiplies the slopes at `at` from the left by those of a further map. */
export function chainSlopes(slopes: Float64Array, at: number, xx: number, xy: number, yx: number, yy: number): void {
  const [a, b, c, d] = [slopes[at]!, slopes[at + 1]!, slopes[at + 2]!, slopes[at + 3]!];
  slopes[at] = xx * a + xy * c;
  slopes[at + 1] = xx * b + xy * d;
  slopes[at + 2] = yx * a + yy * c;
  slopes[at + 3] = yx * b + yy * d;
}

export const affinePlane = (affine: Affine): PlaneMap => ({
  affine,
  lead: (points, slopes) => {
    const [a, b, c, d, e, f] = affine;
    for (let p = 0; p + 1 < points.length; p += 2) {
      const [x, y] = [points[p]!, points[p + 1]!];
      points[p] = a * x + c * y + e;
      points[p + 1] = b * x + d * y + f;
      if (slopes) chainSlopes(slopes, 2 * p, a, c, b, d);
    }
  },
});

/** One after the other, the first first; neighbours that are affine become one. */
export function sequencePlane(maps: readonly PlaneMap[]): PlaneMap {
  const parts: PlaneMap[] = [];
  for (const map of maps) {
    const last = parts.at(-1);
    if (last?.affine && map.affine) parts[parts.length - 1] = affinePlane(composeAffine(map.affine, last.affine));
    else parts.push(map);
  }
  const [first, ...others] = parts;
  if (!first) return affinePlane([1, 0, 0, 1, 0, 0]);
  if (others.length === 0) return first;
  return {
    affine: null,
    lead: (points, slopes) => {
      for (const part of parts) part.lead(points, slopes);
    },
  };
}

/** Between two maps: a + share x (b - a), as mpicbg's InterpolatedCoordinateTransform. */
export function mixedPlane(a: PlaneMap, b: PlaneMap, share: number): PlaneMap {
  if (a.affine && b.affine) return affinePlane(mixed(a.affine, b.affine, share));
  return {
    affine: null,
    lead: (points, slopes) => {
      const [otherPoints, otherSlopes] = [points.slice(), slopes?.slice()];
      a.lead(points, slopes);
      b.lead(otherPoints, otherSlopes);
      mixInto(points, otherPoints, share);
      if (slopes && otherSlopes) mixInto(slopes, otherSlopes, share);
    },
  };
}

function mixed(a: Affine, b: Affine, share: number): Affine {
  const at = (k: 0 | 1 | 2 | 3 | 4 | 5): number => a[k] + share * (b[k] - a[k]);
  return [at(0), at(1), at(2), at(3), at(4), at(5)];
}

function mixInto(to: Float64Array, other: Float64Array, share: number): void {
  for (let k = 0; k < to.length; k++) to[k]! += share * (other[k]! - to[k]!);
}
