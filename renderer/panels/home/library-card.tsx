import type { ReactNode } from 'react';
import type { Library } from '../../../preload/contract/library.ts';
import type { Room } from '../../state/session.ts';
import { goTo } from '../../state/session.ts';
import { Button } from '../../ui/button.tsx';
import { formatBytes, formatPixels, plural } from '../../ui/format.ts';
import { Stepper } from '../../ui/stepper.tsx';

interface Stage {
  readonly room: Room;
  readonly title: string;
  readonly note: string;
  readonly done: boolean;
  /** What to press next, where this is the stage to do now. */
  readonly next: string;
}

/** How far the open library has come, and what to do next. */
export function LibraryCard({ library }: { readonly library: Library }): ReactNode {
  const stages = stagesOf(library);
  const now = stages.find((stage) => !stage.done) ?? stages[stages.length - 1];
  return (
    <section className="library-card" aria-labelledby="library-title">
      <header>
        <h2 id="library-title">{library.name}</h2>
        {now && (
          <Button tone="primary" onClick={() => goTo(now.room)}>
            {now.next}
          </Button>
        )}
      </header>
      <Stepper
        label="How far this library has come"
        current={now?.room ?? ''}
        steps={stages.map(({ room, title, note, done }) => ({ id: room, title, note, done, open: true }))}
        onStep={(room) => goTo(room as Room)}
      />
    </section>
  );
}

function stagesOf({ datasets, stacks, volumes, annotations, publications }: Library): readonly Stage[] {
  const tiles = datasets.reduce((sum, dataset) => sum + dataset.tiles, 0);
  const flagged = datasets.reduce((sum, dataset) => sum + dataset.flagged, 0);
  const newest = stacks.toSorted((a, b) => b.version - a.version)[0];
  const bytes = volumes.reduce((sum, volume) => sum + (volume.bytes ?? 0), 0);
  return [
    {
      room: 'acquire',
      title: 'Acquire',
      done: tiles > 0,
      next: 'Import tiles',
      note: tiles > 0 ? `${plural(tiles, 'tile')}, ${flagged} flagged` : 'no tiles yet',
    },
    {
      room: 'assemble',
      title: 'Assemble',
      done: volumes.length > 0,
      next: newest ? 'Fuse the stack' : 'Stitch the tiles',
      note: newest ? `v${newest.version}: RMS ${formatPixels(newest.rmsPx)}` : 'not stitched yet',
    },
    {
      room: 'view',
      title: 'View',
      done: volumes.length > 0,
      next: 'View the volume',
      note:
        volumes.length > 0
          ? [plural(volumes.length, 'volume'), bytes > 0 ? formatBytes(bytes) : ''].filter(Boolean).join(', ')
          : 'no volume yet',
    },
    {
      room: 'annotate',
      title: 'Annotate',
      done: annotations > 0,
      next: 'Annotate',
      note: annotations > 0 ? plural(annotations, 'annotation') : 'none yet',
    },
    {
      room: 'publish',
      title: 'Publish',
      done: publications.length > 0,
      next: 'Publish',
      note: publications.length > 0 ? `${plural(publications.length, 'publication')}, verified` : 'not published yet',
    },
  ];
}
