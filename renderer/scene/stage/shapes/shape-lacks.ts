import type { Clip, LayerOf } from '../../../../preload/contract/view-state.ts';
import { rightNodes } from './mesh-lod.ts';
import type { Wish } from './shape-flow.ts';
import type { ShapeLayer, ShapeLibrary } from './shape-library.ts';
import type { ShapeView } from './shape-plan.ts';
import { fragmentWish, meshViewOf } from './shape-plan.ts';
import type { Part } from './shape-store.ts';

/** Why a shape is not here as a pane asks for it: it is to come, can't be had now, or finds no room in memory. */
export type WhyNot = 'coming' | 'away' | 'memory';

export interface ShapeLack {
  readonly layer: string;
  readonly why: WhyNot;
  /** Whether a smaller picture would need less of it. */
  readonly isDetail: boolean;
}

interface Known {
  readonly whyNot: (wish: Wish) => WhyNot;
  /** Whether a part that is here can be drawn. */
  readonly isReady: (part: Part) => boolean;
}

/** What a pane lacks of the layers that are shown, thing by thing. */
export function shapeLacks(
  library: ShapeLibrary,
  layers: readonly ShapeLayer[],
  view: ShapeView,
  clip: Clip,
  known: Known,
): readonly ShapeLack[] {
  return layers
    .filter((layer) => layer.type === 'skeleton' || view.kind === '3d' || layer.outlines)
    .flatMap((layer) => {
      const { id, shape } = layer;
      const keys = library.keysOf(layer);
      if (!keys) return [{ layer: id, why: known.whyNot({ t: 'keys', shape, key: '' }), isDetail: false }];
      return layer.type === 'skeleton'
        ? skeletonLacks(library, layer, keys, known)
        : meshLacks(library, layer, keys, view, clip, known);
    });
}

function skeletonLacks(
  library: ShapeLibrary,
  { id, shape }: LayerOf<'skeleton'>,
  keys: readonly string[],
  { whyNot, isReady }: Known,
): readonly ShapeLack[] {
  return keys.flatMap((key): readonly ShapeLack[] => {
    const part = library.store.skeleton(shape, key);
    if (!part) return [{ layer: id, why: whyNot({ t: 'skeletons', shape, key }), isDetail: false }];
    return isReady(part) ? [] : [{ layer: id, why: 'coming', isDetail: false }];
  });
}

function meshLacks(
  library: ShapeLibrary,
  layer: LayerOf<'mesh'>,
  keys: readonly string[],
  view: ShapeView,
  clip: Clip,
  { whyNot, isReady }: Known,
): readonly ShapeLack[] {
  const { id, shape } = layer;
  const seen = meshViewOf(view, layer, clip);
  return keys.flatMap((key): readonly ShapeLack[] => {
    const tree = library.tree(shape, key);
    if (!tree) return [{ layer: id, why: whyNot({ t: 'manifests', shape, key }), isDetail: false }];
    return rightNodes(tree, seen).flatMap((node): readonly ShapeLack[] => {
      const part = library.store.node(tree, node);
      if (!part) return [{ layer: id, why: whyNot(fragmentWish(shape, tree, node)), isDetail: true }];
      return isReady(part) ? [] : [{ layer: id, why: 'coming', isDetail: true }];
    });
  });
}
