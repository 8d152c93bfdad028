import type { LabelLook } from './drawn-layers.ts';

/** Colours by name, for what is written outside of the window: told by the room that has the tables. */
export type Rgb = readonly [red: number, green: number, blue: number];

let colourAt: (map: string, at: number) => Rgb = (_map, at) => [at * 255, at * 255, at * 255];

let colourOfKey: (key: string, labels?: LabelLook) => Rgb = () => [255, 255, 255];

/** How labels and shapes without a colour of their own look. */
export const registerKeyColours = (read: typeof colourOfKey): void => {
  colourOfKey = read;
};

/** `at`: 0 to 1; the answer 0 to 255. */
export const registerMaps = (read: (map: string, at: number) => Rgb): void => {
  colourAt = read;
};

const stops = 16;

/** Colours at even places. */
export const mapStops = (map: string): readonly Rgb[] =>
  Array.from({ length: stops + 1 }, (_, i) => colourAt(map, i / stops));

const css = (rgb: Rgb): string => `#${rgb.map((level) => Math.round(level).toString(16).padStart(2, '0')).join('')}`;

export const mapCss = (map: string): readonly string[] => mapStops(map).map(css);

export const keyCss = (key: string, labels?: LabelLook): string => css(colourOfKey(key, labels));
