import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { Items } from './box-tree.ts';
import { isPoint, moveToOrigin } from './mesh-fragment.ts';
import type { Sliced } from './slices.ts';
import { roundsPerSlice } from './slices.ts';

/** A skeleton ready to draw. */
export interface SkeletonLines {
  readonly originNm: Vec3;
  /** Relative to the origin. */
  readonly positions: Float32Array<ArrayBuffer>;
  /** Zero where it is not known. */
  readonly radiiNm: Float32Array<ArrayBuffer>;
  /**
   * Pairs of nodes in an order that is random but always the same: the first part of them is a fair picture of all. A node
   * without an edge is joined to itself.
   */
  readonly edges: Uint32Array<ArrayBuffer>;
  /** From and to of each edge, as drawn. */
  readonly ends: Float32Array<ArrayBuffer>;
  readonly meanEdgeNm: number;
  /** Around all of it, in the layer's space: minX minY minZ maxX maxY maxZ. */
  readonly boxNm: readonly number[];
  /** Edges and nodes that were left out: no such node, or nowhere. */
  readonly dropped: number;
}

export const edgesOf = ({ positions, edges }: SkeletonLines): Items => ({ positions, indices: edges, corners: 2 });

/** Checks a skeleton and readies it to draw; `positionsNm` becomes relative to the origin, in place. */
export function* skeletonLinesOf(
  positionsNm: Float32Array<ArrayBuffer>,
  radiiNm: Float32Array<ArrayBuffer>,
  pairs: Uint32Array<ArrayBuffer>,
): Sliced<SkeletonLines> {
  const originNm = yield* moveToOrigin(positionsNm);
  const { edges, dropped } = yield* soundEdges(positionsNm, pairs);
  yield* shuffle(edges);
  const ends = new Float32Array(edges.length * 3);
  let sumNm = 0;
  for (let i = 0; i < edges.length; i += 2) {
    const [p, q] = [edges[i]! * 3, edges[i + 1]! * 3];
    for (let a = 0; a < 3; a++) {
      ends[i * 3 + a] = positionsNm[p + a]!;
      ends[i * 3 + 3 + a] = positionsNm[q + a]!;
    }
    sumNm += Math.hypot(
      positionsNm[q]! - positionsNm[p]!,
      positionsNm[q + 1]! - positionsNm[p + 1]!,
      positionsNm[q + 2]! - positionsNm[p + 2]!,
    );
    if (i % roundsPerSlice === 0) yield;
  }
  for (let i = 0; i < radiiNm.length; i++) if (!(radiiNm[i]! > 0 && radiiNm[i]! < Infinity)) radiiNm[i] = 0;
  const boxNm = boxAround(ends).map((nm, i) => nm + (originNm[(i % 3) as 0 | 1 | 2] ?? 0));
  const meanEdgeNm = sumNm / Math.max(1, edges.length / 2);
  return { originNm, positions: positionsNm, radiiNm, edges, ends, meanEdgeNm, boxNm, dropped };
}

function* soundEdges(
  positions: Float32Array,
  pairs: Uint32Array,
): Sliced<{ readonly edges: Uint32Array<ArrayBuffer>; readonly dropped: number }> {
  const nodes = positions.length / 3;
  const joined = new Uint8Array(nodes);
  const edges = new Uint32Array(pairs.length + nodes * 2);
  let [to, dropped] = [0, 0];
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const [p, q] = [pairs[i]!, pairs[i + 1]!];
    if (isPoint(positions, p) && isPoint(positions, q)) {
      joined[p] = joined[q] = 1;
      edges[to++] = p;
      edges[to++] = q;
    } else dropped++;
    if (i % roundsPerSlice === 0) yield;
  }
  for (let node = 0; node < nodes; node++) {
    if (joined[node] === 1) continue;
    if (isPoint(positions, node)) {
      edges[to++] = node;
      edges[to++] = node;
    } else dropped++;
    if (node % roundsPerSlice === 0) yield;
  }
  return { edges: edges.slice(0, to), dropped };
}

/** Fisher and Yates, with the numbers of a generator that always starts the same (mulberry32). */
function* shuffle(edges: Uint32Array): Sliced<void> {
  let state = 0x1a3e11a;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  for (let i = edges.length / 2 - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const [p, q] = [edges[i * 2]!, edges[i * 2 + 1]!];
    edges[i * 2] = edges[j * 2]!;
    edges[i * 2 + 1] = edges[j * 2 + 1]!;
    edges[j * 2] = p;
    edges[j * 2 + 1] = q;
    if (i % roundsPerSlice === 0) yield;
  }
}

function boxAround(points: Float32Array): number[] {
  const box = [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i++) {
    const [a, nm] = [i % 3, points[i]!];
    if (nm < box[a]!) box[a] = nm;
    if (nm > box[a + 3]!) box[a + 3] = nm;
  }
  return box;
}
