import { Box, Combine, FolderInput, Home, LayoutGrid, Library, MapPin, Send } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { keysOf, roomName } from '../../state/actions/registry.ts';
import type { Room } from '../../state/session.ts';
import { goTo, useSession } from '../../state/session.ts';
import { Keys } from '../../ui/keys.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';

interface Entry {
  readonly room: Room;
  readonly icon: LucideIcon;
  readonly about: string;
}

const entries: readonly Entry[] = [
  { room: 'home', icon: Home, about: 'Open a library or try the sample' },
  { room: 'acquire', icon: FolderInput, about: 'Import tiles and check them' },
  { room: 'assemble', icon: LayoutGrid, about: 'Stitch tiles and fuse a volume' },
  { room: 'volumes', icon: Library, about: 'Add, describe, convert and check volumes' },
  { room: 'view', icon: Box, about: 'Look through a volume' },
  { room: 'annotate', icon: MapPin, about: 'Mark points and lines' },
  { room: 'register', icon: Combine, about: 'Lay a brain over an atlas' },
  { room: 'publish', icon: Send, about: 'Write a verified, citable copy' },
];

export function Rail(): ReactNode {
  const current = useSession((s) => s.room);
  return (
    <nav className="rail" aria-label="Journeys">
      {entries.map(({ room, icon: Icon, about }) => {
        const keys = keysOf(`go.${room}`);
        return (
          <Tooltip
            key={room}
            side="right"
            text={
              <>
                {about} {keys && <Keys keys={keys} />}
              </>
            }
          >
            <button type="button" aria-current={room === current ? 'page' : undefined} onClick={() => goTo(room)}>
              <Icon size={20} strokeWidth={1.6} aria-hidden />
              <span>{roomName(room)}</span>
            </button>
          </Tooltip>
        );
      })}
    </nav>
  );
}
