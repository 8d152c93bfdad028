import { Box } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLibrary } from '../../state/library.ts';
import { goTo, useSession } from '../../state/session.ts';
import { useView } from '../../state/view.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { AnnotateInspector } from '../annotate/annotate-inspector.tsx';
import { AnnotateNavigator } from '../annotate/annotate-navigator.tsx';
import { ToolBar } from '../annotate/tool-bar.tsx';
import { RoomLayout } from '../layout.tsx';
import { LandmarkBar } from './landmark-bar.tsx';
import { OfflineBanner } from './offline-banner.tsx';
import { PaneDock } from './pane-dock.tsx';
import { RegionResults } from './results/results-panel.tsx';
import { ViewInspector } from './view-inspector.tsx';
import { ViewNavigator } from './view-navigator.tsx';
import './view.css';

/** Draws a pane by its id; the scenes are the app's to know. */
type DrawPane = (pane: string) => ReactNode;

/** View and Annotate are one room with two sets of tools: the panes stay as they are. */
export function ViewRoom({ pane }: { readonly pane: DrawPane }): ReactNode {
  const annotating = useSession((s) => s.room === 'annotate');
  const isEmpty = useView((s) => s.layers.length === 0 && s.shapes.length === 0);
  const hasVolume = useSession((s) => s.volume !== null);
  const hasTiles = useLibrary((s) => (s.library?.datasets.length ?? 0) > 0);
  if (isEmpty && !hasVolume && !hasTiles) return <NoVolume annotating={annotating} />;
  return (
    <RoomLayout
      name={annotating ? 'Annotate' : 'View'}
      navigator={annotating ? <AnnotateNavigator /> : <ViewNavigator />}
      inspector={annotating ? <AnnotateInspector /> : <ViewInspector />}
    >
      <OfflineBanner />
      {annotating ? <ToolBar /> : <LandmarkBar />}
      <PaneDock pane={pane} />
      {!annotating && <RegionResults />}
    </RoomLayout>
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
