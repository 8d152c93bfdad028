import { colourMapTables } from './colour-map-tables.ts';
import type { Rgb } from './colour-maps.ts';

/**
 * `even`: lightness rises steadily, so that equal steps of grey look equal. `uneven` and `rainbow` invent edges that the
 * data has not; rainbow also fails readers with a colour-vision deficiency.
 */
export type MapKind = 'even' | 'diverging' | 'cyclic' | 'uneven' | 'rainbow';

export interface ColourMap {
  readonly name: string;
  readonly title: string;
  readonly kind: MapKind;
  /** 256 colours, red green blue. */
  readonly table: Uint8Array;
}

export const colourMaps: readonly ColourMap[] = colourMapTables.map(([name, title, kind, base64]) => ({
  name,
  title,
  kind,
  table: Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)),
}));

const byName = new Map(colourMaps.map((map) => [map.name, map]));

/** A map by its name; grey for a name that is not known. */
export const colourMapOf = (name: string): ColourMap => byName.get(name) ?? (colourMaps[0] as ColourMap);

/** The colour at 0 to 1: the nearest of the 256. */
export function colourAt({ table }: ColourMap, fraction: number): Rgb {
  const at = 3 * Math.round(255 * Math.max(0, Math.min(1, fraction)));
  return [table[at] ?? 0, table[at + 1] ?? 0, table[at + 2] ?? 0];
}

/** `linear-gradient` of a map, for legends. */
export function gradientOf(map: ColourMap, stops = 16): string {
  const colours = Array.from({ length: stops + 1 }, (_, i) => `rgb(${colourAt(map, i / stops).join(' ')})`);
  return `linear-gradient(to right, ${colours.join(', ')})`;
}
