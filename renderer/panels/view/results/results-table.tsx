import { ArrowDown, ChevronDown, ChevronRight, ListTree } from 'lucide-react';
import { useMemo } from 'react';
import type { CSSProperties, ReactNode } from 'react';
import type { RegionRow } from '../../../../preload/contract/region.ts';
import {
  asymmetry,
  measuresOf,
  measureTitle,
  measureWords,
  sortedRows,
  valueOf,
} from '../../../state/region-numbers.ts';
import type { Measure, SortBy } from '../../../state/region-numbers.ts';
import { goToRegionAt } from '../../../state/region-jump.ts';
import { changeResult, type OpenResult } from '../../../state/region-results.ts';
import { isLeaf } from '../../../state/region-tree.ts';
import { formatNumber, formatPercent } from '../../../ui/format.ts';
import { useVirtualRows } from '../../../ui/virtual-rows.ts';

const rowRem = 2;
const indentRem = 0.7;
const keyOf = ({ at }: RegionRow): number => at;

interface OfResult {
  readonly open: OpenResult;
}

/** A column of numbers; `sort`: what a press on its head sorts by. */
interface Column {
  readonly key: string;
  readonly title: string;
  readonly sort: Measure | null;
  readonly of: (row: RegionRow) => string;
}

/** Every region in which something lies, by the tree or by a column; only rows in sight are made. */
export function ResultsTable({ open }: OfResult): ReactNode {
  const side = open.sides === 'left' || open.sides === 'right' ? open.sides : 'both';
  // Sides are compared by one measure: that is what they are sorted by, too.
  const by = open.sides === 'compare' && open.sortBy !== 'tree' ? open.measure : open.sortBy;
  const rows = useMemo(() => sortedRows(open.rows[side], by, open.inside, open.folded), [open, side, by]);
  const columns = useMemo(() => (open.sides === 'compare' ? compared(open) : measured(open)), [open]);
  const isSelected = ({ at }: RegionRow): boolean => at === open.selected;
  const { frame, virtual, inSight } = useVirtualRows(rows, keyOf, rowRem, isSelected);
  const style = { gridTemplateColumns: `minmax(13rem, 3fr) repeat(${columns.length}, minmax(4.8rem, 1fr))` };
  return (
    // What scrolls takes the focus, so that keys can scroll it.
    // oxlint-disable jsx-a11y/no-noninteractive-tabindex
    <div
      ref={frame}
      className="results-table"
      role="table"
      tabIndex={0}
      aria-label="Regions"
      aria-rowcount={rows.length + 1}
    >
      <Titles columns={columns} now={by} style={style} />
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {inSight.map(({ row, index, key, place }) => (
          <div
            key={key}
            {...place}
            role="row"
            aria-rowindex={index + 2}
            aria-current={isSelected(row) ? 'true' : undefined}
            className="results-row results-line"
            style={{ ...style, ...place.style }}
          >
            <Name open={open} row={row} />
            {columns.map((column) => (
              <span key={column.key} role="cell" className="mono">
                {column.of(row)}
              </span>
            ))}
          </div>
        ))}
      </div>
    </div>
    // oxlint-enable jsx-a11y/no-noninteractive-tabindex
  );
}

const written = (value: number | null, measure: Measure): string =>
  value === null ? '–' : measureWords[measure].unit === '%' ? formatPercent(value / 100) : formatNumber(value);

const measured = ({ result, inside }: OpenResult): readonly Column[] =>
  measuresOf(result).map((measure) => ({
    key: measure,
    title: measureTitle(measure),
    sort: measure,
    of: (row) => written(valueOf(row, measure, inside), measure),
  }));

/** One measure of the left and of the right, and which has more. */
function compared({ rows, measure, inside }: OpenResult): readonly Column[] {
  const byAt = (side: 'left' | 'right') => {
    const found = new Map(rows[side].map((row) => [row.at, row]));
    return ({ at }: RegionRow): number | null => valueOf(found.get(at), measure, inside);
  };
  const [left, right] = [byAt('left'), byAt('right')];
  const leans = (row: RegionRow): string => {
    const by = asymmetry(left(row), right(row));
    if (by === null) return '–';
    const percent = formatPercent(Math.abs(by));
    return Math.abs(by) < 0.0005 ? 'even' : `${percent} ${by < 0 ? 'left' : 'right'}`;
  };
  return [
    { key: 'left', title: 'Left', sort: null, of: (row) => written(left(row), measure) },
    { key: 'right', title: 'Right', sort: null, of: (row) => written(right(row), measure) },
    { key: 'both', title: 'Both', sort: measure, of: (row) => written(valueOf(row, measure, inside), measure) },
    { key: 'leans', title: 'More by', sort: null, of: leans },
  ];
}

interface TitlesProps {
  readonly columns: readonly Column[];
  readonly now: SortBy;
  readonly style: CSSProperties;
}

const Titles = ({ columns, now, style }: TitlesProps): ReactNode => (
  <div role="rowgroup" className="results-titles">
    <div role="row" className="results-row" style={style}>
      <Title sort="tree" now={now}>
        Region
      </Title>
      {columns.map(({ key, title, sort }) => (
        <Title key={key} sort={sort} now={now}>
          {title}
        </Title>
      ))}
    </div>
  </div>
);

interface TitleProps {
  readonly sort: SortBy | null;
  readonly now: SortBy;
  readonly children: string;
}

function Title({ sort, now, children }: TitleProps): ReactNode {
  const sorted = sort === now;
  const Icon = sort === 'tree' ? ListTree : ArrowDown;
  return (
    <span role="columnheader" aria-sort={sorted && sort !== 'tree' ? 'descending' : 'none'}>
      {sort === null ? (
        <span className="results-title">{children}</span>
      ) : (
        <button
          type="button"
          className="results-title"
          title={sort === 'tree' ? 'In the order of the tree' : `By ${children.toLowerCase()}, the most first`}
          onClick={() => changeResult({ sortBy: sort })}
        >
          {children}
          {sorted && <Icon size={12} aria-hidden />}
        </button>
      )}
    </span>
  );
}

function Name({ open, row }: OfResult & { readonly row: RegionRow }): ReactNode {
  const { at, depth, acronym, name, colour } = row;
  const inTree = open.sortBy === 'tree';
  const folded = open.folded.has(at);
  const Chevron = folded ? ChevronRight : ChevronDown;
  const fold = (): void => {
    const others = [...open.folded].filter((one) => one !== at);
    changeResult({ folded: new Set(folded ? others : [...others, at]) });
  };
  return (
    <span role="rowheader" className="results-name" style={{ paddingLeft: inTree ? `${depth * indentRem}rem` : 0 }}>
      {inTree && !isLeaf(row) ? (
        <button
          type="button"
          className="region-fold"
          aria-expanded={!folded}
          aria-label={`Regions inside of ${name || acronym}`}
          onClick={fold}
        >
          <Chevron size={14} aria-hidden />
        </button>
      ) : (
        inTree && <span className="region-leaf" />
      )}
      <span className="swatch" style={{ background: colour }} aria-hidden />
      <button
        type="button"
        className="as-text results-go truncate"
        title={`Go to ${name || acronym}`}
        onClick={() => goToRegionAt(open.result.atlas, at)}
      >
        <b>{acronym}</b>
        {name !== acronym && ` ${name}`}
      </button>
    </span>
  );
}
