import { useState } from 'react';
import type { ReactNode } from 'react';
import type { DeformLevel } from '../../../preload/contract/deform.ts';
import type { Progress } from '../../state/register/deform.ts';
import { remPx } from '../../ui/rem.ts';
import { useSize } from '../../ui/use-size.ts';
import { formatNumber, formatSize, formatUm, plural, withMinus } from '../../ui/format.ts';

type Level = DeformLevel & { readonly state?: Progress['levels'][number]['state'] };

/** Its own pixels, so that its words are as large as others are. */
interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly foot: number;
}

const frameOf = (width: number, rem: number): Frame => ({
  ...{ width, height: 9.5 * rem, left: 3.2 * rem, right: 0.6 * rem, top: 0.8 * rem, foot: 1.7 * rem },
});

const stateWords = { waiting: 'waits', running: 'under way', done: 'done', accepted: 'accepted' } as const;

/** What is compared after each step, level by level: lower is closer. */
export function MetricChart({ levels }: { readonly levels: readonly Level[] }): ReactNode {
  const [chosen, setChosen] = useState<number | null>(null);
  const now = levels.findIndex(({ state }) => state === 'running');
  const shown = levels[chosen ?? (now >= 0 ? now : levels.length - 1)] ?? levels[0];
  const [place, size] = useSize();
  const frame = frameOf(Math.max(120, size.width), remPx());
  const { width, height, left, right, foot } = frame;
  const steps = stepsOf(levels);
  const axis = axisOf(levels, frame);
  const x = (step: number): number => left + ((width - left - right) * step) / Math.max(1, steps - 1);
  return (
    <figure className="reg-chart" ref={place}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        height={height}
        role="group"
        aria-label="What is compared, level by level: lower is closer"
      >
        {axis.ticks.map((tick) => (
          <g key={tick} className="sweep-tick" aria-hidden>
            <line x1={left} x2={width - right} y1={axis.at(tick)} y2={axis.at(tick)} />
            <text x={left - 5} y={axis.at(tick) + foot / 6} textAnchor="end">
              {withMinus(formatNumber(tick))}
            </text>
          </g>
        ))}
        {levels.map((level, i) => {
          const from = stepsOf(levels.slice(0, i));
          return (
            <Curve
              key={level.resolutionUm}
              frame={frame}
              level={level}
              points={level.data.map((value, step) => `${x(from + step).toFixed(1)},${axis.at(value).toFixed(1)}`)}
              from={x(from)}
              to={x(from + stepsOf([level]) - 1)}
              isShown={level === shown}
              onShow={() => setChosen(i)}
            />
          );
        })}
      </svg>
      {shown && <figcaption className="faint">{captionOf(shown)}</figcaption>}
    </figure>
  );
}

/** Points of the curves; a level that waits has the place of one. */
const stepsOf = (levels: readonly Level[]): number =>
  levels.reduce((sum, { data }) => sum + Math.max(1, data.length), 0);

interface CurveProps {
  readonly frame: Frame;
  readonly level: Level;
  readonly points: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly isShown: boolean;
  readonly onShow: () => void;
}

function Curve({ frame, level, points, from, to, isShown, onShow }: CurveProps): ReactNode {
  const [last] = points.slice(-1);
  const { width, height, right, top, foot } = frame;
  const [cx, cy] = (last ?? '').split(',').map(Number);
  return (
    <g
      role="button"
      tabIndex={0}
      aria-label={wordsOf(level)}
      aria-pressed={isShown}
      className={`reg-curve ${isShown ? 'shown' : ''}`}
      onClick={onShow}
      onKeyDown={(event) => (event.key === 'Enter' || event.key === ' ') && onShow()}
    >
      <rect x={from - 3} y={top - 4} width={Math.max(24, to - from + 6)} height={height - top - foot + 8} rx={3} />
      <polyline points={points.join(' ')} />
      {cx !== undefined && cy !== undefined && last && <circle cx={cx} cy={cy} r={2.6} />}
      {(to - from > 2.5 * foot || isShown) && (
        <text x={Math.min(width - right - foot, (from + to) / 2)} y={height - foot / 3} textAnchor="middle">
          {formatUm(level.resolutionUm)}
        </text>
      )}
    </g>
  );
}

/** A level in short, as there is little room. */
function captionOf({ resolutionUm, data, leastDeterminant, folds }: Level): string {
  const [first, last] = [data[0], data.at(-1)];
  const gain =
    first === undefined || last === undefined
      ? ''
      : `, ${withMinus(formatNumber(first))} → ${withMinus(formatNumber(last))} (lower fits better)`;
  return [
    `${formatUm(resolutionUm)}: ${plural(Math.max(0, data.length - 1), 'step')}${gain}`,
    ...(leastDeterminant === null ? [] : [`least local volume ${formatNumber(leastDeterminant)}`]),
    ...(folds > 0 ? [`${plural(folds, 'step')} taken back`] : []),
  ].join('; ');
}

/** A level in a sentence. */
function wordsOf({ resolutionUm, size, data, leastDeterminant, folds, state }: Level): string {
  const [first, last] = [data[0], data.at(-1)];
  const gain =
    first === undefined || last === undefined || data.length < 2
      ? 'no step yet'
      : `${plural(data.length - 1, 'step')}, ${withMinus(formatNumber(first))} → ${withMinus(formatNumber(last))}`;
  const fold = leastDeterminant === null ? '' : `; least local volume ${formatNumber(leastDeterminant)}`;
  const back =
    folds > 0 ? `; ${plural(folds, 'step')} taken back, as ${folds === 1 ? 'it' : 'they'} would have folded` : '';
  const is = state ? `, ${stateWords[state]}` : '';
  return `Level of ${formatUm(resolutionUm)} (${formatSize(size, 'voxels')})${is}: ${gain}${fold}${back}.`;
}

interface Axis {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

function axisOf(levels: readonly Level[], { height, top, foot }: Frame): Axis {
  const values = levels.flatMap(({ data }) => data).filter(Number.isFinite);
  const [low, high] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [0, 1];
  const span = high - low || Math.abs(high) || 1;
  const at = (value: number): number => top + (height - top - foot) * (1 - (value - low + 0.05 * span) / (1.1 * span));
  const step = roundStep(span / 3);
  const first = Math.ceil(low / step);
  const count = Math.max(1, Math.floor(high / step) - first + 1);
  return { at, ticks: Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(6))) };
}

/** 1, 2 or 5 times a power of ten, at least so much. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((m) => m * power >= least) ?? 10) * power;
}
