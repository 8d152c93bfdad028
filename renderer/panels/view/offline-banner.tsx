import { CloudOff } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Volume } from '../../../preload/contract/library.ts';
import { tryAgain, useOffline } from '../../state/offline.ts';
import type { AwaySource } from '../../state/source-words.ts';
import { isOffline } from '../../state/source-words.ts';
import { useView } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';

function isAway(volume: Volume, away: ReadonlyMap<string, AwaySource>): boolean {
  const source = away.get(volume.id);
  return source !== undefined && isOffline(volume, source);
}

/** Says quietly which sources are away: what was read before still shows, and the rest comes by itself. */
export function OfflineBanner(): ReactNode {
  const { away, trying } = useOffline();
  const volumes = useView((s) => s.volumes);
  const names = volumes.filter((volume) => isAway(volume, away)).map(({ name }) => name);
  if (names.length === 0) return null;
  const said = [...away.values()].map(({ error }) => error?.message).filter(Boolean);
  return (
    <div className="offline-banner" role="status" title={said.join('\n')}>
      <CloudOff size={15} aria-hidden />
      <span>
        Offline: showing what is cached of <strong>{names.slice(0, 3).join(', ')}</strong>
        {names.length > 3 && ` and ${names.length - 3} more`}
      </span>
      <Button size="small" whyNot={trying ? 'Asking the server' : null} onClick={tryAgain}>
        {trying ? 'Trying…' : 'Try again'}
      </Button>
    </div>
  );
}
