import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { Tile } from '../../../preload/contract/dataset.ts';
import { passes, selectTile, useBoard } from '../../state/board.ts';
import { Badge, ReviewBadge } from '../../ui/badge.tsx';
import { remPx } from '../../ui/rem.ts';
import { formatNumber } from '../../ui/format.ts';
import { verdictWords } from './tile-inspector.tsx';

const rowRem = 2.6;

/** The same tiles as text, in all sections: for the keyboard, for screen readers, and for sorting by eye. */
export function TileList(): ReactNode {
  const tiles = useBoard((s) => s.tiles);
  const filter = useBoard((s) => s.filter);
  const selected = useBoard((s) => s.selected);
  const rows = useMemo(() => (tiles ?? []).filter((tile) => passes(tile, filter)), [tiles, filter]);
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowRem * remPx(),
    overscan: 12,
  });
  const at = rows.findIndex((tile) => tile.id === selected);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [at, virtual]);
  const press = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -rows.length, End: rows.length }[
      event.key
    ];
    if (by === undefined || rows.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    selectTile(rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.id ?? null);
  };
  return (
    <div className="tile-list">
      <div className="tile-row head" aria-hidden>
        <span>Tile</span>
        <span>Section</span>
        <span>Verdict</span>
        <span>Review</span>
        <span>Sharpness</span>
        <span>Why</span>
      </div>
      <div
        ref={frame}
        className="tile-rows"
        role="listbox"
        tabIndex={0}
        aria-label="Tiles"
        aria-activedescendant={at >= 0 ? `tile-${selected}` : undefined}
        onKeyDown={press}
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="presentation">
          {virtual.getVirtualItems().map(({ index, start }) => {
            const tile = rows[index];
            return (
              tile && (
                <TileRow
                  key={tile.id}
                  tile={tile}
                  top={start}
                  selected={tile.id === selected}
                  at={index}
                  of={rows.length}
                />
              )
            );
          })}
        </div>
      </div>
      {tiles !== null && rows.length === 0 && <p className="muted pad">No tile passes the filter.</p>}
    </div>
  );
}

interface TileRowProps {
  readonly tile: Tile;
  readonly top: number;
  readonly selected: boolean;
  readonly at: number;
  readonly of: number;
}

function TileRow({ tile, top, selected, at, of }: TileRowProps): ReactNode {
  const [word, tone] = verdictWords[tile.verdict];
  return (
    <div
      id={`tile-${tile.id}`}
      className="tile-row"
      role="option"
      aria-selected={selected}
      aria-posinset={at + 1}
      aria-setsize={of}
      style={{ transform: `translateY(${top}px)`, height: `${rowRem}rem` }}
      onClick={() => selectTile(tile.id)}
    >
      <span className="truncate">{tile.name}</span>
      <span className="mono">{tile.section}</span>
      <span>
        <Badge tone={tone}>{word}</Badge>
      </span>
      <span>
        <ReviewBadge review={tile.review} />
      </span>
      <span className="mono">{tile.metrics ? formatNumber(tile.metrics.focus) : '–'}</span>
      <span className="truncate muted" title={tile.reasons.join(' ')}>
        {tile.reasons.join(' ')}
      </span>
    </div>
  );
}
