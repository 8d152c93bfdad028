import type { Rgb } from './colour-maps.ts';
import { labelPixel, pixelOf, rgbOf, wordsOfId } from './label-colours.ts';

/** How labels are coloured whose names shapes have. */
export interface LabelColours {
  readonly colourSeed: number;
  readonly colours: Readonly<Record<string, string>>;
}

/** The colour of a shape, bytes: the layer's, else that of the label with its id (as `labels` are coloured), else one that its name stands for. */
export function shapeColour(key: string, layerColour: string | null, labels?: LabelColours): Rgb {
  const own = layerColour ?? labels?.colours[key];
  if (own) return rgbOf(pixelOf(own));
  const [low, high] = isId(key) ? wordsOfId(key) : wordsOfName(key);
  return rgbOf(labelPixel(low, high, labels?.colourSeed ?? 0));
}

const isId = (key: string): boolean => /^[1-9]\d{0,19}$/.test(key) && BigInt(key) < 2n ** 64n;

/** FNV-1a of the name, forwards and backwards (http://www.isthe.com/chongo/tech/comp/fnv/). */
function wordsOfName(name: string): readonly [number, number] {
  const codes = Array.from(name, (letter) => letter.codePointAt(0) ?? 0);
  const hash = (list: readonly number[]): number =>
    list.reduce((h, code) => Math.imul(h ^ code, 0x0100_0193), 0x811c_9dc5 | 0) >>> 0;
  return [hash(codes), hash(codes.toReversed()) | 1];
}
