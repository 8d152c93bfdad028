import type { LayerOf } from '../../../../preload/contract/view-state.ts';
import { colourMapOf } from '../../../ui/colour-map-list.ts';

/** Steps of the windowed value, 0 to 1. */
export const lutSteps = 1024;
/** log2 of what an opaque step lets through. */
const opaque = -64;

type ImageLook = Pick<LayerOf<'image'>, 'gamma' | 'inverted' | 'colour' | 'transfer'>;

/**
 * Colour and opacity at windowed values, clipped but before gamma: `lutSteps` times red, green, blue (0 to 1, after gamma,
 * inversion and map), and log2 of the share of light that a reference length of it lets through.
 */
export function transferLut(look: ImageLook): Float32Array<ArrayBuffer> {
  const lut = new Float32Array(4 * lutSteps);
  const paint = painter(look.colour);
  for (let i = 0; i < lutSteps; i++) {
    const windowed = i / (lutSteps - 1);
    const raised = windowed ** look.gamma;
    lut.set(paint(look.inverted ? 1 - raised : raised), 4 * i);
    lut[4 * i + 3] = logThrough(opacityAt(look.transfer, windowed));
  }
  return lut;
}

/** Opacity by the points of a transfer function: linear between them, level beyond the first and the last. */
export function opacityAt(transfer: LayerOf<'image'>['transfer'], windowed: number): number {
  const after = transfer.findIndex(([at]) => at >= windowed);
  const b = transfer[after === -1 ? transfer.length - 1 : after];
  const a = transfer[after === -1 ? transfer.length - 1 : Math.max(0, after - 1)];
  if (!a || !b) return 0;
  const span = b[0] - a[0];
  return span <= 0 ? b[1] : a[1] + ((b[1] - a[1]) * (windowed - a[0])) / span;
}

/** Opacity is told for a step of one reference length; of a longer step, 1 - (1 - a)^(step / reference) is seen. */
export const correctedOpacity = (opacity: number, stepPerReference: number): number =>
  1 - (1 - opacity) ** stepPerReference;

const logThrough = (opacity: number): number => Math.max(opaque, Math.log2(Math.max(0, 1 - opacity)));

function painter(colour: LayerOf<'image'>['colour']): (grey: number) => readonly [number, number, number] {
  if ('tint' in colour) {
    const tint = rgbOf(colour.tint);
    return (grey) => [tint[0] * grey, tint[1] * grey, tint[2] * grey];
  }
  const { table } = colourMapOf(colour.map);
  return (grey) => {
    const i = 3 * Math.round(grey * 255);
    return [(table[i] ?? 0) / 255, (table[i + 1] ?? 0) / 255, (table[i + 2] ?? 0) / 255];
  };
}

const rgbOf = (hex: string): readonly [number, number, number] => {
  const bits = Number.parseInt(hex.slice(1), 16);
  return [(bits >> 16) / 255, ((bits >> 8) & 255) / 255, (bits & 255) / 255];
};

/** What a surface is painted with: the tint itself, or the map's colour at the surface's value. */
export function surfaceColour(look: ImageLook & { readonly surfaceAt: number }): readonly [number, number, number] {
  if ('tint' in look.colour) return rgbOf(look.colour.tint);
  const raised = look.surfaceAt ** look.gamma;
  return painter(look.colour)(look.inverted ? 1 - raised : raised);
}
