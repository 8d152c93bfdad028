import { CloudOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { tryAgain, useOffline } from '../../state/offline.ts';
import { useView } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';

/** Says quietly that the source is away: what was read before still shows, and comes back by itself. */
export function OfflineBanner(): ReactNode {
  const { volume, error, trying } = useOffline();
  const name = useView((s) => (s.volume?.id === volume ? s.volume?.name : undefined));
  if (name === undefined) return null;
  return (
    <div className="offline-banner" role="status" title={error?.message}>
      <CloudOff size={15} aria-hidden />
      <span>
        Offline: showing what is cached of <strong>{name}</strong>
      </span>
      <Button size="small" whyNot={trying ? 'Asking the server' : null} onClick={tryAgain}>
        {trying ? 'Trying…' : 'Try again'}
      </Button>
    </div>
  );
}
