import type { WebGLRenderer } from 'three';
import type { Clip, LayerOf } from '../../../../preload/contract/view-state.ts';
import type { GpuShelf } from './gpu-shelf.ts';
import type { LineDrawer } from './line-drawer.ts';
import { clipRegion, meetsBox, regionOf, scaleOf, throughMatrix } from './region.ts';
import { labelLookOf } from '../../../state/drawn-layers.ts';
import { shapeColour } from '../../../ui/shape-colour.ts';
import type { SkeletonPart } from './shape-store.ts';
import type { ViewFrame } from './view-frame.ts';
import { finestNm } from './view-frame.ts';

/** Edges that are drawn while the view moves. */
const mostMoving = 30_000;

/**
 * The part of edges that is drawn. Where they are much shorter on the screen than the line is wide they are thinned out, as
 * Neuroglancer does annotations: those that stay still overlap.
 */
export const shareDrawn = (meanEdgePx: number, lineWidthPx: number): number =>
  Math.min(1, Math.max(meanEdgePx, 1e-6) / (0.35 * lineWidthPx));

/** Draws skeletons in 3-D, as lines with round ends. */
export class SkeletonDrawer {
  readonly #shelf: GpuShelf;
  readonly #lines: LineDrawer;

  constructor(shelf: GpuShelf, lines: LineDrawer) {
    this.#shelf = shelf;
    this.#lines = lines;
  }

  draw(
    renderer: WebGLRenderer,
    frame: ViewFrame,
    clip: Clip,
    layer: LayerOf<'skeleton'>,
    parts: readonly SkeletonPart[],
    moving: boolean,
  ): void {
    const region = throughMatrix([...regionOf(frame, layer.lineWidthPx), ...clipRegion(clip)], layer.worldFromLayer);
    const scale = scaleOf(layer.worldFromLayer);
    const drawn = parts
      .filter(({ lines }) => lines.edges.length > 0 && meetsBox(region, lines.boxNm, 0))
      .map((part) => {
        const { edges, meanEdgeNm } = part.lines;
        return {
          part,
          count: (edges.length / 2) * shareDrawn((meanEdgeNm * scale) / finestNm(frame), layer.lineWidthPx),
        };
      });
    const all = drawn.reduce((sum, { count }) => sum + count, 0);
    const share = moving ? Math.min(1, mostMoving / Math.max(1, all)) : 1;
    for (const { part, count } of drawn) {
      const { texels } = part.lines;
      const lines = this.#shelf.use(part, 'lines', texels.words.byteLength, () => texels.texture());
      this.#lines.draw(renderer, frame, lines, Math.ceil(count * share), place(part, layer), {
        colour: shapeColour(part.key, layer.colour, labelLookOf(layer)),
        opacity: layer.opacity,
        widthPx: layer.lineWidthPx,
        fadeNm: null,
        clip,
      });
    }
  }
}

const place = ({ originNm }: SkeletonPart, { worldFromLayer }: LayerOf<'skeleton'>) => ({ worldFromLayer, originNm });
