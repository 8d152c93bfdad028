import type { LayerOf } from '../../../../preload/contract/view-state.ts';
import type { MeshTree } from './mesh-tree.ts';
import type { Part, SkeletonPart } from './shape-store.ts';
import { ShapeStore } from './shape-store.ts';

export type ShapeLayer = LayerOf<'mesh'> | LayerOf<'skeleton'>;

/** Decoded shapes are larger than what comes, by about so much until some have come. */
const firstExpansion = 4;

/** All that is known of shapes: what sets list, trees of meshes, and parts in memory. */
export class ShapeLibrary {
  readonly store: ShapeStore;
  readonly #listed = new Map<string, readonly string[]>();
  readonly #trees = new Map<string, MeshTree>();
  readonly #shapeOf = new WeakMap<MeshTree, string>();
  /** Bytes of nodes that were here once. */
  readonly #sizes = new WeakMap<MeshTree, Map<number, number>>();
  readonly #expansion = new Map<string, { came: number; held: number }>();
  #ofLayer = new WeakMap<ShapeLayer, readonly MeshTree[]>();

  constructor(capBytes: number, onGone: (part: Part) => void) {
    this.store = new ShapeStore(capBytes, onGone);
  }

  /** What a layer shows; null where that is not known yet. */
  keysOf({ shown, shape }: ShapeLayer): readonly string[] | null {
    return shown ?? this.#listed.get(shape) ?? null;
  }

  list(shape: string, keys: readonly string[]): void {
    this.#listed.set(shape, keys);
    this.#ofLayer = new WeakMap();
  }

  tree(shape: string, key: string): MeshTree | undefined {
    return this.#trees.get(`${shape}|${key}`);
  }

  addTree(shape: string, tree: MeshTree): void {
    this.#trees.set(`${shape}|${tree.key}`, tree);
    this.#shapeOf.set(tree, shape);
    this.#ofLayer = new WeakMap();
  }

  shapeOf(tree: MeshTree): string {
    return this.#shapeOf.get(tree) ?? '';
  }

  /** The trees of a layer that are here. */
  treesOf(layer: LayerOf<'mesh'>): readonly MeshTree[] {
    const known = this.#ofLayer.get(layer);
    if (known) return known;
    const keys = this.keysOf(layer) ?? [];
    const trees = keys.map((key) => this.tree(layer.shape, key)).filter((tree) => tree !== undefined);
    this.#ofLayer.set(layer, trees);
    return trees;
  }

  skeletonsOf(layer: LayerOf<'skeleton'>): readonly SkeletonPart[] {
    const keys = this.keysOf(layer) ?? [];
    return keys.map((key) => this.store.skeleton(layer.shape, key)).filter((part) => part !== undefined);
  }

  /** Remembers how large a node is once it is ready. */
  learn(tree: MeshTree, node: number, bytes: number): void {
    const known = this.#sizes.get(tree) ?? new Map<number, number>();
    const first = !known.has(node);
    this.#sizes.set(tree, known.set(node, bytes));
    if (!first) return;
    const shape = this.shapeOf(tree);
    const sum = this.#expansion.get(shape) ?? { came: 0, held: 0 };
    sum.came += tree.bytes[node] ?? 0;
    sum.held += bytes;
    this.#expansion.set(shape, sum);
  }

  /** What a node takes in memory, or will about take. */
  bytesOf(tree: MeshTree, node: number): number {
    const known = this.#sizes.get(tree)?.get(node);
    if (known !== undefined) return known;
    const { came, held } = this.#expansion.get(this.shapeOf(tree)) ?? { came: 0, held: 0 };
    return (tree.bytes[node] ?? 0) * (came > 0 ? held / came : firstExpansion);
  }
}
