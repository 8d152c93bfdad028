import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { BoxTree } from './box-tree.ts';
import { bytesOfTree } from './box-tree.ts';
import type { Triangles } from './mesh-fragment.ts';
import type { MeshTree } from './mesh-tree.ts';
import type { SkeletonLines } from './skeleton-lines.ts';

interface PartBase {
  readonly key: string;
  readonly originNm: Vec3;
  /** To find what a plane or a ray meets; null until something asks for it. */
  index: BoxTree | null;
}

/** A box of a mesh in memory. */
export interface MeshPart extends PartBase {
  readonly t: 'mesh';
  readonly tree: MeshTree;
  readonly node: number;
  readonly triangles: Triangles;
  /** To draw while the view moves, of a mesh that is too large for that; null of one that is not. */
  coarse: Triangles | null;
}

/** A skeleton in memory. */
export interface SkeletonPart extends PartBase {
  readonly t: 'skeleton';
  readonly shape: string;
  readonly lines: SkeletonLines;
}

export type Part = MeshPart | SkeletonPart;

export const bytesOfTriangles = ({ positions, normals, indices }: Triangles): number =>
  positions.byteLength + normals.byteLength + indices.byteLength;

export function bytesOfPart(part: Part): number {
  const index = part.index ? bytesOfTree(part.index) : 0;
  if (part.t === 'mesh') {
    return bytesOfTriangles(part.triangles) + (part.coarse ? bytesOfTriangles(part.coarse) : 0) + index;
  }
  const { positions, radiiNm, edges, texels } = part.lines;
  return positions.byteLength + radiiNm.byteLength + edges.byteLength + texels.words.byteLength + index;
}

/** Meshes and skeletons in memory, within a cap: what was not used for longest goes first. */
export class ShapeStore {
  /** Not a byte more is held. */
  capBytes: number;
  readonly #onGone: (part: Part) => void;
  readonly #nodes = new Map<MeshTree, Map<number, MeshPart>>();
  readonly #skeletons = new Map<string, SkeletonPart>();
  /** Least used first, with the bytes that are counted for each. */
  readonly #held = new Map<Part, number>();
  #kept: ReadonlySet<Part> = new Set();
  #bytes = 0;

  /** `onGone`: what has to let go of a part too. */
  constructor(capBytes: number, onGone: (part: Part) => void) {
    this.capBytes = capBytes;
    this.#onGone = onGone;
  }

  get bytes(): number {
    return this.#bytes;
  }

  bytesOf(part: Part): number {
    return this.#held.get(part) ?? 0;
  }

  node(tree: MeshTree, node: number): MeshPart | undefined {
    return this.#nodes.get(tree)?.get(node);
  }

  skeleton(shape: string, key: string): SkeletonPart | undefined {
    return this.#skeletons.get(`${shape}|${key}`);
  }

  /** What is in use: it stays, and what was used before goes before it. */
  keep(parts: ReadonlySet<Part>): void {
    this.#kept = parts;
    for (const part of parts) {
      const bytes = this.#held.get(part);
      if (bytes === undefined) continue;
      this.#held.delete(part);
      this.#held.set(part, bytes);
    }
    this.#shrink(this.capBytes);
  }

  /** Takes a part in; false where there is no room beside what is in use. */
  put(part: Part): boolean {
    const bytes = bytesOfPart(part);
    this.#shrink(this.capBytes - bytes);
    if (this.#bytes + bytes > this.capBytes) return false;
    this.#held.set(part, bytes);
    this.#bytes += bytes;
    if (part.t === 'skeleton') this.#skeletons.set(`${part.shape}|${part.key}`, part);
    else {
      const nodes = this.#nodes.get(part.tree) ?? new Map<number, MeshPart>();
      this.#nodes.set(part.tree, nodes.set(part.node, part));
    }
    return true;
  }

  /** Counts a part anew that grew. */
  weigh(part: Part): void {
    const before = this.#held.get(part);
    if (before === undefined) return;
    const bytes = bytesOfPart(part);
    this.#held.set(part, bytes);
    this.#bytes += bytes - before;
    this.#shrink(this.capBytes);
  }

  #shrink(toBytes: number): void {
    for (const part of this.#held.keys()) {
      if (this.#bytes <= toBytes) return;
      if (!this.#kept.has(part)) this.#remove(part);
    }
  }

  #remove(part: Part): void {
    this.#bytes -= this.#held.get(part) ?? 0;
    this.#held.delete(part);
    if (part.t === 'skeleton') this.#skeletons.delete(`${part.shape}|${part.key}`);
    else this.#nodes.get(part.tree)?.delete(part.node);
    this.#onGone(part);
  }
}
