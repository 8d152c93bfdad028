import { Box } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { usePaneReset } from '../../state/actions/everywhere.ts';
import type { DockviewApi } from 'dockview-react';
import { useLibrary } from '../../state/library.ts';
import { goTo, useSession } from '../../state/session.ts';
import { useView } from '../../state/view.ts';
import type { PaneId } from '../../state/volume-geometry.ts';
import { Button } from '../../ui/button.tsx';
import { Dock, showAlone } from '../../ui/dock.tsx';
import { Empty } from '../../ui/empty.tsx';
import { AnnotateInspector } from '../annotate/annotate-inspector.tsx';
import { AnnotateNavigator } from '../annotate/annotate-navigator.tsx';
import { ToolBar } from '../annotate/tool-bar.tsx';
import { RoomLayout } from '../layout.tsx';
import { OfflineBanner } from './offline-banner.tsx';
import { ViewInspector } from './view-inspector.tsx';
import { ViewNavigator } from './view-navigator.tsx';
import './view.css';

type Panes = Readonly<Record<PaneId, ReactNode>>;

/** View and Annotate are one room with two sets of tools: the panes stay as they are. */
export function ViewRoom({ panes }: { readonly panes: Panes }): ReactNode {
  const annotating = useSession((s) => s.room === 'annotate');
  const hasVolume = useView((s) => s.volume !== null);
  if (!hasVolume) return <NoVolume annotating={annotating} />;
  return (
    <RoomLayout
      name={annotating ? 'Annotate' : 'View'}
      navigator={annotating ? <AnnotateNavigator /> : <ViewNavigator />}
      inspector={annotating ? <AnnotateInspector /> : <ViewInspector />}
    >
      <OfflineBanner />
      {annotating && <ToolBar />}
      <PaneDock panes={panes} />
    </RoomLayout>
  );
}

const titles: ReadonlyArray<readonly [PaneId, string]> = [
  ['xy', 'XY'],
  ['3d', '3-D'],
  ['xz', 'XZ'],
  ['yz', 'YZ'],
];

function arrange(api: DockviewApi): void {
  api.addPanel({ id: 'xy', component: 'pane', title: 'XY' });
  api.addPanel({ id: '3d', component: 'pane', title: '3-D', position: { referencePanel: 'xy', direction: 'right' } });
  api.addPanel({ id: 'xz', component: 'pane', title: 'XZ', position: { referencePanel: 'xy', direction: 'below' } });
  api.addPanel({ id: 'yz', component: 'pane', title: 'YZ', position: { referencePanel: '3d', direction: 'below' } });
}

function PaneDock({ panes }: { readonly panes: Panes }): ReactNode {
  const resets = usePaneReset((s) => s.run);
  const api = useRef<DockviewApi | null>(null);
  const layout = useView((s) => s.layout);
  useEffect(() => {
    if (api.current) showAlone(api.current, layout === 'four' ? null : layout);
  }, [layout]);
  return (
    <Dock
      resets={resets}
      name="view"
      label="Views"
      panes={titles.map(([id, title]) => ({ id, title, content: panes[id] }))}
      arrange={arrange}
      onReady={(made) => {
        api.current = made;
        if (layout !== 'four') showAlone(made, layout);
      }}
    />
  );
}

function NoVolume({ annotating }: { readonly annotating: boolean }): ReactNode {
  const stitched = useLibrary((s) => (s.library?.stacks.length ?? 0) > 0);
  const to = stitched ? 'assemble' : 'acquire';
  return (
    <main className="room-main" aria-label={annotating ? 'Annotate' : 'View'}>
      <Empty
        icon={Box}
        title="There is no volume yet"
        actions={
          <>
            <Button tone="primary" onClick={() => goTo('volumes')}>
              Add a volume
            </Button>
            <Button onClick={() => goTo(to)}>
              {stitched ? 'Go to Assemble and fuse' : 'Go to Acquire and import'}
            </Button>
          </>
        }
      >
        Drop a file or folder here, or fuse stitched tiles into one. Then you can look at it in three planes and in 3-D
        {annotating ? ', and mark points and lines in it' : ''}.
      </Empty>
    </main>
  );
}
