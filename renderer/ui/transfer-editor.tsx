import { useRef, useState } from 'react';
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react';
import { formatPercent } from './format.ts';
import { logOutline } from './histogram.tsx';
import type { TransferPoint } from './transfer-points.ts';
import { addPoint, mostPoints, movePoint, pointAfter, removePoint } from './transfer-points.ts';
import './transfer-editor.css';

interface TransferEditorProps {
  readonly label: string;
  readonly points: readonly TransferPoint[];
  /** How often the values between the ends occur, behind the curve. */
  readonly counts: readonly number[];
  readonly onPoints: (points: readonly TransferPoint[]) => void;
}

const width = 256;
const height = 96;

/** A curve of opacity over grey values: points drag, or move with the arrow keys; a click on the field adds one. */
export function TransferEditor({ label, points, counts, onPoints }: TransferEditorProps): ReactNode {
  const field = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState(0);
  const place = ({ clientX, clientY }: PointerEvent): TransferPoint => {
    const box = field.current?.getBoundingClientRect() ?? new DOMRect(0, 0, 1, 1);
    return [(clientX - box.left) / box.width, 1 - (clientY - box.top) / box.height];
  };
  const drag = (index: number) => (event: PointerEvent<HTMLElement>) => {
    event.stopPropagation();
    if (event.type === 'pointerdown') event.currentTarget.setPointerCapture(event.pointerId);
    if (event.currentTarget.hasPointerCapture(event.pointerId)) onPoints(movePoint(points, index, place(event)));
  };
  const press = (index: number) => (event: KeyboardEvent) => {
    const next = afterKey(event, points, index);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    onPoints(next);
  };
  const curve = [[0, points[0]?.[1] ?? 0] as const, ...points, [1, points.at(-1)?.[1] ?? 0] as const];
  const line = curve.map(([x, y]) => `${x * width},${(1 - y) * height}`).join(' ');
  return (
    <div className="transfer" role="group" aria-label={label}>
      <div ref={field} className="transfer-field" onPointerDown={(event) => onPoints(addPoint(points, place(event)))}>
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden>
          <path d={logOutline(counts, width, height)} />
          <polygon points={`0,${height} ${line} ${width},${height}`} />
          <polyline points={line} />
        </svg>
        {points.map(([x, y], index) => (
          <button
            // A point is its place in the order: it never changes while one is dragged.
            // oxlint-disable-next-line react/no-array-index-key
            key={index}
            type="button"
            className="transfer-point"
            data-own-keys
            aria-label={`Point ${index + 1} of ${points.length}: grey ${formatPercent(x)}, opacity ${formatPercent(y)}`}
            style={{ left: `${x * 100}%`, top: `${(1 - y) * 100}%` }}
            onFocus={() => setChosen(index)}
            onPointerDown={drag(index)}
            onPointerMove={drag(index)}
            onDoubleClick={() => onPoints(removePoint(points, index))}
            onKeyDown={press(index)}
          />
        ))}
      </div>
      <div className="row">
        <button
          type="button"
          className="button link"
          aria-disabled={points.length >= mostPoints || undefined}
          onClick={() => onPoints(addPoint(points, pointAfter(points, chosen)))}
        >
          Add a point
        </button>
        <button
          type="button"
          className="button link"
          aria-disabled={points.length <= 2 || undefined}
          onClick={() => onPoints(removePoint(points, chosen))}
        >
          Remove it
        </button>
      </div>
    </div>
  );
}

const steps: Readonly<Record<string, TransferPoint>> = {
  ArrowLeft: [-0.01, 0],
  ArrowRight: [0.01, 0],
  ArrowUp: [0, 0.01],
  ArrowDown: [0, -0.01],
};

/** The points after a key on one of them; undefined for a key that means nothing here. */
function afterKey(
  { key, shiftKey }: KeyboardEvent,
  points: readonly TransferPoint[],
  index: number,
): readonly TransferPoint[] | undefined {
  const [x, y] = points[index] ?? [0, 0];
  const step = steps[key];
  const by = shiftKey ? 10 : 1;
  if (step) return movePoint(points, index, [x + by * step[0], y + by * step[1]]);
  if (key === 'Delete' || key === 'Backspace') return removePoint(points, index);
  return key === 'Insert' ? addPoint(points, pointAfter(points, index)) : undefined;
}
