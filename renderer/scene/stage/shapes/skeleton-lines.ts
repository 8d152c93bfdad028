import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { Items } from './box-tree.ts';
import { isPoint, moveToOrigin } from './mesh-fragment.ts';
import { LineTexels } from './line-texels.ts';
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
   * Pairs of nodes, in an order of which any first part is a fair picture of all. A node without an edge is joined to itself.
   */
  readonly edges: Uint32Array<ArrayBuffer>;
  /** Each edge, as drawn. */
  readonly texels: LineTexels;
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
  const { sound, dropped } = yield* soundEdges(positionsNm, pairs);
  const edges = yield* spread(sound);
  const texels = new LineTexels(edges.length / 2);
  let sumNm = 0;
  for (let i = 0; i < edges.length; i += 2) {
    const [p, q] = [edges[i]! * 3, edges[i + 1]! * 3];
    texels.set(i / 2, positionsNm, p, positionsNm, q);
    sumNm += Math.hypot(
      positionsNm[q]! - positionsNm[p]!,
      positionsNm[q + 1]! - positionsNm[p + 1]!,
      positionsNm[q + 2]! - positionsNm[p + 2]!,
    );
    if (i % roundsPerSlice === 0) yield;
  }
  for (let i = 0; i < radiiNm.length; i++) if (!(radiiNm[i]! > 0 && radiiNm[i]! < Infinity)) radiiNm[i] = 0;
  yield;
  const boxNm = (yield* boxAround(positionsNm, edges)).map((nm, i) => nm + (originNm[(i % 3) as 0 | 1 | 2] ?? 0));
  const meanEdgeNm = sumNm / Math.max(1, edges.length / 2);
  return { originNm, positions: positionsNm, radiiNm, edges, texels, meanEdgeNm, boxNm, dropped };
}

function* soundEdges(
  positions: Float32Array,
  pairs: Uint32Array,
): Sliced<{ readonly sound: Uint32Array<ArrayBuffer>; readonly dropped: number }> {
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
  return { sound: edges.slice(0, to), dropped };
}

/**
 * Edges in the order of van der Corput's sequence: any first part of them is spread evenly over the list, and so along the
 * branches, whose edges most files write in a row.
 */
function* spread(pairs: Uint32Array): Sliced<Uint32Array<ArrayBuffer>> {
  const count = pairs.length / 2;
  const edges = new Uint32Array(pairs.length);
  const bits = Math.ceil(Math.log2(Math.max(2, count)));
  let to = 0;
  for (let i = 0; i < 2 ** bits; i++) {
    const from = reversed(i) >>> (32 - bits);
    if (from < count) {
      edges[to++] = pairs[from * 2]!;
      edges[to++] = pairs[from * 2 + 1]!;
    }
    if (i % roundsPerSlice === 0) yield;
  }
  return edges;
}

/** The 32 bits of a number in reverse. */
function reversed(value: number): number {
  let x = ((value >>> 1) & 0x55555555) | ((value & 0x55555555) << 1);
  x = ((x >>> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >>> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  x = ((x >>> 8) & 0x00ff00ff) | ((x & 0x00ff00ff) << 8);
  return (x >>> 16) | (x << 16);
}

function* boxAround(positions: Float32Array, edges: Uint32Array): Sliced<number[]> {
  const box = [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity];
  for (let i = 0; i < edges.length; i++) {
    for (let a = 0; a < 3; a++) {
      const nm = positions[edges[i]! * 3 + a]!;
      if (nm < box[a]!) box[a] = nm;
      if (nm > box[a + 3]!) box[a + 3] = nm;
    }
    if (i % roundsPerSlice === 0) yield;
  }
  return box;
}
