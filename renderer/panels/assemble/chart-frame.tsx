import { useLayoutEffect, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';

/** What charts of sections along z have in common: a frame that scrolls, keys that step along, lines at their ticks. */

/** Beside the columns, CSS pixels: for the numbers at the ticks, and to the edge. */
export const side = { left: 44, right: 8 } as const;

export interface Axis {
  /** How far down a value lies, CSS pixels. */
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

interface FrameProps {
  /** Of the columns, drawn as `.align-pair` each in their order. */
  readonly count: number;
  /** Index of the column that is looked at; -1 where none is. */
  readonly chosen: number;
  readonly onChoose: (index: number) => void;
  /** Room that is kept for the chart, CSS pixels; as the style sheet says where left out. */
  readonly plotHeight?: number;
  readonly children: (width: number, onKeyDown: (event: KeyboardEvent) => void) => ReactNode;
}

/** The frame of a chart that is as wide as there is room; arrow keys, Home and End take choice and focus along it. */
export function ChartFrame({ count, chosen, onChoose, plotHeight, children }: FrameProps): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const watching = new ResizeObserver(() => setWidth(Math.max(240, element.clientWidth)));
    watching.observe(element);
    if (plotHeight !== undefined) element.style.setProperty('--plot-height', `${plotHeight}px`);
    return () => watching.disconnect();
  }, [plotHeight]);
  const stepAlong = (event: KeyboardEvent): void => {
    const to = { ArrowRight: chosen + 1, ArrowLeft: chosen - 1, Home: 0, End: count - 1 }[event.key];
    if (to === undefined || count === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const next = Math.min(count - 1, Math.max(0, to));
    onChoose(next);
    event.currentTarget.querySelectorAll<SVGGElement>('.align-pair')[next]?.focus();
  };
  return (
    <div ref={frame} className="align-frame">
      {children(width, stepAlong)}
    </div>
  );
}

interface RowsProps {
  readonly axis: Axis;
  readonly width: number;
  readonly text: (value: number) => string;
}

/** A line over the whole width at each tick of an axis, and its number. */
export function Rows({ axis, width, text }: RowsProps): ReactNode {
  return (
    <g aria-hidden>
      {axis.ticks.map((tick) => (
        <g key={tick}>
          <line className="align-line" x1={side.left} x2={width - side.right} y1={axis.at(tick)} y2={axis.at(tick)} />
          <text className="align-tick" x={side.left - 6} y={axis.at(tick) + 3.5} textAnchor="end">
            {text(tick)}
          </text>
        </g>
      ))}
    </g>
  );
}
