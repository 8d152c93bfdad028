import type { WebGLRenderer } from 'three';
import type { Clip, LayerOf } from '../../../../preload/contract/view-state.ts';
import type { GpuShelf } from './gpu-shelf.ts';
import type { LineDrawer } from './line-drawer.ts';
import { lineGeometry } from './line-drawer.ts';
import { clipRegion, meetsBox, regionOf, scaleOf, throughMatrix } from './region.ts';
import { shapeColour } from './shape-colour.ts';
import type { SkeletonPart } from './shape-store.ts';
import type { ViewFrame } from './view-frame.ts';
import { finestNm } from './view-frame.ts';

/** Edges shorter than this on the screen are thinned out: those that stay still touch, at least two pixels wide as they are. */
const densestPx = 0.25;
/** Edges that are drawn while the view moves. */
const mostMoving = 60_000;

/** Of edges of this mean length, the part that is drawn: Neuroglancer thins annotations the same way. */
export const shareDrawn = (meanEdgePx: number): number => Math.min(1, Math.max(meanEdgePx, 1e-6) / densestPx);

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
    const pixelNm = finestNm(frame) / scaleOf(layer.worldFromLayer);
    const drawn = parts
      .filter(({ lines }) => lines.edges.length > 0 && meetsBox(region, lines.boxNm, 0))
      .map((part) => {
        const { edges, meanEdgeNm } = part.lines;
        return { part, count: (edges.length / 2) * shareDrawn(meanEdgeNm / pixelNm) };
      });
    const all = drawn.reduce((sum, { count }) => sum + count, 0);
    const share = moving ? Math.min(1, mostMoving / Math.max(1, all)) : 1;
    for (const { part, count } of drawn) {
      const geometry = this.#shelf.use(part, 'lines', () =>
        lineGeometry({ ends: part.lines.ends, colours: null, widths: null }),
      );
      this.#lines.draw(renderer, frame, geometry, Math.ceil(count * share), place(part, layer), {
        colour: shapeColour(part.key, layer.colour),
        opacity: layer.opacity,
        widthPx: layer.lineWidthPx,
        fadeNm: null,
        clip,
      });
    }
  }
}

const place = ({ originNm }: SkeletonPart, { worldFromLayer }: LayerOf<'skeleton'>) => ({ worldFromLayer, originNm });
