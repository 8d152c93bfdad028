import { useMemo, useRef } from 'react';
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react';
import { formatNumber } from './format.ts';
import './histogram.css';

interface HistogramProps {
  readonly label: string;
  readonly counts: readonly number[];
  /** Grey levels at the left and right end. */
  readonly range: readonly [number, number];
  /** Handles, where the window can be changed. */
  readonly window?: readonly [number, number];
  readonly onWindow?: (window: readonly [number, number]) => void;
  /** What the handles are called. */
  readonly ends?: readonly [string, string];
}

const width = 256;
const height = 72;

/** Counts on a log scale; two handles that drag, or move with the arrow keys. */
export function Histogram({
  label,
  counts,
  range,
  window,
  onWindow,
  ends = ['Black level', 'White level'],
}: HistogramProps): ReactNode {
  const path = useMemo(() => logOutline(counts, width, height), [counts]);
  const frame = useRef<HTMLDivElement>(null);
  const x = (level: number): number => ((level - range[0]) / (range[1] - range[0] || 1)) * 100;
  return (
    <div className="histogram" role="group" aria-label={label}>
      <div className="histogram-frame" ref={frame}>
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden>
          <path d={path} />
        </svg>
        {window && (
          <>
            <span className="outside" style={{ left: 0, width: `${clampPercent(x(window[0]))}%` }} />
            <span className="outside" style={{ right: 0, width: `${clampPercent(100 - x(window[1]))}%` }} />
          </>
        )}
        {window && onWindow && <Handles window={window} range={range} frame={frame} ends={ends} onWindow={onWindow} />}
      </div>
      <div className="histogram-ends mono" aria-hidden>
        <span>{formatNumber(range[0])}</span>
        <span>{formatNumber(range[1])}</span>
      </div>
    </div>
  );
}

const clampPercent = (p: number): number => Math.max(0, Math.min(100, p));

/** log(1 + count) as a filled outline. */
export function logOutline(counts: readonly number[], width: number, height: number): string {
  const top = Math.log1p(Math.max(1, ...counts));
  const points = counts.map((count, i) => {
    const y = (height - (Math.log1p(count) / top) * (height - 2)).toFixed(1);
    return `L${((i / counts.length) * width).toFixed(1)} ${y}L${(((i + 1) / counts.length) * width).toFixed(1)} ${y}`;
  });
  return `M0 ${height}${points.join('')}L${width} ${height}Z`;
}

interface HandlesProps {
  readonly window: readonly [number, number];
  readonly range: readonly [number, number];
  readonly frame: { readonly current: HTMLDivElement | null };
  readonly ends: readonly [string, string];
  readonly onWindow: (window: readonly [number, number]) => void;
}

function Handles({ window, range, frame, ends, onWindow }: HandlesProps): ReactNode {
  const span = range[1] - range[0] || 1;
  const put = (end: 0 | 1, level: number): void => {
    const gap = span / 512;
    const kept = Math.max(range[0], Math.min(range[1], level));
    onWindow(end === 0 ? [Math.min(kept, window[1] - gap), window[1]] : [window[0], Math.max(kept, window[0] + gap)]);
  };
  const drag = (end: 0 | 1) => (event: PointerEvent<HTMLElement>) => {
    if (event.type === 'pointerdown') event.currentTarget.setPointerCapture(event.pointerId);
    const box = frame.current?.getBoundingClientRect();
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    put(end, range[0] + ((event.clientX - box.left) / box.width) * span);
  };
  const press = (end: 0 | 1) => (event: KeyboardEvent) => {
    const step =
      ({ ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -16, PageUp: 16 }[event.key] ?? 0) *
      (span / 256);
    if (step === 0) return;
    event.preventDefault();
    event.stopPropagation();
    put(end, window[end] + step);
  };
  return ([0, 1] as const).map((end) => (
    <button
      key={end}
      type="button"
      className="histogram-handle"
      role="slider"
      aria-label={ends[end]}
      aria-valuetext={formatNumber(window[end])}
      aria-valuemin={range[0]}
      aria-valuemax={range[1]}
      aria-valuenow={window[end]}
      style={{ left: `${clampPercent(((window[end] - range[0]) / span) * 100)}%` }}
      onPointerDown={drag(end)}
      onPointerMove={drag(end)}
      onKeyDown={press(end)}
    />
  ));
}
