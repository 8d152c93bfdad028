import type { Vec3 } from '../../preload/contract/space.ts';
import type { Layer } from '../../preload/contract/view-state.ts';
import { applyMatrix, invertMatrix } from './layers.ts';
import type { SliceLook } from './slice-box.ts';
import type { ViewState } from './view.ts';
import { cameraOf, kindOfPane, slicePaneInView } from './view.ts';

/** A world position in a layer's own nanometres; null where its transform flattens space. */
export function positionInLayer(layer: Layer, positionNm: Vec3): Vec3 | null {
  if (!layer.worldFromLayer) return positionNm;
  const layerFromWorld = invertMatrix(layer.worldFromLayer);
  return layerFromWorld && applyMatrix(layerFromWorld, positionNm);
}

const usualSize = { width: 512, height: 512 } as const;

/** How a slice pane looks at a layer. Turned planes count as the plane that they were turned from. */
export function sliceLook(s: ViewState, pane: string, layer: Layer): SliceLook | null {
  const kind = kindOfPane(s, pane);
  const { positionNm, nmPerPx } = cameraOf(s, pane);
  const inLayer = positionInLayer(layer, positionNm);
  if (kind === '3d' || !inLayer) return null;
  return { plane: kind, positionNm: inLayer, nmPerPx, size: s.paneSizes[pane] ?? usualSize };
}

/** How the active slice pane, or the first, looks at a layer. */
export function activeSliceLook(s: ViewState, layer: Layer): SliceLook | null {
  const pane = slicePaneInView(s);
  return pane && sliceLook(s, pane.id, layer);
}

/** How the slice panes that are on the screen look at a layer. */
export const sliceLooks = (s: ViewState, layer: Layer): readonly SliceLook[] =>
  s.panes.flatMap(({ id }) => {
    const look = s.paneSizes[id] ? sliceLook(s, id, layer) : null;
    return look ? [look] : [];
  });
