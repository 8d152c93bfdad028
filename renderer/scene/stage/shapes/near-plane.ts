import type { Vec3 } from '../../../../preload/contract/space.ts';
import { dot } from '../../../state/rotation.ts';
import type { BoxTree } from './box-tree.ts';
import { visitItems } from './box-tree.ts';
import type { SkeletonLines } from './skeleton-lines.ts';

/** What a slice pane shows of a skeleton; positions relative to its origin. */
export interface NearPlane {
  /** x y z of both ends of each edge that comes within the reach of the plane. */
  readonly ends: Float32Array<ArrayBuffer>;
  /** x y z of the middle of each disc, on the plane, and its radius in nm of the layer. */
  readonly discs: Float32Array<ArrayBuffer>;
}

/**
 * Edges near the plane `normal · x = along`, and the discs that balls of the nodes' radii leave in it. `normal` takes the
 * layer's nm to nm of the world off the plane, and `scale` is how much longer things are in the world.
 */
export function nearPlane(
  { positions, edges, radiiNm }: SkeletonLines,
  index: BoxTree,
  plane: { readonly normal: Vec3; readonly along: number },
  reachNm: number,
  scale: number,
): NearPlane {
  const { normal, along } = plane;
  const [ends, discs]: [number[], number[]] = [[], []];
  const seen = new Set<number>();
  const at = (node: number): Vec3 => [positions[node * 3]!, positions[node * 3 + 1]!, positions[node * 3 + 2]!];
  const disc = (node: number, p: Vec3, off: number): void => {
    const radius = (radiiNm[node] ?? 0) * scale;
    if (radius <= Math.abs(off) || seen.has(node)) return;
    seen.add(node);
    const back = off / dot(normal, normal);
    discs.push(...p.map((nm, a) => nm - back * normal[a as 0 | 1 | 2]), Math.sqrt(radius ** 2 - off ** 2) / scale);
  };
  const reach = Math.max(reachNm, largest(radiiNm) * scale);
  const region = [
    { normal, most: along + reach },
    { normal: [-normal[0], -normal[1], -normal[2]] as const, most: reach - along },
  ];
  visitItems(index, region, (edge) => {
    const [p, q] = [edges[edge * 2]!, edges[edge * 2 + 1]!];
    const [from, to] = [at(p), at(q)];
    const [a, b] = [dot(normal, from) - along, dot(normal, to) - along];
    if (Math.min(a, b) <= reachNm && Math.max(a, b) >= -reachNm) ends.push(...from, ...to);
    disc(p, from, a);
    disc(q, to, b);
  });
  return { ends: Float32Array.from(ends), discs: Float32Array.from(discs) };
}

const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, value), 0);
