import { Layers, LayoutGrid } from 'lucide-react';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import type { Job } from '../../../preload/contract/job.ts';
import { usePaneReset } from '../../state/actions/everywhere.ts';
import { setStep, useAssemble } from '../../state/assemble.ts';
import { useBlocks } from '../../state/blocks.ts';
import type { SectionOfStack } from '../../state/compare.ts';
import { activeJob, useJobs } from '../../state/jobs.ts';
import { isUsed, useBoard } from '../../state/board.ts';
import { useLayoutReport } from '../../state/layout-check.ts';
import { useRegistration } from '../../state/registration.ts';
import { showSomeSection, useAlignment } from '../../state/section-alignment.ts';
import { goTo, useSession } from '../../state/session.ts';
import { Button } from '../../ui/button.tsx';
import { Dock, keptUnder } from '../../ui/dock.tsx';
import { Empty } from '../../ui/empty.tsx';
import { plural } from '../../ui/format.ts';
import { ActionButton } from '../action-button.tsx';
import { JobWatch } from '../job-watch.tsx';
import { RoomLayout } from '../layout.tsx';
import { AlignmentPane } from './alignment-pane.tsx';
import { AssembleNavigator } from './assemble-navigator.tsx';
import { ComparePane } from './compare-pane.tsx';
import { BlockMap } from './block-map.tsx';
import { type DrawPlaces, LayoutReport } from './layout-report.tsx';
import { LinkTable } from './link-table.tsx';
import { MoveBar } from './move-bar.tsx';
import { RegistrationPane } from './registration-pane.tsx';
import { SeamPane } from './seam-pane.tsx';
import { SectionFits } from './section-fits.tsx';
import { StackInspector } from './stack-inspector.tsx';
import './assemble.css';

const waits: Readonly<Record<string, string>> = {
  'stitch.start':
    'Each overlap is matched by phase correlation and checked by correlation of the true overlap; then all tiles are solved at once, without the links that do not fit.',
  'solve.start':
    'All tiles are placed at once by the links that are there; links that disagree with the others are dropped.',
  'solve.sweep': 'The links are solved with one lambda after another; no version is made.',
  'align.start':
    'Sections are found in their neighbours, whatever way round they lie, and matched block by block; then all are solved at once, over gaps and damaged ones.',
  'align.channels':
    'Each section of each session is found in the first one, by grey levels or by edges, and matched block by block; then all sessions of a section are solved at once, and told from the frame.',
  'intensity.estimate':
    'Tiles are compared where they overlap; then all are solved at once, seams are evened out, and sections made alike.',
  'intensity.lens':
    'Overlaps are matched at many places; what all tiles have in common there is the lens, and is solved with their shifts.',
  'ingest.again': 'The same files are imported with their places read in the order that fits; nothing is read twice.',
  'stitch.fuse':
    'Tiles are blended brick by brick straight into a multi-resolution volume. You can go on working meanwhile.',
  'stitch.check':
    'A sample of overlaps is matched as the layout is written and, where few of them match, read in every other order.',
  'block.again': 'The same files are imported with the axes of the stage read otherwise; nothing is copied.',
  'block.import': 'Every channel of every block is opened where it lies; nothing is copied.',
  'block.stitch':
    'Three projections of each slab of an overlap are compared at every shift, the best is refined in three dimensions; then all blocks are placed at once, without the links that do not fit.',
  'block.fuse': 'Blocks are blended box by box, all channels, straight into a multi-resolution volume.',
};

const ofTiles = [
  'stitch.start',
  'stitch.check',
  'solve.start',
  'solve.sweep',
  'align.start',
  'align.channels',
  'intensity.estimate',
  'intensity.lens',
  'stitch.fuse',
  'ingest.again',
];

const ofBlocks = ['block.import', 'block.again', 'block.stitch', 'block.fuse'];

interface AssembleScenes {
  readonly map: ReactNode;
  /** The section that is looked at and another picture of the stack. */
  readonly compare: (other: SectionOfStack) => ReactNode;
  /** Tiles of a layout, as it is written or as it fits. */
  readonly layout: DrawPlaces;
}

/** The job of these kinds that is under way. */
const useRunning = (kinds: readonly string[]): Job | null =>
  useJobs((s) => kinds.map((kind) => activeJob(s.jobs, kind)).find((job) => job) ?? null);

/** Stitch, judge the result, fuse. Scenes are handed in by the app. */
export function AssembleRoom(scenes: AssembleScenes): ReactNode {
  const dataset = useSession((s) => s.dataset);
  const running = useRunning(ofTiles);
  const stack = useAssemble((s) => s.stack);
  const report = useLayoutReport();
  const isOfBlocks = useAssemble((s) => s.step === 'blocks');
  const hasBlocks = useBlocks((s) => s.sets.length > 0);
  if (isOfBlocks || (dataset === null && hasBlocks)) return <BlocksRoom />;
  if (dataset === null) return <NothingToStitch />;
  const alone = running !== null && stack === null;
  return (
    <RoomLayout
      name="Assemble"
      navigator={<AssembleNavigator running={alone ? null : running} />}
      inspector={<StackInspector />}
    >
      {alone && <JobWatch job={running} about={waits[running.kind] ?? ''} />}
      {!alone && report && <LayoutReport found={report} draw={scenes.layout} />}
      {!alone && !report && <Result {...scenes} />}
    </RoomLayout>
  );
}

/** 3-D blocks have sets, versions and a map of their own. */
function BlocksRoom(): ReactNode {
  const running = useRunning(ofBlocks);
  const alone = useBlocks((s) => s.blocks.length === 0) && running !== null;
  return (
    <RoomLayout
      name="Assemble"
      navigator={<AssembleNavigator onlyBlocks running={alone ? null : running} />}
      inspector={null}
    >
      {alone ? <JobWatch job={running} about={waits[running.kind] ?? ''} /> : <BlockMap />}
    </RoomLayout>
  );
}

const kept = keptUnder('assemble');

type ResultScenes = Pick<AssembleScenes, 'map' | 'compare'>;

function Result({ map, compare }: ResultScenes): ReactNode {
  const resets = usePaneReset((s) => s.run);
  const alignment = useAlignment((s) => s.report);
  const registration = useRegistration((s) => s.report);
  const isToAlign = useAssemble((s) => s.step === 'align');
  const stack = useAssemble((s) => s.stack);
  const used = useBoard((s) => s.tiles?.filter(isUsed).length ?? 0);
  const sections = useBoard((s) => s.sections.length);
  if (stack === null && isToAlign) return <NotAligned />;
  if (stack === null) {
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
      resets={resets}
      kept={kept}
      label="Result of the stitching"
      panes={[
        { id: 'map', title: 'Link map', content: withMoveBar(map) },
        { id: 'compare', title: 'Compare', content: <ComparePane draw={compare} /> },
        { id: 'links', title: 'Links, worst first', content: <LinkTable /> },
        ...(sections > 1 ? [{ id: 'sections', title: 'Sections', content: <SectionFits /> }] : []),
        { id: 'seam', title: 'Seam', content: <SeamPane /> },
      ]}
      arrange={(api) => {
        api.addPanel({ id: 'map', component: 'pane', title: 'Link map' });
        const within = { referencePanel: 'map', direction: 'within' } as const;
        api.addPanel({ id: 'compare', component: 'pane', title: 'Compare', position: within, inactive: true });
        api.addPanel({
          id: 'links',
          component: 'pane',
          title: 'Links, worst first',
          position: { referencePanel: 'map', direction: 'below' },
          initialHeight: 260,
        });
        const besideLinks = { referencePanel: 'links', direction: 'within' } as const;
        if (sections > 1)
          api.addPanel({ id: 'sections', component: 'pane', title: 'Sections', position: besideLinks, inactive: true });
        api.addPanel({
          id: 'seam',
          component: 'pane',
          title: 'Seam',
          position: { referencePanel: 'map', direction: 'right' },
        });
      }}
    />
  );
}

const NotAligned = (): ReactNode => (
  <Empty icon={Layers} title="Not aligned yet" actions={<ActionButton id="sections.align" tone="primary" />}>
    Sections of many tiles are stitched first; sections of one image each can be aligned right away. You get how well
    each fits the next, before and after, and a verdict.
  </Empty>
);

const keptAligned = keptUnder('assemble.aligned');

interface AlignedProps extends ResultScenes {
  readonly sections: Parameters<typeof showSomeSection>[0];
  readonly pane: { readonly title: string; readonly content: ReactNode };
}

/** An aligned stack: pictures over each other, before and after or along z, and how well sections fit. */
function AlignedResult({ map, compare, sections, pane }: AlignedProps): ReactNode {
  const resets = usePaneReset((s) => s.run);
  useEffect(() => showSomeSection(sections), [sections]);
  return (
    <Dock
      key={pane.title}
      resets={resets}
      kept={keptAligned}
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

const withMoveBar = (map: ReactNode): ReactNode => (
  <div className="map-with-bar">
    <div className="map-place">{map}</div>
    <MoveBar />
  </div>
);

function NothingToStitch(): ReactNode {
  return (
    <main className="room-main" aria-label="Assemble">
      <Empty
        icon={LayoutGrid}
        title="There are no tiles to stitch"
        actions={
          <>
            <Button tone="primary" onClick={() => goTo('acquire')}>
              Go to Acquire
            </Button>
            <Button onClick={() => setStep('blocks')}>Stitch 3-D blocks</Button>
          </>
        }
      >
        Import a folder of overlapping tiles first; then they are matched, solved and fused here.
      </Empty>
    </main>
  );
}
