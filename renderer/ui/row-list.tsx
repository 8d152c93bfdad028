import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { remPx } from './rem.ts';
import './row-list.css';

interface RowListProps<R> {
  readonly rows: readonly R[];
  readonly keyOf: (row: R) => string;
  /** Key of the chosen row, or null. */
  readonly selected: string | null;
  readonly onSelect: (row: R) => void;
  /** What the list is, for screen readers. */
  readonly label: string;
  /** Class of a row, which lays out its columns, and the start of its id. */
  readonly rowClass: string;
  readonly rowRem: number;
  readonly columns: readonly string[];
  /** The cells of a row, as many as there are columns. */
  readonly cells: (row: R) => ReactNode;
  /** Shown below when there are no rows. */
  readonly empty: string | null;
}

const overscan = 10;
const page = 10;

/** A long list with columns of which one row is chosen: only the rows in sight are drawn. */
export function RowList<R>({
  rows,
  keyOf,
  selected,
  onSelect,
  label,
  rowClass,
  rowRem,
  columns,
  cells,
  empty,
}: RowListProps<R>): ReactNode {
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowRem * remPx(),
    overscan,
  });
  const at = selected === null ? -1 : rows.findIndex((row) => keyOf(row) === selected);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [at, virtual]);
  const press = (event: KeyboardEvent): void => {
    const next = rows[indexAfter(event.key, at, rows.length) ?? -1];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onSelect(next);
  };
  const idOf = (key: string): string => `${rowClass}-${key}`;
  return (
    <div className="row-list">
      <div className={`list-row ${rowClass} head`} aria-hidden>
        {columns.map((column) => (
          <span key={column}>{column}</span>
        ))}
      </div>
      <div
        ref={frame}
        className="list-rows"
        role="listbox"
        tabIndex={0}
        aria-label={label}
        aria-activedescendant={at >= 0 && selected !== null ? idOf(selected) : undefined}
        onKeyDown={press}
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="presentation">
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <div
                key={keyOf(row)}
                id={idOf(keyOf(row))}
                className={`list-row ${rowClass}`}
                role="option"
                aria-selected={index === at}
                aria-posinset={index + 1}
                aria-setsize={rows.length}
                style={{ transform: `translateY(${start}px)`, height: `${rowRem}rem` }}
                onClick={() => onSelect(row)}
              >
                {cells(row)}
              </div>
            );
          })}
        </div>
      </div>
      {rows.length === 0 && empty !== null && <p className="muted pad">{empty}</p>}
    </div>
  );
}

/** The row that a key moves to; undefined for a key that moves nowhere. */
function indexAfter(key: string, at: number, count: number): number | undefined {
  const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -count, End: count }[key];
  return by === undefined ? undefined : Math.max(0, Math.min(count - 1, at + by));
}
