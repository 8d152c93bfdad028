import type { Clip, LayerOf } from '../../../../preload/contract/view-state.ts';
import { coverOf, wantedNodes } from './mesh-lod.ts';
import type { MeshInView, MeshView } from './mesh-lod.ts';
import type { MeshTree } from './mesh-tree.ts';
import { addressOf } from './mesh-tree.ts';
import type { Region } from './region.ts';
import { clipRegion, regionOf, scaleOf, throughMatrix } from './region.ts';
import type { Wish } from './shape-flow.ts';
import type { ShapeLayer, ShapeLibrary } from './shape-library.ts';
import type { MeshPart, Part } from './shape-store.ts';
import type { ViewFrame } from './view-frame.ts';
import { finestNm } from './view-frame.ts';

/** A pane that shows shapes. */
export interface ShapeView {
  readonly kind: 'slice' | '3d';
  readonly frame: ViewFrame;
}

/** Detail as large as so many device pixels may be missing (Neuroglancer's resolution of meshes, at rest). */
const cutoffPx = 1;

/** Outlines of what lies just beyond the edge of a slice reach so far into it, in pixels of the window. */
const linePx = 2;

/** What a pane sees of the meshes of a layer. `coarser`: how many times less detail will do. */
export function meshViewOf({ kind, frame }: ShapeView, layer: ShapeLayer, clip: Clip, coarser = 1): MeshView {
  const { worldFromLayer } = layer;
  const flat = kind === 'slice' ? { ...frame, nearNm: 0, farNm: 0 } : frame;
  const region: Region = [...regionOf(flat, kind === 'slice' ? linePx : 0), ...(kind === '3d' ? clipRegion(clip) : [])];
  const detailNm = (coarser * cutoffPx * finestNm(frame)) / scaleOf(worldFromLayer);
  return { region: throughMatrix(region, worldFromLayer), detailNm };
}

/** The parts of a mesh layer to draw. */
export function meshParts(library: ShapeLibrary, layer: LayerOf<'mesh'>, view: MeshView): readonly MeshPart[] {
  return library.treesOf(layer).flatMap((tree) => {
    const nodes = coverOf(tree, view, (node) => library.store.node(tree, node) !== undefined);
    return nodes.map((node) => library.store.node(tree, node)).filter((part) => part !== undefined);
  });
}

export interface ShapePlan {
  /** What is not here, the most wanted first. */
  readonly wishes: readonly Wish[];
  /** What is here and in use. */
  readonly kept: ReadonlySet<Part>;
  /** Memory does not hold all the detail that the panes could show. */
  readonly full: boolean;
}

/** Layers that are shown, bottom first, and the panes that show them. */
export interface SeenLayers {
  readonly layers: readonly ShapeLayer[];
  readonly views: readonly ShapeView[];
  readonly clip: Clip;
}

/** What panes need. */
export function planShapes(library: ShapeLibrary, seen: readonly SeenLayers[]): ShapePlan {
  const kept = new Set<Part>();
  const wishes: Wish[] = [];
  for (const layer of seen.flatMap(({ layers }) => layers))
    if (!library.keysOf(layer)) wishes.push({ t: 'keys', shape: layer.shape, key: '' });
    else if (layer.type === 'mesh') wishes.push(...missingTrees(library, layer));
    else wishes.push(...missingSkeletons(library, layer, kept));
  let left = library.store.capBytes;
  for (const part of kept) left -= part.t === 'skeleton' ? library.store.bytesOf(part) : 0;
  const meshes = seen.flatMap(({ layers, views, clip }) =>
    layers.filter((layer) => layer.type === 'mesh').flatMap((layer) => inViews(library, layer, views, clip)),
  );
  const { wanted, full } = wantedNodes(meshes, left, (tree, node) => library.bytesOf(tree, node));
  for (const { tree, node } of wanted) {
    const part = library.store.node(tree, node);
    if (part) kept.add(part);
    else wishes.push(fragmentWish(library.shapeOf(tree), tree, node));
  }
  for (const mesh of meshes)
    for (const node of coverOf(mesh.tree, mesh, (n) => library.store.node(mesh.tree, n) !== undefined)) {
      const part = library.store.node(mesh.tree, node);
      if (part) kept.add(part);
    }
  return { wishes, kept, full };
}

export const fragmentWish = (shape: string, tree: MeshTree, node: number): Wish => ({
  t: 'fragments',
  shape,
  at: { key: tree.key, ...addressOf(tree, node) },
  bytes: tree.bytes[node] ?? 0,
});

const missingTrees = (library: ShapeLibrary, layer: LayerOf<'mesh'>): readonly Wish[] =>
  (library.keysOf(layer) ?? [])
    .filter((key) => !library.tree(layer.shape, key))
    .map((key) => ({ t: 'manifests', shape: layer.shape, key }));

function missingSkeletons(library: ShapeLibrary, layer: LayerOf<'skeleton'>, kept: Set<Part>): readonly Wish[] {
  const { shape } = layer;
  return (library.keysOf(layer) ?? []).flatMap((key): Wish[] => {
    const part = library.store.skeleton(shape, key);
    if (part) kept.add(part);
    return part ? [] : [{ t: 'skeletons', shape, key }];
  });
}

function inViews(
  library: ShapeLibrary,
  layer: LayerOf<'mesh'>,
  views: readonly ShapeView[],
  clip: Clip,
): readonly MeshInView[] {
  return views
    .filter(({ kind }) => kind === '3d' || layer.outlines)
    .flatMap((view) => {
      const seen = meshViewOf(view, layer, clip);
      return library.treesOf(layer).map((tree) => ({ ...seen, tree, pixelNm: seen.detailNm / cutoffPx }));
    });
}
