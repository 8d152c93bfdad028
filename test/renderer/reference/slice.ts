// What a slice pane should show, pixel by pixel, from the words of the contract and nothing of the renderer but its tables
// of colours: plain loops in double precision.
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { Blend, LayerOf, Quaternion, ViewDocument } from '../../../preload/contract/view-state.ts';
import { colourMapOf } from '../../../renderer/ui/colour-map-list.ts';
import { labelColour } from '../../../renderer/ui/label-colours.ts';

export interface KnownVolume {
  readonly size: Vec3;
  readonly voxelSizeNm: Vec3;
  readonly originNm: Vec3;
  readonly at: (x: number, y: number, z: number) => number;
}

export interface KnownLayer {
  readonly layer: LayerOf<'image'> | LayerOf<'segmentation'>;
  readonly volume: KnownVolume;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, 0 to 255. */
  readonly rgb: Uint8Array;
  /** How many layers cover a pixel. */
  readonly cover: Uint8Array;
}

type Rgb = [number, number, number];

const background: Rgb = [0x0e / 255, 0x0e / 255, 0x10 / 255];
const axes = { xy: [0, 1], xz: [0, 2], yz: [1, 2] } as const;

/** Column `axis` of the matrix of a unit quaternion. */
function turnedAxis([x, y, z, w]: Quaternion, axis: number): Vec3 {
  const columns: readonly Vec3[] = [
    [1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)],
    [2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)],
    [2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)],
  ];
  return columns[axis] ?? [0, 0, 0];
}

/** Draws layers, lowest first. The scale and position are the document's; pixel centres are at .5, or `offPx` from there. */
export function drawSlice(
  layers: readonly KnownLayer[],
  document: Pick<ViewDocument, 'positionNm' | 'nmPerPx' | 'rotation' | 'checkerPx'>,
  plane: keyof typeof axes,
  width: number,
  height: number,
  offPx: readonly [x: number, y: number] = [0, 0],
): Picture {
  const [right, down] = axes[plane].map((axis) => turnedAxis(document.rotation, axis)) as [Vec3, Vec3];
  const { positionNm } = document;
  const shown = layers.filter(({ layer }) => layer.visible);
  const rgb = new Uint8Array(width * height * 3);
  const cover = new Uint8Array(width * height);
  for (let py = 0; py < height; py++) {
    for (let px = 0; px < width; px++) {
      const worldAt = (x: number, y: number): Vec3 => {
        const u = (x + 0.5 + offPx[0] - width / 2) * document.nmPerPx;
        const v = (y + 0.5 + offPx[1] - height / 2) * document.nmPerPx;
        return [
          positionNm[0] + u * right[0] + v * down[0],
          positionNm[1] + u * right[1] + v * down[1],
          positionNm[2] + u * right[2] + v * down[2],
        ];
      };
      const { colour, covered } = pixelOf(shown, worldAt, px, py, document.checkerPx);
      cover[py * width + px] = covered;
      for (let i = 0; i < 3; i++) rgb[3 * (py * width + px) + i] = Math.round(255 * kept(colour[i] ?? 0));
    }
  }
  return { width, height, rgb, cover };
}

const kept = (value: number): number => Math.max(0, Math.min(1, value));

function pixelOf(
  shown: readonly KnownLayer[],
  worldAt: (px: number, py: number) => Vec3,
  px: number,
  py: number,
  checkerPx: number,
): { readonly colour: Rgb; readonly covered: number } {
  let colour: Rgb | null = null;
  let covered = 0;
  shown.forEach((one, place) => {
    const square = (Math.floor(px / checkerPx) + Math.floor(py / checkerPx)) % 2;
    const { layer } = one;
    const checker = layer.type === 'image' ? layer.checker : 'all';
    if (checker !== 'all' && square !== (checker === 'odd' ? 1 : 0)) return;
    const shaded = layer.type === 'image' ? shadeOf(one, layer, worldAt(px, py)) : labelOf(one, layer, worldAt, px, py);
    if (shaded === null) return;
    const { c, a } = shaded;
    covered += 1;
    const below: Rgb = colour ?? [0, 0, 0];
    const isLowest = place === 0;
    const mode = isLowest && ['min', 'multiply'].includes(one.layer.blend) ? 'over' : one.layer.blend;
    // A framebuffer holds eight bits.
    const part = (i: 0 | 1 | 2): number => Math.round(255 * kept(blended(mode, below[i], c[i], a))) / 255;
    colour = [part(0), part(1), part(2)];
  });
  return { colour: colour ?? background, covered };
}

interface Shaded {
  readonly c: Rgb;
  readonly a: number;
}

function shadeOf(one: KnownLayer, layer: LayerOf<'image'>, world: Vec3): Shaded | null {
  const value = valueAt(one, world);
  return value === null ? null : { c: colourOf(layer, greyOf(layer, value)), a: layer.opacity };
}

/** A label's colour; of outlines, only where a pixel beside this one shows another label, or none. */
function labelOf(
  one: KnownLayer,
  layer: LayerOf<'segmentation'>,
  worldAt: (px: number, py: number) => Vec3,
  px: number,
  py: number,
): Shaded | null {
  const label = valueAt(one, worldAt(px, py));
  if (label === null) return null;
  const beside = [worldAt(px + 1, py), worldAt(px - 1, py), worldAt(px, py + 1), worldAt(px, py - 1)];
  const isSeen = !layer.outlines || beside.some((world) => (valueAt(one, world) ?? 0) !== label);
  const [r, g, b] = labelColour(BigInt(label), layer.colourSeed);
  return { c: [r / 255, g / 255, b / 255], a: label === 0 || !isSeen ? 0 : layer.opacity };
}

/** The voxel that covers a position; null outside. */
function valueAt({ layer, volume }: KnownLayer, world: Vec3): number | null {
  const local = layer.worldFromLayer ? undo(layer.worldFromLayer, world) : world;
  const { originNm, voxelSizeNm, size } = volume;
  // An edge that falls on the very middle of a pixel belongs to the voxel that begins there, whatever rounding says.
  const voxel = (a: 0 | 1 | 2): number => Math.floor((local[a] - originNm[a]) / voxelSizeNm[a] + 1e-9);
  const [x, y, z] = [voxel(0), voxel(1), voxel(2)];
  const isInside = x >= 0 && y >= 0 && z >= 0 && x < size[0] && y < size[1] && z < size[2];
  return isInside ? volume.at(x, y, z) : null;
}

/** Windowed, 0 to 1. */
function greyOf(layer: LayerOf<'image'>, value: number): number {
  const [low, high] = layer.window;
  const grey = high > low ? Math.max(0, Math.min(1, (value - low) / (high - low))) : value < high ? 0 : 1;
  const bent = grey ** layer.gamma;
  return layer.inverted ? 1 - bent : bent;
}

/** Solves m p + t = world by Cramer's rule. */
function undo(m: readonly number[], world: Vec3): Vec3 {
  const column = (c: number): Vec3 => [m[c] ?? 0, m[4 + c] ?? 0, m[8 + c] ?? 0];
  const [p, q, s, t] = [column(0), column(1), column(2), column(3)];
  const b: Vec3 = [world[0] - t[0], world[1] - t[1], world[2] - t[2]];
  const all = determinant(p, q, s);
  return [determinant(b, q, s) / all, determinant(p, b, s) / all, determinant(p, q, b) / all];
}

const determinant = (p: Vec3, q: Vec3, s: Vec3): number =>
  p[0] * (q[1] * s[2] - q[2] * s[1]) - q[0] * (p[1] * s[2] - p[2] * s[1]) + s[0] * (p[1] * q[2] - p[2] * q[1]);

function colourOf({ colour }: LayerOf<'image'>, grey: number): Rgb {
  if ('map' in colour) {
    const { table } = colourMapOf(colour.map);
    const at = 3 * Math.round(255 * grey);
    return [(table[at] ?? 0) / 255, (table[at + 1] ?? 0) / 255, (table[at + 2] ?? 0) / 255];
  }
  const part = (at: number): number => (grey * parseInt(colour.tint.slice(at, at + 2), 16)) / 255;
  return [part(1), part(3), part(5)];
}

/** The formulas of `blendSchema`. */
function blended(mode: Blend, d: number, c: number, a: number): number {
  if (mode === 'additive') return d + a * c;
  if (mode === 'over') return d + a * (c - d);
  if (mode === 'max') return Math.max(d, a * c);
  if (mode === 'min') return Math.min(d, 1 + a * (c - 1));
  if (mode === 'multiply') return d * (1 + a * (c - 1));
  return Math.abs(d - a * c);
}
