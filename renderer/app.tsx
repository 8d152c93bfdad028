import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { AcquireRoom } from './panels/acquire/room.tsx';
import type { DrawPlaces } from './panels/assemble/layout-report.tsx';
import { AssembleRoom } from './panels/assemble/room.tsx';
import { HomeRoom } from './panels/home/room.tsx';
import { DropZone } from './panels/shell/drop-zone.tsx';
import { GoTo } from './panels/view/go-to.tsx';
import { JobsPanel } from './panels/shell/jobs-panel.tsx';
import { Palette } from './panels/shell/palette.tsx';
import { Rail } from './panels/shell/rail.tsx';
import { Shortcuts } from './panels/shell/shortcuts.tsx';
import { StatusBar } from './panels/shell/status-bar.tsx';
import { TitleBar } from './panels/shell/title-bar.tsx';
import { Toaster } from './panels/shell/toaster.tsx';
import { PublishRoom } from './panels/publish/room.tsx';
import { RegisterRoom } from './panels/register/room.tsx';
import { ViewRoom } from './panels/view/room.tsx';
import { AtlasDialog } from './panels/view/atlas-dialog.tsx';
import { MeasureDialog } from './panels/view/results/measure-dialog.tsx';
import { SharingDialogs } from './panels/view/sharing-dialogs.tsx';
import { VolumesRoom } from './panels/volumes/room.tsx';
import { ComparePictures } from './scene/compare/compare-pictures.tsx';
import { LayoutPicture } from './scene/layout/layout-picture.tsx';
import { LinkMap } from './scene/map/link-map.tsx';
import { TileBoard } from './scene/board/tile-board.tsx';
import { ViewPane } from './scene/stage/view-pane.tsx';
import { useOverlays } from './state/actions/everywhere.ts';
import { roomName } from './state/actions/registry.ts';
import type { SectionOfStack } from './state/compare.ts';
import type { Room as RoomName } from './state/session.ts';
import { useSession } from './state/session.ts';
import { Mishap } from './ui/mishap.tsx';
import { TooltipProvider } from './ui/tooltip.tsx';
import { VisionFilters } from './ui/vision-filter.tsx';
import './panels/shell/shell.css';
import './panels/shell/overlays.css';

/** Composes the window: the only place that knows both the panels and the scenes. */
export function App(): ReactNode {
  const theme = useSession((s) => s.theme);
  const room = useSession((s) => s.room);
  const overlay = useOverlays((s) => s.open);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  const vision = useSession((s) => s.vision);
  return (
    <TooltipProvider>
      <VisionFilters />
      <div className="app" style={vision === 'none' ? undefined : { filter: `url(#vision-${vision})` }}>
        <TitleBar />
        <Rail />
        <div className="room-place">
          <div className="room-body">
            <Mishap key={room === 'annotate' ? 'view' : room} what={roomName(room)}>
              <Room room={room} />
            </Mishap>
            <Toaster />
          </div>
          <JobsPanel />
        </div>
        <StatusBar />
      </div>
      {overlay === 'palette' && <Palette />}
      {overlay === 'shortcuts' && <Shortcuts />}
      {overlay === 'go-to' && <GoTo />}
      <SharingDialogs />
      <AtlasDialog />
      <MeasureDialog />
      <DropZone />
    </TooltipProvider>
  );
}

function Room({ room }: { readonly room: RoomName }): ReactNode {
  if (room === 'acquire') return <AcquireRoom board={<TileBoard />} />;
  if (room === 'assemble') return <AssembleRoom map={<LinkMap />} compare={drawCompare} layout={drawLayout} />;
  if (room === 'view' || room === 'annotate') return <ViewRoom pane={drawPane} />;
  if (room === 'volumes') return <VolumesRoom />;
  if (room === 'register') return <RegisterRoom />;
  if (room === 'publish') return <PublishRoom />;
  return <HomeRoom />;
}

const drawCompare = (other: SectionOfStack): ReactNode => <ComparePictures other={other} />;
const drawLayout: DrawPlaces = (places, reading) => <LayoutPicture places={places} reading={reading} />;
const drawPane = (id: string): ReactNode => <ViewPane key={id} pane={id} />;
