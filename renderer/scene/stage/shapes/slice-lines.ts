import type { Vec3 } from '../../../../preload/contract/space.ts';
import { dot } from '../../../state/rotation.ts';
import type { Rgb } from '../../../ui/colour-maps.ts';
import { LineTexels } from './line-texels.ts';
import { cutByPlane } from './plane-cut.ts';
import { nearPlane } from './near-plane.ts';
import type { HalfSpace } from './region.ts';
import { scaleOf, throughMatrix } from './region.ts';
import { labelLookOf } from '../../../state/drawn-layers.ts';
import { shapeColour } from '../../../ui/shape-colour.ts';
import type { ShapeLayer } from './shape-library.ts';
import type { Part } from './shape-store.ts';
import type { ViewFrame } from './view-frame.ts';

/** Opacity of discs: what lies under them stays in sight. */
const discAlpha = 90;
/** Pixels of an outline, before the layer's width. */
const outlinePx = 1;

/** Cuts of a part that are kept: the planes of a few panes. */
const mostPlanes = 4;

/** What planes show of parts, kept for the planes that are looked at. */
export class SliceCuts {
  readonly #kept = new WeakMap<Part, { readonly key: string; readonly lines: PartLines }[]>();

  /** Null where the part's index is not made yet. */
  of(part: Part, layer: ShapeLayer, frame: ViewFrame): PartLines | null {
    if (!part.index) return null;
    const key = planeKey(layer, frame);
    const kept = this.#kept.get(part) ?? [];
    const known = kept.find((entry) => entry.key === key);
    if (known) return known.lines;
    const lines = linesOf(part, layer, frame);
    this.#kept.set(part, [{ key, lines }, ...kept].slice(0, mostPlanes));
    return lines;
  }
}

/** Both relative to the origin of the part. */
interface PartLines {
  readonly ends: Float32Array;
  readonly discs: Float32Array;
}

/** What lines depend on, beside their parts. */
export function planeKey({ worldFromLayer, type }: ShapeLayer, { forward, centreNm, farNm }: ViewFrame): string {
  const reach = type === 'skeleton' ? farNm : 0;
  return [...forward, dot(forward, centreNm), reach, ...(worldFromLayer ?? [])].join();
}

/** The plane of a slice pane in the space of a layer: `normal` takes it to nm of the world. */
function planeIn({ worldFromLayer }: ShapeLayer, { forward, centreNm }: ViewFrame): HalfSpace {
  const [plane] = throughMatrix([{ normal: forward, most: dot(forward, centreNm) }], worldFromLayer);
  return plane ?? { normal: forward, most: 0 };
}

const none = new Float32Array();

function linesOf(part: Part, layer: ShapeLayer, frame: ViewFrame): PartLines {
  if (!part.index) return { ends: none, discs: none };
  const { normal, most } = planeIn(layer, frame);
  const along = most - dot(normal, part.originNm);
  if (part.t === 'mesh') return { ends: cutByPlane(part.triangles, part.index, normal, along), discs: none };
  return nearPlane(part.lines, part.index, { normal, along }, frame.farNm, scaleOf(layer.worldFromLayer));
}

/** Puts the lines of parts together, relative to one origin: discs, then lines over them. */
export function gather(
  parts: ReadonlyArray<{ readonly part: Part; readonly lines: PartLines }>,
  layer: ShapeLayer,
  originNm: Vec3,
): LineTexels {
  const withDiscs = layer.type === 'skeleton' && layer.radii;
  const discs = withDiscs ? parts.reduce((sum, { lines }) => sum + lines.discs.length / 4, 0) : 0;
  const texels = new LineTexels(discs + parts.reduce((sum, { lines }) => sum + lines.ends.length / 6, 0));
  const scale = scaleOf(layer.worldFromLayer);
  let [disc, line] = [0, discs];
  for (const { part, lines } of parts) {
    const shift = [0, 1, 2].map((a) => part.originNm[a as 0 | 1 | 2] - originNm[a as 0 | 1 | 2]);
    const pixel = packedColour(shapeColour(part.key, layer.colour, labelLookOf(layer)));
    for (let i = 0; withDiscs && i < lines.discs.length; i += 4, disc++) {
      const middle = [0, 1, 2].map((a) => lines.discs[i + a]! + shift[a]!);
      texels.set(disc, middle, 0, middle, 0);
      // Below zero: nm across.
      texels.style(disc, -2 * lines.discs[i + 3]! * scale, (discAlpha << 24) | pixel);
    }
    const ends = lines.ends.map((nm, i) => nm + shift[i % 3]!);
    for (let i = 0; i < ends.length; i += 6, line++) {
      texels.set(line, ends, i, ends, i + 3);
      texels.style(line, outlinePx, 0xff00_0000 | pixel);
    }
  }
  return texels;
}

const packedColour = ([r, g, b]: Rgb): number => r | (g << 8) | (b << 16);
