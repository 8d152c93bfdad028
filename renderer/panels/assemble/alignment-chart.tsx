import type { KeyboardEvent, ReactNode } from 'react';
import { formatNumber } from '../../ui/format.ts';
import { nccText, type StripPair } from './alignment-strip.ts';
import { type Axis, Rows, side } from './chart-frame.tsx';

const { left, right } = side;
const [top, gap, foot] = [16, 22, 20];
const [nccHeight, apartHeight] = [70, 56];
const apartTop = top + nccHeight + gap;
export const plotHeight = apartTop + apartHeight + foot;

interface ChartProps {
  readonly strip: readonly StripPair[];
  /** CSS pixels. */
  readonly width: number;
  readonly chosen: number;
  readonly onChoose: (index: number) => void;
  readonly onHover: (index: number | null) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** Two rows over z: correlation of a section with the next, and how far apart they lay. Rings before, dots now. */
export function AlignmentChart({ strip, width, chosen, onChoose, onHover, onKeyDown }: ChartProps): ReactNode {
  const column = (width - left - right) / Math.max(1, strip.length);
  const [ncc, apart] = [nccAxis(strip), apartAxis(strip)];
  const every = Math.max(1, Math.ceil(44 / column));
  return (
    <svg
      width={width}
      height={plotHeight}
      role="listbox"
      aria-label="How well each section fits the next, along z"
      aria-orientation="horizontal"
      onKeyDown={onKeyDown}
      onMouseLeave={() => onHover(null)}
    >
      <Rows axis={ncc} width={width} text={nccText} />
      <Rows axis={apart} width={width} text={formatNumber} />
      {strip.map((one, i) => (
        <g key={one.pair.a} transform={`translate(${left + i * column} 0)`}>
          <Pair
            one={one}
            column={column}
            axes={[ncc, apart]}
            isChosen={i === chosen}
            onChoose={() => onChoose(i)}
            onHover={() => onHover(i)}
          />
          {one.pair.state !== 'kept' && column >= 44 && (
            <text className="align-tick" x={column / 2} y={apartTop + apartHeight / 2} textAnchor="middle">
              no match
            </text>
          )}
          {i % every === 0 && (
            <text className="align-tick" x={column / 2} y={plotHeight - 6} textAnchor="middle">
              {one.pair.a}–{one.pair.b}
            </text>
          )}
        </g>
      ))}
      <Name y={top - 6}>correlation with the next section: ring before, dot now</Name>
      <Name y={apartTop - 6}>how far matched blocks lie apart, px</Name>
    </svg>
  );
}

/** Over the columns, whatever their colour. */
const Name = ({ y, children }: { readonly y: number; readonly children: string }): ReactNode => (
  <text className="align-name" x={left + 4} y={y} aria-hidden>
    {children}
  </text>
);

interface PairProps {
  readonly one: StripPair;
  readonly column: number;
  readonly axes: readonly [Axis, Axis];
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  readonly onHover: () => void;
}

function Pair({
  one: { pair, marks, words },
  column,
  axes: [ncc, apart],
  isChosen,
  onChoose,
  onHover,
}: PairProps): ReactNode {
  const [x, r] = [column / 2, Math.max(1.2, Math.min(3.5, column / 3))];
  const { nccBefore, nccAfter, state } = pair;
  const worse = nccBefore !== null && nccAfter !== null && nccAfter < nccBefore - 0.05;
  return (
    <g
      className={`align-pair ${isChosen ? 'chosen' : ''} ${worse ? 'worse' : ''}`}
      role="option"
      aria-selected={isChosen}
      aria-label={words}
      tabIndex={isChosen ? 0 : -1}
      onClick={onChoose}
      onMouseEnter={onHover}
      onFocus={onHover}
    >
      <rect
        className={`align-column ${marks.join(' ')}`}
        x={0.5}
        y={top - 2}
        width={Math.max(1, column - 1)}
        height={plotHeight - top - foot + 6}
        rx={3}
      />
      {nccBefore !== null && nccAfter !== null && <FromTo x={x} r={r} from={ncc.at(nccBefore)} to={ncc.at(nccAfter)} />}
      {state === 'kept' && <FromTo x={x} r={r} from={apart.at(pair.movedPx)} to={apart.at(pair.medianPx)} />}
    </g>
  );
}

interface FromToProps {
  readonly x: number;
  readonly r: number;
  readonly from: number;
  readonly to: number;
}

const FromTo = ({ x, r, from, to }: FromToProps): ReactNode => (
  <>
    <line className="align-way" x1={x} x2={x} y1={from} y2={to} />
    <circle className="align-before" cx={x} cy={from} r={r} />
    <circle className="align-after" cx={x} cy={to} r={r} />
  </>
);

/** From the least round correlation, at most 0, up to 1. */
function nccAxis(strip: readonly StripPair[]): Axis {
  const values = strip.flatMap(({ pair }) => [pair.nccBefore ?? 0, pair.nccAfter ?? 0]);
  const low = Math.min(0, Math.floor(Math.min(...values) * 5) / 5);
  const at = (value: number): number => top + ((1 - value) / (1 - low)) * nccHeight;
  return { at, ticks: [...(low < -0.3 ? [low] : []), 0, 0.5, 1] };
}

/** Logarithmic: what lay apart by tens of pixels may lie apart by a tenth of one now. */
function apartAxis(strip: readonly StripPair[]): Axis {
  const values = strip.filter(({ pair }) => pair.state === 'kept').flatMap(({ pair }) => [pair.movedPx, pair.medianPx]);
  const logs = values.map((value) => Math.log10(Math.max(value, 0.01)));
  const [low, high] = [Math.floor(Math.min(-1, ...logs)), Math.ceil(Math.max(1, ...logs))];
  const at = (value: number): number =>
    apartTop + ((high - Math.log10(Math.max(value, 10 ** low))) / (high - low)) * apartHeight;
  const step = high - low > 3 ? 2 : 1;
  return {
    at,
    ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)).filter((_, i) => i % step === 0),
  };
}
