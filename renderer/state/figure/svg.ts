import type { PaneSize } from '../view.ts';
import type { Shape } from './decor.ts';
import type { Write } from './row-sink.ts';

/** A figure whose picture is embedded and whose frame, scale bar, legend and labels stay shapes and text. */
export interface SvgFacts {
  readonly size: PaneSize;
  /** Millimetres on paper; null: pixels. */
  readonly widthMm: number | null;
  readonly title: string;
  readonly provenance: string;
  readonly shapes: readonly Shape[];
}

/** Writes what is before the picture; the writer that it answers with takes the picture's PNG; `end` closes the figure. */
export async function svgAround(
  facts: SvgFacts,
  write: Write,
): Promise<{ readonly picture: Write; readonly end: (lacks?: readonly string[]) => Promise<void> }> {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const { width, height } = facts.size;
  const paper =
    facts.widthMm === null
      ? [`${width}`, `${height}`]
      : [facts.widthMm, (facts.widthMm * height) / width].map((mm) => `${round(mm)}mm`);
  await write(
    encode(
      `<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="${paper[0]}" height="${paper[1]}" viewBox="0 0 ${width} ${height}">\n` +
        `<title>${escaped(facts.title)}</title>\n<desc>${escaped(facts.provenance)}</desc>\n` +
        `<image id="picture" width="${width}" height="${height}" href="data:image/png;base64,`,
    ),
  );
  const carried = new Base64Carry();
  return {
    picture: (bytes) => write(encode(carried.take(bytes))),
    end: async (lacks = []) => {
      await write(encode(`${carried.rest()}"/>\n${gradients(facts.shapes)}`));
      await write(encode(facts.shapes.map(shapeText).join('')));
      if (lacks.length > 0) await write(encode(`<metadata>${escaped(lacks.join(' '))}</metadata>\n`));
      await write(
        encode(
          `<rect id="frame" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" fill="none" stroke="#000000"/>\n</svg>\n`,
        ),
      );
    },
  };
}

const round = (value: number): number => Number(value.toFixed(3));

/** Bytes in base64 as they come: what does not fill three waits for the next. */
class Base64Carry {
  #left = new Uint8Array(0);

  take(bytes: Uint8Array): string {
    const all = new Uint8Array(this.#left.byteLength + bytes.byteLength);
    all.set(this.#left);
    all.set(bytes, this.#left.byteLength);
    const whole = all.byteLength - (all.byteLength % 3);
    this.#left = all.slice(whole);
    return base64Of(all.subarray(0, whole));
  }

  rest(): string {
    return base64Of(this.#left);
  }
}

/** `btoa` takes a string of bytes; an argument list has its limits. */
export function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.byteLength; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

const isGradient = (shape: Shape): shape is Extract<Shape, { kind: 'box' }> & { fill: readonly string[] } =>
  shape.kind === 'box' && typeof shape.fill !== 'string';

function gradients(shapes: readonly Shape[]): string {
  const made = shapes.map((shape, i) => {
    if (!isGradient(shape)) return '';
    const last = Math.max(1, shape.fill.length - 1);
    const stops = shape.fill.map((colour, k) => `<stop offset="${round(k / last)}" stop-color="${escaped(colour)}"/>`);
    return `<linearGradient id="map-${i}">${stops.join('')}</linearGradient>\n`;
  });
  const all = made.join('');
  return all === '' ? '' : `<defs>\n${all}</defs>\n`;
}

function shapeText(shape: Shape, i: number): string {
  if (shape.kind === 'text') {
    const { x, y, text, sizePx, anchor, colour } = shape;
    return `<text x="${round(x)}" y="${round(y)}" font-family="${escaped(fontFamily)}" font-size="${sizePx}" text-anchor="${anchor}" fill="${escaped(colour)}" xml:space="preserve">${escaped(text)}</text>\n`;
  }
  const { x, y, width, height, fill, opacity } = shape;
  const paint = typeof fill === 'string' ? escaped(fill) : `url(#map-${i})`;
  const faint = opacity === undefined ? '' : ` fill-opacity="${opacity}"`;
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${paint}"${faint}/>\n`;
}

/** The window's own, and what a figure is read with elsewhere. */
export const fontFamily = "'Inter Variable', Inter, Helvetica, Arial, sans-serif";

/** XML 1.0 has no place for other control characters. */
const escaped = (text: string): string =>
  text
    .replace(/[^\P{Cc}\t\n\r]|\ufffe|\uffff/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
