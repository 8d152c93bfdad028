import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { Link } from '../../../preload/contract/registration.ts';
import { linkKey, selectLink, useAssemble, worstFirst } from '../../state/assemble.ts';
import { useBoard } from '../../state/board.ts';
import { Badge } from '../../ui/badge.tsx';
import { formatNumber, formatPixels, withoutExtension } from '../../ui/format.ts';
import { RowList } from '../../ui/row-list.tsx';

export const stateWords = {
  kept: ['Used', 'good'],
  outlier: ['Dropped: does not fit', 'bad'],
  weak: ['Dropped: weak', 'warn'],
} as const;

/** Every link of the stack version, the one that fits worst on top. */
export function LinkTable(): ReactNode {
  const links = useAssemble((s) => s.links);
  const selected = useAssemble((s) => s.selected);
  const tiles = useBoard((s) => s.tiles);
  const rows = useMemo(() => worstFirst(links ?? []), [links]);
  const names = useMemo(() => new Map(tiles?.map((tile) => [tile.id, withoutExtension(tile.name)])), [tiles]);
  return (
    <RowList
      rows={rows}
      keyOf={linkKey}
      selected={selected}
      onSelect={(link) => selectLink(linkKey(link))}
      label="Links, worst first"
      rowClass="link-row"
      rowRem={2.5}
      columns={['Tiles', 'Section', 'State', 'Residual', 'Correlation', 'Why']}
      cells={(link) => <LinkCells link={link} names={names} />}
      empty={links === null ? null : 'No overlap was compared: tiles lie where their source places them.'}
    />
  );
}

function LinkCells({ link, names }: { readonly link: Link; readonly names: ReadonlyMap<number, string> }): ReactNode {
  const [word, tone] = stateWords[link.state];
  const tiles = `${names.get(link.tileA) ?? link.tileA} – ${names.get(link.tileB) ?? link.tileB}`;
  return (
    <>
      <span className="truncate" title={tiles}>
        {tiles}
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
    </>
  );
}
