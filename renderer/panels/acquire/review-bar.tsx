import { Check, SkipForward, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { isOpen, isUsed, useBoard } from '../../state/board.ts';
import { goTo } from '../../state/session.ts';
import { Button } from '../../ui/button.tsx';
import { formatCount, plural } from '../../ui/format.ts';
import { Keys } from '../../ui/keys.tsx';
import { ActionButton } from '../action-button.tsx';

/** What is left to look at, the three keys of it, and the way on. */
export function ReviewBar(): ReactNode {
  const tiles = useBoard((s) => s.tiles);
  const open = tiles?.filter(isOpen).length ?? 0;
  const rejected = tiles?.filter((tile) => tile.review === 'rejected').length ?? 0;
  const used = tiles?.filter(isUsed).length ?? 0;
  return (
    <div className="bar" role="toolbar" aria-label="Review">
      <span className="bar-words">
        {tiles === null ? (
          'Loading the tiles…'
        ) : (
          <strong>
            {open > 0
              ? `${formatCount(open)} flagged to look at`
              : tiles.some((tile) => tile.verdict !== 'ok')
                ? 'All flagged reviewed'
                : 'No tile is flagged'}
          </strong>
        )}
        {rejected > 0 && <span className="faint"> · {formatCount(rejected)} rejected</span>}
      </span>
      <ActionButton id="board.next" size="small" icon={SkipForward}>
        Next flagged <Keys keys="n" />
      </ActionButton>
      <ActionButton id="board.accept" size="small" icon={Check}>
        Accept <Keys keys="a" />
      </ActionButton>
      <ActionButton id="board.reject" size="small" icon={X}>
        Reject <Keys keys="r" />
      </ActionButton>
      <Button tone={open > 0 ? 'plain' : 'primary'} size="small" onClick={() => goTo('assemble')}>
        Stitch {plural(used, 'tile')}…
      </Button>
    </div>
  );
}
