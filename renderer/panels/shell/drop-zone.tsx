import { FolderInput } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { useLibrary } from '../../state/library.ts';

/** While files are dragged over the window: what letting go will do. The drop itself is the shell's. */
export function DropZone(): ReactNode {
  const [over, setOver] = useState(false);
  const library = useLibrary((s) => s.library);
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
        <h2>Drop a folder of tiles</h2>
        <p className="muted">
          Lamella looks at the file names and shows what it would import{library ? ` into “${library.name}”` : ''}.
          Nothing is copied, moved or changed.
        </p>
      </div>
    </div>
  );
}
