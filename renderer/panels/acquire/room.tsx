import { Eye, FolderInput } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { usePaneReset } from '../../state/actions/everywhere.ts';
import { useAcquire } from '../../state/acquire.ts';
import { useBoard } from '../../state/board.ts';
import { activeJob, useJobs } from '../../state/jobs.ts';
import { useLibrary } from '../../state/library.ts';
import { useWatch } from '../../state/watch.ts';
import { Dock, keptUnder } from '../../ui/dock.tsx';
import type { DockPane } from '../../ui/dock.tsx';
import { Empty } from '../../ui/empty.tsx';
import { ActionButton } from '../action-button.tsx';
import { JobWatch } from '../job-watch.tsx';
import { RoomLayout } from '../layout.tsx';
import { BoardNavigator } from './board-navigator.tsx';
import { ImportWizard } from './import-wizard.tsx';
import { ReviewBar } from './review-bar.tsx';
import { TileInspector } from './tile-inspector.tsx';
import { TileList } from './tile-list.tsx';
import { AlarmList } from './alarm-list.tsx';
import { Trends } from './trends.tsx';
import { WatchBar } from './watch-bar.tsx';
import './acquire.css';

/** Import tiles and check them. The board is a scene, so the app hands it in. */
export function AcquireRoom({ board }: { readonly board: ReactNode }): ReactNode {
  const draft = useAcquire((s) => s.draft);
  const dataset = useBoard((s) => s.dataset);
  const library = useLibrary((s) => s.library);
  const running = useJobs((s) => activeJob(s.jobs, 'ingest.start') ?? activeJob(s.jobs, 'sample.make'));
  const watched = useWatch((s) => s.watch !== null);
  if (draft) return <ImportWizard draft={draft} />;
  if (running) return <JobWatch job={running} about={waits[running.kind] ?? ''} />;
  if (!library || dataset === null) return <NoTiles />;
  return (
    <RoomLayout name="Acquire" navigator={<BoardNavigator />} inspector={<TileInspector />}>
      <WatchBar />
      <ReviewBar />
      {watched ? <WatchDock board={board} /> : <BoardDock board={board} />}
    </RoomLayout>
  );
}

const waits: Readonly<Record<string, string>> = {
  'sample.make':
    'Drawing EM-like sections and cutting them into overlapping tiles, with stage error, uneven light, one blank and one repeated tile. The import follows by itself.',
  'ingest.start':
    'Each tile is read once: checksum, thumbnail, histogram, sharpness, saturation. You can go on working; the board opens when it is done.',
};

const kept = keptUnder('acquire');

const tilePanes = (board: ReactNode): readonly DockPane[] => [
  { id: 'board', title: 'Board', content: board },
  { id: 'list', title: 'List', content: <TileList /> },
];

/** The board, and the list as a tab behind it. */
const arrangeTiles: ComponentProps<typeof Dock>['arrange'] = (api) => {
  api.addPanel({ id: 'board', component: 'pane', title: 'Board' });
  api.addPanel({
    id: 'list',
    component: 'pane',
    title: 'List',
    position: { referencePanel: 'board' },
    inactive: true,
  });
};

function BoardDock({ board }: { readonly board: ReactNode }): ReactNode {
  const resets = usePaneReset((s) => s.run);
  return <Dock resets={resets} kept={kept} label="Tiles" panes={tilePanes(board)} arrange={arrangeTiles} />;
}

const keptWatch = keptUnder('acquire-watch');

/** The board above, alarms and trends below it: what came, and whether it is good. */
function WatchDock({ board }: { readonly board: ReactNode }): ReactNode {
  const resets = usePaneReset((s) => s.run);
  const panes: readonly DockPane[] = [
    ...tilePanes(board),
    { id: 'trends', title: 'Trends', content: <Trends /> },
    { id: 'alarms', title: 'Alarms', content: <AlarmList /> },
  ];
  return (
    <Dock
      resets={resets}
      kept={keptWatch}
      label="Tiles"
      panes={panes}
      arrange={(api) => {
        arrangeTiles(api);
        api.addPanel({
          id: 'trends',
          component: 'pane',
          title: 'Trends',
          position: { referencePanel: 'board', direction: 'right' },
        });
        api.addPanel({
          id: 'alarms',
          component: 'pane',
          title: 'Alarms',
          position: { direction: 'below' },
          initialHeight: 210,
        });
      }}
    />
  );
}

function NoTiles(): ReactNode {
  return (
    <main className="room-main" aria-label="Acquire">
      <Empty
        icon={FolderInput}
        title="Import a folder of tiles"
        actions={
          <>
            <ChooseFolder />
            <ActionButton id="acquire.watch" icon={Eye}>
              Watch a folder…
            </ActionButton>
            <ActionButton id="library.sample" />
          </>
        }
      >
        Overlapping PNG, TIFF or JPEG tiles, placed by a Render tilespec, a TileConfiguration.txt, or the row and column
        in their names. You can also drop the folder anywhere on this window.
      </Empty>
    </main>
  );
}

function ChooseFolder(): ReactNode {
  const open = useLibrary((s) => s.library !== null);
  return (
    <ActionButton id={open ? 'acquire.import' : 'library.open'} tone="primary" icon={FolderInput}>
      {open ? 'Choose the folder of tiles…' : 'Open or create a library…'}
    </ActionButton>
  );
}
