import type { PaneSize } from '../view.ts';
import { roundBar } from './scale-bar.ts';

/** What is drawn over a figure, as shapes in its pixels: painted on pictures, and written as vectors in SVG. */
export type Shape =
  | {
      readonly kind: 'box';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      /** One colour, or several from left to right. */
      readonly fill: string | readonly string[];
      readonly opacity?: number;
    }
  | {
      readonly kind: 'text';
      readonly x: number;
      /** Of the base line. */
      readonly y: number;
      readonly text: string;
      readonly sizePx: number;
      readonly anchor: 'start' | 'middle' | 'end';
      readonly colour: string;
    };

export interface LegendEntry {
  readonly name: string;
  readonly detail: string;
  readonly colours: readonly string[];
  /** Colours side by side, not one turning into the next. */
  readonly stripes?: boolean;
}

export interface DecorRequest {
  readonly size: PaneSize;
  readonly nmPerPx: number;
  /** Its nanometres count voxels, whose size nobody says. */
  readonly unsized: boolean;
  readonly scaleBar: boolean;
  readonly legend: readonly LegendEntry[];
  /** Width of a text of this size, px. */
  readonly measure: (text: string, sizePx: number) => number;
}

/** So many text heights fit along the side of a square of the picture's area: figures look alike at every size. */
const textsAcross = 56;
const backing = '#000000';
const ink = '#ffffff';
const most = 16;

export function decorOf(request: DecorRequest): readonly Shape[] {
  const { width, height } = request.size;
  const em = Math.max(10, Math.round(Math.sqrt(width * height) / textsAcross));
  return [...(request.scaleBar ? barShapes(request, em) : []), ...legendShapes(request, em)];
}

/** At the lower right. The bar stands on whole pixels, so that its ends are sharp. */
function barShapes({ size, nmPerPx, unsized, measure }: DecorRequest, em: number): readonly Shape[] {
  const bar = roundBar(nmPerPx, size.width * 0.22, unsized);
  if (!bar || bar.widthPx < 2) return [];
  const thickness = Math.max(2, Math.round(em / 4));
  const inner = Math.max(bar.widthPx, Math.ceil(measure(bar.label, em)));
  const box = { width: inner + 2 * em, height: Math.round(em * 1.9) + thickness };
  const [x, y] = [size.width - box.width - em, size.height - box.height - em];
  const left = x + em + Math.floor((inner - bar.widthPx) / 2);
  return [
    { kind: 'box', x, y, ...box, fill: backing, opacity: 0.55 },
    {
      kind: 'text',
      x: left + bar.widthPx / 2,
      y: y + Math.round(em * 1.15),
      text: bar.label,
      sizePx: em,
      anchor: 'middle',
      colour: ink,
    },
    { kind: 'box', x: left, y: y + Math.round(em * 1.45), width: bar.widthPx, height: thickness, fill: ink },
  ];
}

/** At the lower left: a swatch, the name and the window of each layer, the top layer first. */
function legendShapes({ size, legend, measure }: DecorRequest, em: number): readonly Shape[] {
  const shown = legend.length > most ? legend.slice(0, most - 1) : legend;
  const left = legend.length - shown.length;
  const lines = [
    ...shown,
    ...(left > 0 ? [{ name: `and ${left} more`, detail: '', colours: [] } satisfies LegendEntry] : []),
  ];
  if (lines.length === 0) return [];
  const [line, swatch] = [Math.round(em * 1.5), em * 2];
  const text = ({ name, detail }: LegendEntry): string => (detail === '' ? name : `${name}  ${detail}`);
  const room = size.width * 0.5 - swatch - 3 * em;
  const texts = lines.map((entry) => shortened(text(entry), room, (words) => measure(words, em)));
  const width = Math.ceil(Math.max(...texts.map((words) => measure(words, em)))) + swatch + 3 * em;
  const box = { width, height: lines.length * line + em };
  const [x, y] = [em, size.height - box.height - em];
  return [
    { kind: 'box', x, y, ...box, fill: backing, opacity: 0.55 },
    ...lines.flatMap((entry, i): Shape[] => {
      const top = y + Math.round(em / 2) + i * line;
      const words: Shape = {
        kind: 'text',
        x: x + 2 * em + swatch,
        y: top + Math.round(em * 1.1),
        text: texts[i] ?? '',
        sizePx: em,
        anchor: 'start',
        colour: ink,
      };
      return [...swatchShapes(entry, { x: x + em, y: top + Math.round(em * 0.3), width: swatch, height: em }), words];
    }),
  ];
}

type Place = Pick<Extract<Shape, { kind: 'box' }>, 'x' | 'y' | 'width' | 'height'>;

function swatchShapes({ colours, stripes = false }: LegendEntry, place: Place): readonly Shape[] {
  const [first] = colours;
  if (first === undefined) return [];
  if (!stripes) return [{ kind: 'box', ...place, fill: colours.length === 1 ? first : colours }];
  const edge = (i: number): number => place.x + Math.round((i * place.width) / colours.length);
  return colours.map((fill, i) => ({ kind: 'box', ...place, x: edge(i), width: edge(i + 1) - edge(i), fill }));
}

function shortened(text: string, room: number, measure: (text: string) => number): string {
  if (measure(text) <= room) return text;
  let cut = text;
  while (cut.length > 1 && measure(`${cut}…`) > room) cut = cut.slice(0, -1);
  return `${cut}…`;
}
