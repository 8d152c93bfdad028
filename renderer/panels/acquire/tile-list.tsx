import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { Tile } from '../../../preload/contract/dataset.ts';
import { passes, selectTile, useBoard } from '../../state/board.ts';
import { Badge, ReviewBadge } from '../../ui/badge.tsx';
import { formatNumber } from '../../ui/format.ts';
import { RowList } from '../../ui/row-list.tsx';
import { verdictWords } from './tile-inspector.tsx';

/** The same tiles as text, in all sections: for the keyboard, for screen readers, and for sorting by eye. */
export function TileList(): ReactNode {
  const tiles = useBoard((s) => s.tiles);
  const filter = useBoard((s) => s.filter);
  const selected = useBoard((s) => s.selected);
  const rows = useMemo(() => (tiles ?? []).filter((tile) => passes(tile, filter)), [tiles, filter]);
  return (
    <RowList
      rows={rows}
      keyOf={(tile) => String(tile.id)}
      selected={selected === null ? null : String(selected)}
      onSelect={(tile) => selectTile(tile.id)}
      label="Tiles"
      rowClass="tile-row"
      rowRem={2.6}
      columns={['Tile', 'Section', 'Verdict', 'Review', 'Sharpness', 'Why']}
      cells={(tile) => <TileCells tile={tile} />}
      empty={tiles === null ? null : 'No tile passes the filter.'}
    />
  );
}

function TileCells({ tile }: { readonly tile: Tile }): ReactNode {
  const [word, tone] = verdictWords[tile.verdict];
  return (
    <>
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
    </>
  );
}
