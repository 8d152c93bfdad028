import type { Layer, LayerOf } from '../../preload/contract/view-state.ts';
import { drawnAs } from './layers.ts';

/** What the drawing worker is told of layers: what each refers to among them is put into it. Pure. */

export type ShapeLayer = LayerOf<'mesh'> | LayerOf<'skeleton'>;

/** How labels are coloured, for shapes that are drawn as the labels of a layer are. */
export type LabelLook = Pick<LayerOf<'segmentation'>, 'colourSeed' | 'colours'>;

/** The look of the labels that a layer of shapes follows; undefined where it has its own. */
export const labelLookOf = (layer: ShapeLayer): LabelLook | undefined =>
  'labelLook' in layer ? (layer.labelLook as LabelLook) : undefined;

const isShapes = (layer: Layer): layer is ShapeLayer => layer.type === 'mesh' || layer.type === 'skeleton';

/** The labels whose selection says which shapes are drawn; null where the layer says so itself. */
export function followedBy(layer: ShapeLayer, layers: readonly Layer[]): LayerOf<'segmentation'> | null {
  const found = layer.follows === null ? undefined : layers.find(({ id }) => id === layer.follows);
  return found?.type === 'segmentation' ? found : null;
}

function following(layer: Layer, layers: readonly Layer[]): Layer {
  const labels = isShapes(layer) ? followedBy(layer, layers) : null;
  if (!labels || !isShapes(layer)) return layer;
  const { colourSeed, colours, selected } = labels;
  const labelLook: LabelLook = { colourSeed, colours };
  return { ...layer, shown: [...selected], ...{ labelLook } };
}

/** The layers that are shown, as they are drawn. */
export const layersDrawn = (layers: readonly Layer[]): readonly Layer[] =>
  layers.filter(({ visible }) => visible).map((layer) => drawnAs(following(layer, layers)));

/** The layers on which the picture depends: those that are shown, and labels that they follow. */
export function layersConcerned(layers: readonly Layer[]): readonly Layer[] {
  const followed = new Set(layers.flatMap((layer) => (layer.visible && isShapes(layer) ? (layer.follows ?? []) : [])));
  return layers.filter(({ id, visible }) => visible || followed.has(id));
}
