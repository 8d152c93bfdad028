import type { WebGLRenderer } from 'three';
import type { GpuShelf } from './gpu-shelf.ts';
import type { LineDrawer } from './line-drawer.ts';
import type { LineTexels } from './line-texels.ts';
import type { ShapeLayer } from './shape-library.ts';
import type { Part } from './shape-store.ts';
import { SliceCuts, gather, planeKey } from './slice-lines.ts';
import type { ViewFrame } from './view-frame.ts';

/** Lines of one layer in one plane, on the GPU: kept until the plane moves or other parts are drawn. */
interface Drawn {
  readonly layer: ShapeLayer;
  readonly plane: string;
  readonly parts: readonly Part[];
  readonly texels: LineTexels;
  readonly originNm: Part['originNm'];
}

/** Planes of a few panes for each of a few layers. */
const mostDrawn = 32;

/** Draws what planes cut of meshes and skeletons. */
export class SliceDrawing {
  readonly #shelf: GpuShelf;
  readonly #lines: LineDrawer;
  readonly #askIndex: (part: Part) => void;
  readonly #cuts = new SliceCuts();
  /** Least used first. */
  #drawn: Drawn[] = [];

  constructor(shelf: GpuShelf, lines: LineDrawer, askIndex: (part: Part) => void) {
    this.#shelf = shelf;
    this.#lines = lines;
    this.#askIndex = askIndex;
  }

  draw(renderer: WebGLRenderer, frame: ViewFrame, layer: ShapeLayer, parts: readonly Part[]): void {
    const drawn = this.#linesFor(frame, layer, parts);
    const { texels } = drawn;
    if (texels.count === 0) return;
    const lines = this.#shelf.use(drawn, 'lines', texels.words.byteLength, () => texels.texture());
    this.#lines.draw(
      renderer,
      frame,
      lines,
      texels.count,
      { worldFromLayer: layer.worldFromLayer, originNm: drawn.originNm },
      {
        colour: [255, 255, 255],
        opacity: layer.opacity,
        widthPx: layer.type === 'skeleton' ? layer.lineWidthPx : 1.5,
        fadeNm: frame.farNm,
        clip: null,
      },
    );
  }

  forget(): void {
    this.#drawn = [];
  }

  #linesFor(frame: ViewFrame, layer: ShapeLayer, all: readonly Part[]): Drawn {
    for (const part of all) if (!part.index) this.#askIndex(part);
    const parts = all.filter(({ index }) => index);
    const plane = planeKey(layer, frame);
    const known = this.#drawn.find((one) => one.layer === layer && one.plane === plane && sameParts(one.parts, parts));
    const drawn = known ?? this.#make(frame, layer, parts, plane);
    this.#drawn = [...this.#drawn.filter((one) => one !== drawn), drawn];
    for (const old of this.#drawn.splice(0, Math.max(0, this.#drawn.length - mostDrawn))) this.#shelf.drop(old);
    return drawn;
  }

  #make(frame: ViewFrame, layer: ShapeLayer, parts: readonly Part[], plane: string): Drawn {
    const cut = parts.flatMap((part) => {
      const lines = this.#cuts.of(part, layer, frame);
      return lines && lines.ends.length + lines.discs.length > 0 ? [{ part, lines }] : [];
    });
    const originNm = cut[0]?.part.originNm ?? [0, 0, 0];
    return { layer, plane, parts, texels: gather(cut, layer, originNm), originNm };
  }
}

const sameParts = (a: readonly Part[], b: readonly Part[]): boolean =>
  a.length === b.length && a.every((part, i) => part === b[i]);
