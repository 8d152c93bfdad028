import type { ReactNode } from 'react';
import type { SweepPoint } from '../../../preload/contract/solve.ts';
import type { Sweep } from '../../state/solve.ts';
import { formatNumber } from '../../ui/format.ts';

const [width, height, left, bottom, edge] = [272, 168, 40, 30, 10];

interface Axis {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Log-log: deformation over residual, a point a lambda. The nearest to the chosen lambda is filled. */
export function SweepPlot({
  sweep: { points, corner },
  lambda,
  onLambda,
}: {
  readonly sweep: Sweep;
  readonly lambda: number;
  readonly onLambda: (lambda: number) => void;
}): ReactNode {
  const x = axisOf(
    points.map((point) => point.residualPx),
    left,
    width - edge,
  );
  const y = axisOf(
    points.map((point) => point.deformationPx),
    height - bottom,
    edge,
  );
  const place = (point: SweepPoint): readonly [number, number] => [x.at(point.residualPx), y.at(point.deformationPx)];
  return (
    <figure className="sweep">
      <svg viewBox={`0 0 ${width} ${height}`} role="group" aria-label="Residual against deformation, a point a lambda">
        {x.ticks.map((tick) => (
          <g key={tick} className="sweep-tick">
            <line x1={x.at(tick)} x2={x.at(tick)} y1={edge} y2={height - bottom} />
            <text x={x.at(tick)} y={height - bottom + 13} textAnchor="middle">
              {formatNumber(tick)}
            </text>
          </g>
        ))}
        {y.ticks.map((tick) => (
          <g key={tick} className="sweep-tick">
            <line x1={left} x2={width - edge} y1={y.at(tick)} y2={y.at(tick)} />
            <text x={left - 5} y={y.at(tick) + 3} textAnchor="end">
              {formatNumber(tick)}
            </text>
          </g>
        ))}
        <text className="sweep-name" x={(left + width) / 2} y={height - 3} textAnchor="middle">
          residual, px
        </text>
        <text
          className="sweep-name"
          transform={`translate(9 ${(height - bottom) / 2}) rotate(-90)`}
          textAnchor="middle"
        >
          deformation, px
        </text>
        <polyline className="sweep-line" points={points.map((point) => place(point).join()).join(' ')} />
        {points.map((point) => (
          <SweepDot
            key={point.lambda}
            point={point}
            at={place(point)}
            isCorner={point.lambda === corner}
            isChosen={point === nearest(points, lambda)}
            onChoose={() => onLambda(point.lambda)}
          />
        ))}
      </svg>
      <figcaption className="faint">
        Firmer to the right. The ringed point is suggested: lambda {lambdaText(corner)}.
      </figcaption>
    </figure>
  );
}

interface DotProps {
  readonly point: SweepPoint;
  readonly at: readonly [number, number];
  readonly isCorner: boolean;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

function SweepDot({ point, at: [x, y], isCorner, isChosen, onChoose }: DotProps): ReactNode {
  const words = `Lambda ${lambdaText(point.lambda)}: residual ${formatNumber(point.residualPx)} px, deformation ${formatNumber(point.deformationPx)} px`;
  return (
    <g
      role="button"
      tabIndex={0}
      aria-pressed={isChosen}
      aria-label={words}
      className={isChosen ? 'sweep-dot chosen' : 'sweep-dot'}
      onClick={onChoose}
      onKeyDown={(event) => (event.key === 'Enter' || event.key === ' ') && onChoose()}
    >
      <title>{words}</title>
      <circle className="sweep-target" cx={x} cy={y} r={9} />
      {isCorner && <circle className="sweep-ring" cx={x} cy={y} r={7} />}
      <circle cx={x} cy={y} r={isChosen ? 4.5 : 3} />
    </g>
  );
}

const nearest = (points: readonly SweepPoint[], lambda: number): SweepPoint | undefined =>
  points.toSorted((a, b) => Math.abs(Math.log(a.lambda / lambda)) - Math.abs(Math.log(b.lambda / lambda)))[0];

export const lambdaText = (lambda: number): string =>
  lambda >= 0.01 && lambda < 1000 ? formatNumber(lambda) : lambda.toExponential(0);

/** A logarithmic axis over the values with some room, and up to four round numbers on it. */
function axisOf(values: readonly number[], from: number, to: number): Axis {
  const logs = values.map((value) => Math.log10(Math.max(value, 1e-6)));
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const room = Math.max(0.05, (high - low) * 0.08);
  const [first, last] = [low - room, high + room];
  const at = (value: number): number =>
    from + ((Math.log10(Math.max(value, 1e-6)) - first) / (last - first)) * (to - from);
  const round = [1, 2, 5].flatMap((m) => Array.from({ length: 13 }, (_, i) => m * 10 ** (i - 6)));
  const inside = round.filter((v) => Math.log10(v) > first && Math.log10(v) < last).toSorted((a, b) => a - b);
  const step = Math.max(1, Math.ceil(inside.length / 4));
  return { at, ticks: inside.filter((_, i) => i % step === 0) };
}
