import { FolderInput } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { useLibrary } from '../../state/library.ts';
import type { Room } from '../../state/session.ts';
import { useSession } from '../../state/session.ts';

/** While files are dragged over the window: what letting go will do. The drop itself is the shell's. */
export function DropZone(): ReactNode {
  const [over, setOver] = useState(false);
  const library = useLibrary((s) => s.library);
  const room = useSession((s) => s.room);
  useEffect(() => {
    const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    const enter = (event: DragEvent): void => setOver(carriesFiles(event));
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const end = (): void => setOver(false);
    window.addEventListener('dragenter', enter);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', end);
    return () => {
      window.removeEventListener('dragenter', enter);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', end);
    };
  }, []);
  if (!over) return null;
  return (
    <div className="drop-zone">
      <div>
        <FolderInput size={40} strokeWidth={1.3} aria-hidden />
        <h2>{wordsOf(room)}</h2>
        <p className="muted">
          Lamella looks at it and shows what it would add{library ? ` to “${library.name}”` : ''}. Nothing is copied,
          moved or changed.
        </p>
      </div>
    </div>
  );
}

const wordsOf = (room: Room): string => {
  const takesVolumes = room === 'volumes' || room === 'view' || room === 'annotate';
  return takesVolumes ? 'Drop a volume, atlas, mesh or skeleton' : 'Drop a folder of tiles, or a volume';
};
