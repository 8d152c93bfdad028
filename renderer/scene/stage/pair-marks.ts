import type { Mark } from './messages.ts';

/** A pair of landmarks in a pane: a ring where the moving end is, a disc where it belongs, a line from one to the other. */

type Context = OffscreenCanvasRenderingContext2D;
export interface EndPlace {
  readonly x: number;
  readonly y: number;
  /** 0 to 1: it fades the farther it lies off the plane. */
  readonly alpha: number;
}

const dark = '#0e0e10';

/** `ends`: those that the mark has, the moving one first; of a draft, the pointer is the fixed one. */
export function drawPair(context: Context, { colour, selected, pair, draft }: Mark, ends: readonly EndPlace[]): void {
  const moving = pair?.moving === false ? null : (ends[0] ?? null);
  const last = ends[ends.length - 1] ?? null;
  const fixed = (pair?.fixed || draft) && last !== moving ? last : null;
  const off = pair?.on === false;
  if (moving && fixed) {
    context.globalAlpha = Math.max(moving.alpha, fixed.alpha) * (off ? 0.5 : 0.9);
    joinEnds(context, moving, fixed, colour, selected);
  }
  for (const [place, isFixed] of [
    [moving, false],
    [fixed, true],
  ] as const) {
    if (!place || place.alpha <= 0) continue;
    context.globalAlpha = off ? place.alpha * 0.5 : place.alpha;
    drawEnd(context, place, { colour, selected, isFixed });
  }
  const named = fixed && fixed.alpha >= (moving?.alpha ?? 0) ? fixed : moving;
  if (named && pair && named.alpha > 0) {
    context.globalAlpha = off ? named.alpha * 0.6 : named.alpha;
    number(context, named, pair.number, colour);
  }
  context.globalAlpha = 1;
}

function joinEnds(context: Context, from: EndPlace, to: EndPlace, colour: string, selected: boolean): void {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length < 12) return;
  const [ux, uy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  const [start, end] = [6, length - 8];
  const at = (along: number, aside: number): [number, number] => [
    from.x + ux * along - uy * aside,
    from.y + uy * along + ux * aside,
  ];
  for (const [width, style] of [
    [selected ? 5 : 4, dark],
    [selected ? 2.5 : 1.5, colour],
  ] as const) {
    context.beginPath();
    context.moveTo(...at(start, 0));
    context.lineTo(...at(end, 0));
    context.moveTo(...at(end - 7, -4));
    context.lineTo(...at(end, 0));
    context.lineTo(...at(end - 7, 4));
    context.lineWidth = width;
    context.strokeStyle = style;
    context.stroke();
  }
}

interface EndLook {
  readonly colour: string;
  readonly selected: boolean;
  readonly isFixed: boolean;
}

/** Rings and discs have a dark edge, so that they are seen on any grey. */
function drawEnd(context: Context, { x, y }: EndPlace, { colour, selected, isFixed }: EndLook): void {
  const r = isFixed ? 4.5 : 6.5;
  context.beginPath();
  context.arc(x, y, r, 0, Math.PI * 2);
  context.lineWidth = isFixed ? 3 : 5;
  context.strokeStyle = dark;
  context.stroke();
  if (isFixed) {
    context.fillStyle = colour;
    context.fill();
  } else {
    context.lineWidth = 2.2;
    context.strokeStyle = colour;
    context.stroke();
  }
  if (!selected) return;
  context.beginPath();
  context.arc(x, y, r + 4, 0, Math.PI * 2);
  context.lineWidth = 1.5;
  context.strokeStyle = '#ffffff';
  context.stroke();
}

function number(context: Context, { x, y }: EndPlace, text: string, colour: string): void {
  context.font = '600 11px "Inter Variable", Inter, system-ui, sans-serif';
  context.textBaseline = 'middle';
  const [left, top, width] = [x + 10, y - 18, context.measureText(text).width + 8];
  context.fillStyle = 'rgb(14 14 16 / 82%)';
  context.beginPath();
  context.roundRect(left, top, width, 15, 4);
  context.fill();
  context.fillStyle = colour;
  context.fillText(text, left + 4, top + 8);
}
