import type { Rgb } from './colour-maps.ts';

/**
 * Colours of labels. A label is an unsigned number of 64 bits: a decimal text, or its low and high words. The colour is a
 * pure function of it and of a seed, and never changes between versions: figures made years apart agree.
 */

const hues = 512;
const lightnesses = [0.66, 0.69, 0.72, 0.75, 0.78, 0.81, 0.84, 0.87];
const chromas = [0.09, 0.115, 0.14, 0.165];

let palette: Uint32Array | undefined;

/**
 * Hues of OKLCH at eight lightnesses and four chromas (https://bottosson.github.io/posts/oklab/), as 0xffBBGGRR. Made when
 * the first label is drawn: a few milliseconds.
 */
function makePalette(): Uint32Array {
  const colours: number[] = [];
  for (let hue = 0; hue < hues; hue++)
    for (const lightness of lightnesses)
      for (const chroma of chromas) colours.push(packed(fromOklch(lightness, chroma, (hue / hues) * 2 * Math.PI)));
  return Uint32Array.from(colours);
}

/** The colour of a label as a pixel, 0xffBBGGRR (bytes R, G, B, A in memory); 0, background, is 0. */
export function labelPixel(low: number, high: number, seed: number): number {
  if (low === 0 && high === 0) return 0;
  palette ??= makePalette();
  return palette[labelHash(low, high, seed) & 0x3fff] ?? 0;
}

/** The colour of a label; black for 0. */
export function labelColour(id: string | bigint, seed = 0): Rgb {
  const [low, high] = wordsOfId(id);
  return rgbOf(labelPixel(low, high, seed));
}

export const rgbOf = (pixel: number): Rgb => [pixel & 0xff, (pixel >>> 8) & 0xff, (pixel >>> 16) & 0xff];

/** '#3fb6a8' as an opaque pixel. */
export function pixelOf(hex: string): number {
  const rgb = Number.parseInt(hex.slice(1), 16);
  return packed([rgb >>> 16, (rgb >>> 8) & 0xff, rgb & 0xff]);
}

export const hexOf = ([r, g, b]: Rgb): string =>
  `#${[r, g, b].map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;

/** Low and high 32 bits of an id below 2^64. */
export function wordsOfId(id: string | bigint): readonly [number, number] {
  if (typeof id === 'string' && id.length <= 15) return [Number(id) >>> 0, Math.floor(Number(id) / 2 ** 32)];
  const whole = BigInt(id);
  return [Number(whole & 0xffff_ffffn), Number((whole >> 32n) & 0xffff_ffffn)];
}

/** The id in decimal, exact. */
export const idOfWords = (low: number, high: number): string =>
  high < 0x20_0000 ? String(high * 2 ** 32 + low) : String((BigInt(high) << 32n) | BigInt(low));

/** 32 well mixed bits of a label: the finaliser of MurmurHash3, once for each word. */
export function labelHash(low: number, high: number, seed: number): number {
  return mixed(mixed(mixed(seed ^ 0x9e37_79b9) ^ high) ^ low);
}

function mixed(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function packed([r, g, b]: Rgb): number {
  return (0xff00_0000 | (b << 16) | (g << 8) | r) >>> 0;
}

/** What lies outside sRGB is clipped. */
function fromOklch(lightness: number, chroma: number, hue: number): Rgb {
  const [a, b] = [chroma * Math.cos(hue), chroma * Math.sin(hue)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encoded(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function encoded(linear: number): number {
  const curve = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.max(0, Math.min(1, curve)));
}
