import { GrowingFloats, GrowingInts } from './growing.ts';
import { boundsOf, farthestNm, mostLinks, type BuiltShape } from './mesh-builder.ts';
import { badShape, tooLarge } from './shape-errors.ts';

/** As many as a table of ids holds. */
const mostNodes = 2 ** 24 - 2;

/** Gathers nodes and edges. Nodes are named by ids, and an edge may name a node that comes later. */
export class SkeletonBuilder {
  readonly #file: string;
  readonly #positions = new GrowingFloats();
  readonly #radii = new GrowingFloats();
  readonly #nodeOfId = new Map<number, number>();
  readonly #edges: number[] = [];
  /** Edges that were left out, for they name nodes that are not there. */
  dropped = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** nm. `where` names the place in the file. A radius that is not finite or is negative counts as not known: 0. */
  node(id: number, nm: readonly [number, number, number], radiusNm: number, where: string): void {
    const [x, y, z] = [Math.fround(nm[0]), Math.fround(nm[1]), Math.fround(nm[2])];
    if (!(Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) <= farthestNm))
      throw badShape(this.#file, `${where}: node ${id} has no place within 100 km`);
    if (this.#nodeOfId.has(id)) throw badShape(this.#file, `${where}: there are two nodes ${id}`);
    if (this.#nodeOfId.size >= mostNodes) throw tooLarge(this.#file, `over ${mostNodes} nodes`);
    this.#nodeOfId.set(id, this.#nodeOfId.size);
    this.#positions.push3(x, y, z);
    this.#radii.push(radiusNm > 0 && Number.isFinite(Math.fround(radiusNm)) ? radiusNm : 0);
  }

  edge(from: number, to: number): void {
    if (this.#edges.length >= 2 * mostLinks) throw tooLarge(this.#file, `over ${mostLinks} edges`);
    this.#edges.push(from, to);
  }

  build(name: string): BuiltShape {
    const edges = new GrowingInts();
    for (let i = 0; i < this.#edges.length; i += 2) {
      const from = this.#nodeOfId.get(this.#edges[i] ?? NaN);
      const to = this.#nodeOfId.get(this.#edges[i + 1] ?? NaN);
      if (from === undefined || to === undefined || from === to) this.dropped += 1;
      else {
        edges.push(from);
        edges.push(to);
      }
    }
    return buildSkeleton(name, this.#positions.values(), this.#radii.values(), edges.values());
  }
}

export function buildSkeleton(
  name: string,
  positions: Float32Array,
  radii: Float32Array,
  edges: Uint32Array,
): BuiltShape {
  const points = radii.length;
  const bytes = new Uint8Array(points * 16 + edges.length * 4);
  new Float32Array(bytes.buffer, 0, points * 3).set(positions);
  new Float32Array(bytes.buffer, points * 12, points).set(radii);
  new Uint32Array(bytes.buffer, points * 16, edges.length).set(edges);
  return { name, points, links: edges.length / 2, boundsNm: boundsOf(positions), bytes };
}

export const edgesNote = (dropped: number): readonly string[] =>
  dropped === 0 ? [] : [`${dropped} edges were left out: they name nodes that are not there, or join one to itself.`];
