import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { Link } from '../../../preload/contract/registration.ts';
import { linkKey, selectLink, useAssemble, worstFirst } from '../../state/assemble.ts';
import { useBoard } from '../../state/board.ts';
import { Badge } from '../../ui/badge.tsx';
import { remPx } from '../../ui/rem.ts';
import { formatNumber, formatPixels, withoutExtension } from '../../ui/format.ts';

export const stateWords = {
  kept: ['Used', 'good'],
  outlier: ['Dropped: does not fit', 'bad'],
  weak: ['Dropped: weak', 'warn'],
} as const;
const rowRem = 2.5;

export function LinkTable(): ReactNode {
  const links = useAssemble((s) => s.links);
  const selected = useAssemble((s) => s.selected);
  const tiles = useBoard((s) => s.tiles);
  const rows = useMemo(() => worstFirst(links ?? []), [links]);
  const names = useMemo(() => new Map(tiles?.map((tile) => [tile.id, withoutExtension(tile.name)])), [tiles]);
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowRem * remPx(),
    overscan: 8,
  });
  const at = rows.findIndex((link) => linkKey(link) === selected);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [at, virtual]);
  const press = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -rows.length, End: rows.length }[event.key];
    const next = by === undefined ? undefined : rows[Math.max(0, Math.min(rows.length - 1, at + by))];
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    selectLink(linkKey(next));
  };
  return (
    <div className="tile-list">
      <div className="link-row head" aria-hidden>
        <span>Tiles</span>
        <span>Section</span>
        <span>State</span>
        <span>Residual</span>
        <span>Correlation</span>
        <span>Why</span>
      </div>
      <div
        ref={frame}
        className="tile-rows"
        role="listbox"
        tabIndex={0}
        aria-label="Links, worst first"
        aria-activedescendant={at >= 0 ? `link-${selected}` : undefined}
        onKeyDown={press}
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="presentation">
          {virtual.getVirtualItems().map(({ index, start }) => {
            const link = rows[index];
            return (
              link && (
                <LinkRow
                  key={linkKey(link)}
                  link={link}
                  names={names}
                  top={start}
                  selected={index === at}
                  at={index}
                  of={rows.length}
                />
              )
            );
          })}
        </div>
      </div>
      {links?.length === 0 && <p className="muted pad">No tiles overlap: every tile follows the stage.</p>}
    </div>
  );
}

interface LinkRowProps {
  readonly link: Link;
  readonly names: ReadonlyMap<number, string>;
  readonly top: number;
  readonly selected: boolean;
  readonly at: number;
  readonly of: number;
}

function LinkRow({ link, names, top, selected, at, of }: LinkRowProps): ReactNode {
  const [word, tone] = stateWords[link.state];
  return (
    <div
      id={`link-${linkKey(link)}`}
      className="link-row"
      role="option"
      aria-selected={selected}
      aria-posinset={at + 1}
      aria-setsize={of}
      style={{ transform: `translateY(${top}px)`, height: `${rowRem}rem` }}
      onClick={() => selectLink(linkKey(link))}
    >
      <span className="truncate">
        {names.get(link.tileA) ?? link.tileA} – {names.get(link.tileB) ?? link.tileB}
      </span>
      <span className="mono">{link.section}</span>
      <span>
        <Badge tone={tone}>{word}</Badge>
      </span>
      <span className="mono">{formatPixels(link.residualPx)}</span>
      <span className="mono">{formatNumber(link.ncc)}</span>
      <span className="truncate muted" title={link.reason}>
        {link.reason}
      </span>
    </div>
  );
}
