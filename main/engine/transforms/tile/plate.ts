import type { Affine } from '../../../../preload/contract/space.ts';
import { countOf, decodeDoubles, encodeDoubles, wordsOf } from './data-string.ts';
import { affinePlane, chainSlopes, type PlaneMap } from './plane-map.ts';

/**
 * A thin plate in the plane (ThinPlateSplineTransform, Bookstein 1989): x' = x + moved(x) + the sum over the nodes of
 * weight x r² log r, pixels.
 */
export interface Plate {
  /** What is added to the point by the affine part, or null where there is none: x' = x + A x + b. */
  readonly moved: Affine | null;
  /** x, y of each. */
  readonly nodes: Float64Array;
  /** x, y of each. */
  readonly weights: Float64Array;
}

const mostNodes = 100_000;
const kindWord = 'ThinPlateSplineR2LogR';

/** `ThinPlateSplineR2LogR 2 nodes base64(A, b)|null base64(nodes, weights)`; null where that does not fit. */
export function readPlate(text: string): Plate | null {
  const [kind, dimensions, countWord, affineWord, nodesWord, ...rest] = wordsOf(text);
  const count = countOf(countWord, mostNodes);
  if (kind !== kindWord || dimensions !== '2' || count === null || !affineWord || !nodesWord || rest.length > 0)
    return null;
  const affine = affineWord === 'null' ? null : decodeDoubles(affineWord, 6);
  const values = decodeDoubles(nodesWord, 4 * count);
  if (!values || (affineWord !== 'null' && !affine)) return null;
  // Rows of A, then b; nodes point by point, weights axis by axis.
  const moved: Affine | null = affine && [affine[0]!, affine[2]!, affine[1]!, affine[3]!, affine[4]!, affine[5]!];
  const weights = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    weights[2 * i] = values[2 * count + i]!;
    weights[2 * i + 1] = values[3 * count + i]!;
  }
  return { moved, nodes: values.slice(0, 2 * count), weights };
}

export function formatPlate({ moved, nodes, weights }: Plate): string {
  const count = nodes.length / 2;
  const byAxis = [0, 1].flatMap((axis) => Array.from({ length: count }, (_, i) => weights[2 * i + axis]!));
  const affine = moved ? encodeDoubles([moved[0], moved[2], moved[1], moved[3], moved[4], moved[5]]) : 'null';
  return `${kindWord} 2 ${count} ${affine} ${encodeDoubles([...nodes, ...byAxis])}`;
}

export function platePlane(plate: Plate): PlaneMap {
  const [a, b, c, d, e, f] = plate.moved ?? [0, 0, 0, 0, 0, 0];
  const base: Affine = [1 + a, b, c, 1 + d, e, f];
  return plate.weights.some((weight) => weight !== 0)
    ? { affine: null, lead: (points, slopes) => lead(plate, base, points, slopes) }
    : affinePlane(base);
}

function lead({ nodes, weights }: Plate, base: Affine, points: Float64Array, slopes?: Float64Array): void {
  const [a, b, c, d, e, f] = base;
  for (let p = 0; p + 1 < points.length; p += 2) {
    const [x, y] = [points[p]!, points[p + 1]!];
    let [toX, toY] = [a * x + c * y + e, b * x + d * y + f];
    let [xx, xy, yx, yy] = [a, c, b, d];
    for (let k = 0; k < nodes.length; k += 2) {
      const [dx, dy] = [x - nodes[k]!, y - nodes[k + 1]!];
      const squared = dx * dx + dy * dy;
      if (squared === 0) continue;
      const [wx, wy, log] = [weights[k]!, weights[k + 1]!, Math.log(squared)];
      const bump = 0.5 * squared * log;
      toX += wx * bump;
      toY += wy * bump;
      // r² log r grows along the difference to the node by 2 log r + 1 times it.
      const rate = log + 1;
      xx += wx * rate * dx;
      xy += wx * rate * dy;
      yx += wy * rate * dx;
      yy += wy * rate * dy;
    }
    points[p] = toX;
    points[p + 1] = toY;
    if (slopes) chainSlopes(slopes, 2 * p, xx, xy, yx, yy);
  }
}
