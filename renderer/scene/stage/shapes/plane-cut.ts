import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { BoxTree } from './box-tree.ts';
import { visitItems } from './box-tree.ts';
import { planeRegion } from './region.ts';

/**
 * Where triangles cut the plane `normal · x = along`: x y z of both ends of each segment. Positions, and `along`, are
 * relative to the same origin. Touches only triangles near the plane. A vertex on the plane counts as lying before it.
 */
export function cutByPlane(
  { positions, indices }: { readonly positions: Float32Array; readonly indices: Uint32Array },
  index: BoxTree,
  normal: Vec3,
  along: number,
): Float32Array<ArrayBuffer> {
  const ends: number[] = [];
  const off = (vertex: number): number =>
    normal[0] * positions[vertex * 3]! +
    normal[1] * positions[vertex * 3 + 1]! +
    normal[2] * positions[vertex * 3 + 2]! -
    along;
  /** Where the edge from p to q meets the plane. The order of its ends does not change the point: outlines close. */
  const cross = (p: number, q: number, offP: number, offQ: number): void => {
    if (p > q) return cross(q, p, offQ, offP);
    const t = offP / (offP - offQ);
    for (let a = 0; a < 3; a++) {
      const from = positions[p * 3 + a]!;
      ends.push(from + t * (positions[q * 3 + a]! - from));
    }
  };
  visitItems(index, planeRegion(normal, along), (triangle) => {
    const [p, q, r] = [indices[triangle * 3]!, indices[triangle * 3 + 1]!, indices[triangle * 3 + 2]!];
    const [a, b, c] = [off(p), off(q), off(r)];
    const side = Number(a >= 0) + Number(b >= 0) + Number(c >= 0);
    if (side === 0 || side === 3) return;
    if (a >= 0 !== b >= 0) cross(p, q, a, b);
    if (b >= 0 !== c >= 0) cross(q, r, b, c);
    if (c >= 0 !== a >= 0) cross(r, p, c, a);
  });
  return Float32Array.from(ends);
}
