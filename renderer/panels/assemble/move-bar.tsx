import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { useAssemble } from '../../state/assemble.ts';
import { useBoard } from '../../state/board.ts';
import { fitOfTile, linksOfTile, type Shift } from '../../state/moved-links.ts';
import { holdTile, isMoved, setMoving, useTileMove } from '../../state/tile-move.ts';
import { Button } from '../../ui/button.tsx';
import { formatPixels, withoutExtension } from '../../ui/format.ts';
import { ActionButton } from '../action-button.tsx';

/** What a tile that is moved by hand would come to, and whether it is kept; below the link map. */
export function MoveBar(): ReactNode {
  const { active, tile, byPx, misfits } = useTileMove();
  const links = useAssemble((s) => s.links);
  const own = useMemo(() => (tile === null ? [] : linksOfTile(links ?? [], tile)), [links, tile]);
  const isPinned = useAssemble((s) => s.placements?.some((one) => one.tile === tile && one.fixed === true) ?? false);
  const found = useBoard((s) => s.tiles?.find(({ id }) => id === tile));
  if (!active) return null;
  const name = withoutExtension(found?.name ?? '');
  const moved = isMoved({ byPx });
  const fit = tile === null ? null : fitOfTile(misfits, tile, byPx, own);
  return (
    <div className="move-bar" role="toolbar" aria-label="Move tiles by hand">
      <p role="status" className="muted">
        {tile === null && 'Drag a tile, or take one with N; the arrow keys move it by 1 px, with Shift by 10.'}
        {tile !== null && (
          <>
            <strong>{name}</strong> {moved ? shiftWords(byPx) : 'where the version has it'}
            {fit && fitWords(fit, moved)}
          </>
        )}
      </p>
      <Button size="small" tone="quiet" onClick={() => setMoving(false)}>
        Done
      </Button>
      <div className="row">
        {tile !== null && (
          <>
            {moved && (
              <ActionButton id="map.keep" size="small" tone="primary">
                Keep here
              </ActionButton>
            )}
            {(moved || !isPinned) && (
              <ActionButton id="map.pin" size="small">
                Pin here
              </ActionButton>
            )}
            {!moved && isPinned && (
              <Button size="small" onClick={() => void holdTile(tile, 'free')}>
                Let go
              </Button>
            )}
            {fit && (
              <ActionButton id="map.links" size="small">
                To its links
              </ActionButton>
            )}
            {moved && (
              <ActionButton id="map.back" size="small">
                Put back
              </ActionButton>
            )}
          </>
        )}
      </div>
    </div>
  );
}

const shiftWords = ([x, y]: Shift): string =>
  [
    x === 0 ? '' : `${formatPixels(Math.abs(x))} ${x > 0 ? 'right' : 'left'}`,
    y === 0 ? '' : `${formatPixels(Math.abs(y))} ${y > 0 ? 'down' : 'up'}`,
  ]
    .filter((part) => part !== '')
    .join(', ');

const fitWords = (
  { before, now, links }: { readonly before: number; readonly now: number; readonly links: number },
  moved: boolean,
): string =>
  `; its ${links === 1 ? 'link misses' : `${links} links miss`} by ${formatPixels(before)}${moved ? `, here by ${formatPixels(now)}` : ''}`;
