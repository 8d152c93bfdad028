import type { ReactNode } from 'react';
import { barsOf, measureTitle, measureWords, rowsInside, valueOf, type Bar } from '../../../state/region-numbers.ts';
import { goToRegionAt } from '../../../state/region-jump.ts';
import { changeResult, type OpenResult } from '../../../state/region-results.ts';
import { isLeaf } from '../../../state/region-tree.ts';
import { formatNumber } from '../../../ui/format.ts';
import { ResultsWithin } from './results-within.tsx';

interface OfResult {
  readonly open: OpenResult;
}

/** The regions right inside of one, by a measure; left beside right where they are compared. A press goes inside. */
export function ResultsBars({ open }: OfResult): ReactNode {
  const { rows, measure, sides, within } = open;
  const shown = sides === 'compare' ? (['left', 'right'] as const) : ([sides] as const);
  const inside = rowsInside(rows.both, within ?? -1);
  const valuesOf = shown.map((side) => new Map(rows[side].map((row) => [row.at, valueOf(row, measure, true)])));
  const bars = barsOf(inside, measure);
  const most = Math.max(0, ...bars.flatMap(({ row }) => valuesOf.map((values) => values.get(row.at) ?? 0)));
  return (
    <div className="results-plot">
      <ResultsWithin open={open} />
      {bars.length === 0 ? (
        <p className="muted">Nothing of this lies right inside of it.</p>
      ) : (
        <ul className="results-bars" aria-label={`${measureTitle(measure)} by region`}>
          {bars.map((bar) => (
            <BarRow key={bar.row.at} open={open} bar={bar}>
              {shown.map((side, i) => (
                <OneBar
                  key={side}
                  value={valuesOf[i]?.get(bar.row.at) ?? null}
                  most={most}
                  colour={bar.row.colour}
                  unit={measureWords[measure].unit}
                  side={sides === 'compare' ? side : ''}
                />
              ))}
            </BarRow>
          ))}
        </ul>
      )}
    </div>
  );
}

function BarRow({
  open,
  bar: { row },
  children,
}: OfResult & { readonly bar: Bar; readonly children: ReactNode }): ReactNode {
  const { at, acronym, name } = row;
  const leaf = isLeaf(row);
  return (
    <li>
      <button
        type="button"
        className="as-text results-bar"
        title={leaf ? `Go to ${name || acronym}` : `${name || acronym}: what is inside of it`}
        onClick={() => (leaf ? goToRegionAt(open.result.atlas, at) : changeResult({ within: at }))}
      >
        <span className="results-bar-name truncate">
          <b>{acronym}</b>
          {name !== acronym && ` ${name}`}
        </span>
        <span className="results-bar-values">{children}</span>
      </button>
    </li>
  );
}

interface OneBarProps {
  readonly value: number | null;
  readonly most: number;
  readonly colour: string;
  readonly unit: string;
  /** '' where one side is not beside the other. */
  readonly side: string;
}

function OneBar({ value, most, colour, unit, side }: OneBarProps): ReactNode {
  const share = most > 0 ? (value ?? 0) / most : 0;
  return (
    <span className="results-one">
      {side !== '' && <span className="results-side faint">{side === 'left' ? 'L' : 'R'}</span>}
      <span className="results-track" aria-hidden>
        <span className="results-fill" style={{ width: `${100 * share}%`, background: colour }} />
      </span>
      <span className="mono">
        {value === null ? '–' : formatNumber(value)}
        {value !== null && unit !== '' && <span className="faint"> {unit}</span>}
      </span>
    </span>
  );
}
