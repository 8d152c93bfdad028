import type { ReactNode } from 'react';
import type { Evaluation } from '../../../preload/contract/registration-evaluation.ts';
import { formatNumber } from '../../ui/format.ts';

const [width, height, foot] = [272, 84, 16];

/** How many places are made smaller and larger, by how much: left of the line smaller, right of it larger. */
export function JacobianHistogram({ jacobian }: { readonly jacobian: Evaluation['jacobian'] }): ReactNode {
  const { least, most, histogram } = jacobian;
  const { from, to, counts } = histogram;
  const highest = Math.max(1, ...counts);
  const column = width / Math.max(1, counts.length);
  const x = (log: number): number => ((log - from) / (to - from)) * width;
  const words = `Volumes of the moving tissue over those of the fixed are from ${formatNumber(least)} to ${formatNumber(most)}.`;
  return (
    <figure className="reg-chart">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={words}>
        {counts.map((count, i) => {
          const tall = ((height - foot) * count) / highest;
          return (
            <rect
              key={from + i}
              className="reg-bin"
              x={i * column}
              y={height - foot - tall}
              width={Math.max(0.5, column - 0.5)}
              height={tall}
            />
          );
        })}
        {from < 0 && to > 0 && <line className="reg-one" x1={x(0)} x2={x(0)} y1={0} y2={height - foot} />}
        <text className="sweep-name" x={0} y={height - 3}>
          {formatNumber(Math.exp(from))}
        </text>
        {from < 0 && to > 0 && (
          <text className="sweep-name" x={x(0)} y={height - 3} textAnchor="middle">
            1
          </text>
        )}
        <text className="sweep-name" x={width} y={height - 3} textAnchor="end">
          {formatNumber(Math.exp(to))}
        </text>
      </svg>
      <figcaption className="faint">{words}</figcaption>
    </figure>
  );
}
