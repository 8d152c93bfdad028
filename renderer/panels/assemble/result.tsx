import type { AddPanelOptions, DockviewApi } from 'dockview-react';
import { Layers, LayoutGrid } from 'lucide-react';
import { useCallback, useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { usePaneReset } from '../../state/actions/everywhere.ts';
import { useAssemble } from '../../state/assemble.ts';
import { isUsed, useBoard } from '../../state/board.ts';
import type { SectionOfStack } from '../../state/compare.ts';
import { useRegistration } from '../../state/registration.ts';
import { showSomeSection, useAlignment } from '../../state/section-alignment.ts';
import { useTileMove } from '../../state/tile-move.ts';
import { Dock, keptUnder } from '../../ui/dock.tsx';
import { Empty } from '../../ui/empty.tsx';
import { plural } from '../../ui/format.ts';
import { ActionButton } from '../action-button.tsx';
import { AlignmentPane } from './alignment-pane.tsx';
import { ComparePane } from './compare-pane.tsx';
import { LinkTable } from './link-table.tsx';
import { MoveBar } from './move-bar.tsx';
import { RegistrationPane } from './registration-pane.tsx';
import { SeamPane } from './seam-pane.tsx';
import { SectionFits } from './section-fits.tsx';

const kept = { one: keptUnder('assemble'), many: keptUnder('assemble.sections') };

export interface ResultScenes {
  readonly map: ReactNode;
  /** The section that is looked at and another picture of the stack. */
  readonly compare: (other: SectionOfStack) => ReactNode;
}

/** What became of the step before: links, seams and versions of a stitching, or sections of an alignment. */
export function Result({ map, compare }: ResultScenes): ReactNode {
  const resets = usePaneReset((s) => s.run);
  const onReady = useMapInFront();
  const sections = useBoard((s) => s.sections.length);
  const alignment = useAlignment((s) => s.report);
  const registration = useRegistration((s) => s.report);
  const isToAlign = useAssemble((s) => s.step === 'align');
  const stack = useAssemble((s) => s.stack);
  if (stack === null) return isToAlign ? <NotAligned /> : <NotStitched />;
  if (registration) {
    const pane = { title: 'Sessions', content: <RegistrationPane report={registration} /> };
    return (
      <AlignedResult map={map} compare={compare} sections={registration.sessions[0]?.sections ?? []} pane={pane} />
    );
  }
  if (alignment) {
    const pane = { title: 'Sections along z', content: <AlignmentPane report={alignment} /> };
    return <AlignedResult map={map} compare={compare} sections={alignment.sections} pane={pane} />;
  }
  return (
    <Dock
      key={`${sections > 1}`}
      resets={resets}
      kept={sections > 1 ? kept.many : kept.one}
      onReady={onReady}
      label="Result of the stitching"
      panes={[
        { id: 'map', title: 'Link map', content: withMoveBar(map) },
        { id: 'compare', title: 'Compare', content: <ComparePane draw={compare} /> },
        { id: 'links', title: 'Links, worst first', content: <LinkTable /> },
        ...(sections > 1 ? [{ id: 'sections', title: 'Sections', content: <SectionFits /> }] : []),
        { id: 'seam', title: 'Seam', content: <SeamPane /> },
      ]}
      arrange={(api) => arrangeStitched(api, sections > 1)}
    />
  );
}

function arrangeStitched(api: DockviewApi, hasSections: boolean): void {
  const add = (
    id: string,
    title: string,
    options: Pick<AddPanelOptions, 'position' | 'initialHeight' | 'inactive'>,
  ): void => void api.addPanel({ id, component: 'pane', title, ...options });
  add('map', 'Link map', {});
  add('compare', 'Compare', { position: { referencePanel: 'map', direction: 'within' }, inactive: true });
  add('links', 'Links, worst first', {
    position: { referencePanel: 'map', direction: 'below' },
    initialHeight: 260,
  });
  if (hasSections)
    add('sections', 'Sections', { position: { referencePanel: 'links', direction: 'within' }, inactive: true });
  add('seam', 'Seam', { position: { referencePanel: 'map', direction: 'right' } });
}

function NotStitched(): ReactNode {
  const used = useBoard((s) => s.tiles?.filter(isUsed).length ?? 0);
  return (
    <Empty
      icon={LayoutGrid}
      title="Not stitched yet"
      actions={
        <ActionButton id="stitch.start" tone="primary">
          Stitch {plural(used, 'tile')}
        </ActionButton>
      }
    >
      Choose at the left how tiles may move, then stitch. You get a map of every overlap with how well it fits, and a
      verdict.
    </Empty>
  );
}

function NotAligned(): ReactNode {
  const isOfSessions = useRegistration((s) => s.what === 'sessions');
  const action = <ActionButton id={isOfSessions ? 'sessions.align' : 'sections.align'} tone="primary" />;
  return (
    <Empty icon={Layers} title="Not aligned yet" actions={action}>
      {isOfSessions
        ? 'Each session’s sections are found in those of the session that is looked at. You get how well each fits, and what could not be found.'
        : 'Sections of many tiles are stitched first; sections of one image each can be aligned right away. You get how well each fits the next, before and after, and a verdict.'}
    </Empty>
  );
}

const keptAligned = keptUnder('assemble.aligned');

interface AlignedProps extends ResultScenes {
  readonly sections: Parameters<typeof showSomeSection>[0];
  readonly pane: { readonly title: string; readonly content: ReactNode };
}

/** An aligned stack: pictures over each other, before and after or along z, and how well sections fit. */
function AlignedResult({ map, compare, sections, pane }: AlignedProps): ReactNode {
  const resets = usePaneReset((s) => s.run);
  const onReady = useMapInFront();
  useEffect(() => showSomeSection(sections), [sections]);
  return (
    <Dock
      key={pane.title}
      resets={resets}
      kept={keptAligned}
      onReady={onReady}
      label="Result of the alignment"
      panes={[
        { id: 'compare', title: 'Compare', content: <ComparePane draw={compare} /> },
        { id: 'map', title: 'Tiles', content: withMoveBar(map) },
        { id: 'strip', ...pane },
      ]}
      arrange={(api) => {
        api.addPanel({ id: 'compare', component: 'pane', title: 'Compare' });
        const within = { referencePanel: 'compare', direction: 'within' } as const;
        api.addPanel({ id: 'map', component: 'pane', title: 'Tiles', position: within, inactive: true });
        const below = { referencePanel: 'compare', direction: 'below' } as const;
        api.addPanel({
          id: 'strip',
          component: 'pane',
          title: pane.title,
          position: below,
          initialHeight: 345,
        });
      }}
    />
  );
}

/** Who starts to move tiles sees the map, whichever pane is in front of it. */
function useMapInFront(): (api: DockviewApi) => void {
  const dock = useRef<DockviewApi | null>(null);
  const isMoving = useTileMove((s) => s.active);
  useEffect(() => {
    if (isMoving) dock.current?.getPanel('map')?.api.setActive();
  }, [isMoving]);
  return useCallback((api) => {
    dock.current = api;
  }, []);
}

const withMoveBar = (map: ReactNode): ReactNode => (
  <div className="map-with-bar">
    <div className="map-place">{map}</div>
    <MoveBar />
  </div>
);
