import { useEffect, useRef } from 'react';
import type { MouseEvent, ReactNode } from 'react';
import { formatNumber, withMinus } from './format.ts';
import './trend-plot.css';

export interface TrendPoint {
  readonly id: number;
  readonly value: number;
  readonly flagged: boolean;
}

export interface TrendPlotProps {
  readonly title: string;
  /** What it says, and in which unit. */
  readonly about: string;
  /** In order. */
  readonly points: readonly TrendPoint[];
  readonly low: number | null;
  readonly high: number | null;
  readonly median: number | null;
  readonly selected: number | null;
  readonly onSelect: (id: number) => void;
  /** Opens what sets the limits. */
  readonly onLimits: () => void;
}

/** Values in order of arrival, the band that they should lie in, and those that do not. A click chooses the nearest. */
export function TrendPlot(props: TrendPlotProps): ReactNode {
  const { title, about, points, low, high, onSelect } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const paint = (): void => draw(element, props);
    const watching = new ResizeObserver(paint);
    watching.observe(element);
    return () => watching.disconnect();
  });
  const last = points.at(-1);
  const outside = points.filter(({ flagged }) => flagged).length;
  const click = (event: MouseEvent<HTMLCanvasElement>): void => {
    const nearest = nearestAt(event.currentTarget, props, event.nativeEvent.offsetX, event.nativeEvent.offsetY);
    if (nearest) onSelect(nearest.id);
  };
  return (
    <figure className="trend">
      <figcaption>
        <span title={about}>{title}</span>
        <span className="mono">{last ? reading(last.value) : '–'}</span>
        <button
          type="button"
          className="trend-limits mono"
          aria-label={`Limits of ${title}: ${limitText(low, high)}`}
          onClick={props.onLimits}
        >
          {limitText(low, high)}
        </button>
      </figcaption>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${title}: ${points.length} tiles in order of arrival, the last ${last ? formatNumber(last.value) : 'none'}, limits ${limitText(low, high)}, ${outside} with an alarm. The Alarms tab lists them.`}
        onClick={click}
      />
    </figure>
  );
}

/** Below the fourth decimal a reading is noise. */
const reading = (value: number): string =>
  withMinus(Math.abs(value) < 0.001 ? String(Number(value.toFixed(4))) : formatNumber(value));

function limitText(low: number | null, high: number | null): string {
  if (low !== null && high !== null) return `${formatNumber(low)} to ${formatNumber(high)}`;
  if (low !== null) return `from ${formatNumber(low)}`;
  return high !== null ? `up to ${formatNumber(high)}` : 'no limit';
}

const edge = { left: 6, right: 10, top: 6, bottom: 6 };

interface Scale {
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
}

function scaleOf({ points, low, high }: TrendPlotProps, width: number, height: number): Scale {
  const sorted = points.map(({ value }) => value).toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const room = 4 * (at(0.98) - at(0.02)) + 1e-9;
  const limits = [low, high].filter((limit) => limit !== null);
  // One that is far off lies on the edge, and does not flatten the rest.
  const least = Math.min(Math.max(at(0), at(0.02) - room), ...limits);
  const most = Math.max(Math.min(at(1), at(0.98) + room), ...limits);
  const span = most - least || 1;
  const inner = height - edge.top - edge.bottom;
  return {
    x: (index) => edge.left + ((width - edge.left - edge.right) * index) / Math.max(1, points.length - 1),
    y: (value) =>
      edge.top + inner * (1 - (Math.min(most, Math.max(least, value)) - least + 0.04 * span) / (1.08 * span)),
  };
}

function draw(canvas: HTMLCanvasElement, props: TrendPlotProps): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  if (!context || props.points.length === 0) return;
  context.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => style.getPropertyValue(name);
  const scale = scaleOf(props, width, height);
  drawBand(context, props, scale, width, height, colour);
  const { points, selected } = props;
  const every = Math.max(1, Math.ceil(points.length / (2 * width)));
  context.fillStyle = colour('--text-3');
  points.forEach(({ value, flagged }, i) => {
    if (!flagged && i % every === 0) dot(context, scale.x(i), scale.y(value), 1.4);
  });
  context.fillStyle = colour('--red');
  points.forEach(({ value, flagged }, i) => flagged && dot(context, scale.x(i), scale.y(value), 3));
  const chosen = points.findIndex(({ id }) => id === selected);
  const point = points[chosen];
  if (!point) return;
  context.strokeStyle = colour('--focus');
  context.lineWidth = 2;
  context.beginPath();
  context.arc(scale.x(chosen), scale.y(point.value), 5, 0, 2 * Math.PI);
  context.stroke();
}

function drawBand(
  context: CanvasRenderingContext2D,
  { low, high, median }: TrendPlotProps,
  { y }: Scale,
  width: number,
  height: number,
  colour: (name: string) => string,
): void {
  if (low !== null || high !== null) {
    const [top, bottom] = [high === null ? 0 : y(high), low === null ? height : y(low)];
    context.fillStyle = colour('--accent-soft');
    context.globalAlpha = 0.55;
    context.fillRect(0, top, width, bottom - top);
    context.globalAlpha = 1;
  }
  context.lineWidth = 1;
  for (const [value, dash, name] of [
    [low, [4, 3], '--amber'],
    [high, [4, 3], '--amber'],
    [median, [], '--line-strong'],
  ] as const) {
    if (value === null) continue;
    context.setLineDash([...dash]);
    context.strokeStyle = colour(name);
    context.beginPath();
    context.moveTo(0, y(value));
    context.lineTo(width, y(value));
    context.stroke();
  }
  context.setLineDash([]);
}

function dot(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function nearestAt(canvas: HTMLCanvasElement, props: TrendPlotProps, x: number, y: number): TrendPoint | null {
  const scale = scaleOf(props, canvas.clientWidth, canvas.clientHeight);
  let [best, least]: [TrendPoint | null, number] = [null, Infinity];
  props.points.forEach((point, i) => {
    const distance = Math.hypot(scale.x(i) - x, 0.5 * (scale.y(point.value) - y));
    if (distance < least) [best, least] = [point, distance];
  });
  return best;
}
