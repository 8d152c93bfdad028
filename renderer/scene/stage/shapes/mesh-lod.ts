import type { MeshTree } from './mesh-tree.ts';
import type { Region } from './region.ts';
import { meetsBox } from './region.ts';

/**
 * Which boxes of meshes are drawn and which are asked for. The rule is Neuroglancer's (mesh/multiscale.ts): from the
 * coarsest level down, the first whose `lodScale` is at most `cutoff` times the size of a pixel. Pure.
 */

/** What a pane sees of a mesh: in the mesh's own space. */
export interface MeshView {
  readonly region: Region;
  /** The size of the detail that may be missing, nm: the cutoff times the size of a pixel. */
  readonly detailNm: number;
}

/** A box that is not here is made up for by the finer ones that are, from so many levels below. */
const deepest = 2;

/**
 * The nodes to draw of those that are here: the right ones, and where not all of those in view are here their parent
 * instead. No node is drawn together with one that it holds.
 */
export function coverOf(tree: MeshTree, { region, detailNm }: MeshView, isHere: (node: number) => boolean): number[] {
  const out: number[] = [];
  /** Adds what there is in the node's place; says whether all of it is covered. */
  const cover = (node: number, below: number): boolean => {
    if (!meetsBox(region, tree.boxesNm, node * 6)) return true;
    const [from, to] = [tree.childrenFrom[node] ?? 0, tree.childrenFrom[node + 1] ?? 0];
    const fine = (tree.lodScaleNm[node] ?? 0) <= detailNm || from === to;
    const empty = tree.bytes[node] === 0;
    const here = !empty && isHere(node);
    if (fine && (empty || here)) {
      if (here) out.push(node);
      return true;
    }
    const mark = out.length;
    let whole = from < to && below < deepest;
    if (below < deepest)
      for (let i = from; i < to; i++) whole = cover(tree.children[i] ?? 0, fine ? below + 1 : 0) && whole;
    if (whole || !here) return whole;
    out.length = mark;
    out.push(node);
    return true;
  };
  for (const root of tree.roots) cover(root, 0);
  return out;
}

/** The nodes that show a mesh as a pane asks for it, here or not. */
export function rightNodes(tree: MeshTree, { region, detailNm }: MeshView): readonly number[] {
  const visit = (node: number): readonly number[] => {
    if (!meetsBox(region, tree.boxesNm, node * 6)) return [];
    const children = tree.children.subarray(tree.childrenFrom[node], tree.childrenFrom[node + 1]);
    if ((tree.lodScaleNm[node] ?? 0) > detailNm && children.length > 0) return Array.from(children).flatMap(visit);
    return tree.bytes[node] === 0 ? [] : [node];
  };
  return Array.from(tree.roots).flatMap(visit);
}

/** One mesh in one pane. */
export interface MeshInView extends MeshView {
  readonly tree: MeshTree;
  /** Nanometres of a pixel, in the mesh's space. */
  readonly pixelNm: number;
}

export interface WantedNode {
  readonly tree: MeshTree;
  readonly node: number;
}

/** Bytes of a node in memory: known, or what they will be about. */
export type BytesOf = (tree: MeshTree, node: number) => number;

/**
 * What to have in memory, most wanted first: the coarsest boxes of all meshes in view, then the children of the box whose
 * lack of detail is largest on the screen, and so on while they fit the budget. `full`: there was no room for some.
 */
export function wantedNodes(
  meshes: readonly MeshInView[],
  budgetBytes: number,
  bytesOf: BytesOf,
): { readonly wanted: readonly WantedNode[]; readonly full: boolean } {
  const seen = new Map<MeshTree, Set<number>>();
  const wanted: WantedNode[] = [];
  const heap = new Heap<MeshInView & { readonly node: number }>();
  let [left, full] = [budgetBytes, false];
  const take = (mesh: MeshInView, group: readonly number[]): void => {
    const known = seen.get(mesh.tree) ?? new Set<number>();
    seen.set(mesh.tree, known);
    const fresh = group.filter((node) => !known.has(node) && mesh.tree.bytes[node] !== 0);
    const bytes = fresh.reduce((sum, node) => sum + bytesOf(mesh.tree, node), 0);
    if (bytes > left) return void (full = true);
    left -= bytes;
    for (const node of fresh) {
      known.add(node);
      wanted.push({ tree: mesh.tree, node });
    }
    for (const node of group) {
      const lacksNm = mesh.tree.lodScaleNm[node] ?? 0;
      if (lacksNm > mesh.detailNm) heap.push({ ...mesh, node }, lacksNm / mesh.pixelNm);
    }
  };
  const roots = meshes.flatMap((mesh) =>
    inView(mesh, mesh.tree.roots).map((node) => ({ mesh, node, px: diagonal(mesh.tree, node) / mesh.pixelNm })),
  );
  for (const { mesh, node } of roots.toSorted((a, b) => b.px - a.px)) take(mesh, [node]);
  for (let next = heap.pop(); next; next = heap.pop()) {
    const { tree, node } = next;
    take(next, inView(next, tree.children.subarray(tree.childrenFrom[node], tree.childrenFrom[node + 1])));
  }
  return { wanted, full };
}

const inView = ({ tree, region }: MeshInView, nodes: Iterable<number>): number[] =>
  Array.from(nodes).filter((node) => meetsBox(region, tree.boxesNm, node * 6));

function diagonal({ boxesNm }: MeshTree, node: number): number {
  const side = (a: number): number => (boxesNm[node * 6 + a + 3] ?? 0) - (boxesNm[node * 6 + a] ?? 0);
  return Math.hypot(side(0), side(1), side(2));
}

/** A heap with the largest on top. */
class Heap<T> {
  readonly #items: { readonly item: T; readonly rank: number }[] = [];

  push(item: T, rank: number): void {
    const items = this.#items;
    let at = items.push({ item, rank }) - 1;
    while (at > 0 && this.#rank((at - 1) >> 1) < rank) {
      this.#swap(at, (at - 1) >> 1);
      at = (at - 1) >> 1;
    }
  }

  pop(): T | undefined {
    const items = this.#items;
    if (items.length > 1) this.#swap(0, items.length - 1);
    const top = items.pop();
    for (let at = 0; ;) {
      const child = this.#rank(2 * at + 2) > this.#rank(2 * at + 1) ? 2 * at + 2 : 2 * at + 1;
      if (this.#rank(child) <= this.#rank(at)) break;
      this.#swap(at, child);
      at = child;
    }
    return top?.item;
  }

  #rank(at: number): number {
    return this.#items[at]?.rank ?? -Infinity;
  }

  #swap(a: number, b: number): void {
    const items = this.#items;
    [items[a], items[b]] = [items[b]!, items[a]!];
  }
}
