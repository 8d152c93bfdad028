import type { Layer } from '../../../preload/contract/view-state.ts';
import { labelLookOf, layersDrawn, type LabelLook } from '../drawn-layers.ts';
import type { LegendEntry } from './decor.ts';

/** What a figure says of its layers. Pure. */

/** Colours as CSS has them. */
export interface LegendColours {
  /** Of a map, at even places. */
  readonly map: (map: string) => readonly string[];
  /** Of a label, or of a shape with that name. */
  readonly key: (key: string, labels?: LabelLook) => string;
}

type Shaped = Extract<Layer, { readonly shape: string }>;

/** So many colours stand for a layer of many. */
export const mostSwatches = 4;

/** The layers that are shown, the top one first. `keysOf`: what a layer shows that shows all of a set. */
export function legendOf(
  layers: readonly Layer[],
  colours: LegendColours,
  keysOf: (layer: Shaped) => readonly string[] = () => [],
): readonly LegendEntry[] {
  return layersDrawn(layers)
    .toReversed()
    .map((layer) => ({
      name: layer.name,
      detail: 'window' in layer ? windowText(layer) : '',
      ...swatchOf(layer, colours, keysOf),
    }));
}

type Windowed = Extract<Layer, { window: readonly [number, number] }>;

const windowText = ({ window: [lo, hi], gamma, inverted }: Windowed): string =>
  `${numberText(lo)} – ${numberText(hi)}${gamma === 1 ? '' : `, γ ${numberText(gamma)}`}${inverted ? ', inverted' : ''}`;

const numberText = (value: number): string => String(Number(value.toPrecision(4)));

function swatchOf(
  layer: Layer,
  { map, key }: LegendColours,
  keysOf: (layer: Shaped) => readonly string[],
): Pick<LegendEntry, 'colours' | 'stripes'> {
  if ('shape' in layer) {
    if (layer.colour !== null) return { colours: [layer.colour] };
    const keys = (layer.shown ?? keysOf(layer)).slice(0, mostSwatches);
    return keys.length === 0 ? { colours: ['#ffffff'] } : stripes(keys.map((one) => key(one, labelLookOf(layer))));
  }
  if (layer.type === 'segmentation') {
    const keys = layer.selected.length > 0 ? layer.selected.slice(0, mostSwatches) : ['1', '2', '3', '4'];
    return stripes(keys.map((one) => key(one, layer)));
  }
  if (!('colour' in layer) || layer.colour === null) return { colours: ['#ffffff'] };
  if (typeof layer.colour === 'string') return { colours: [layer.colour] };
  return { colours: 'map' in layer.colour ? map(layer.colour.map) : ['#000000', layer.colour.tint] };
}

const stripes = (colours: readonly string[]): Pick<LegendEntry, 'colours' | 'stripes'> =>
  colours.length === 1 ? { colours } : { colours, stripes: true };
