import { LayoutGrid } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Job } from '../../../preload/contract/job.ts';
import { setStep, useAssemble } from '../../state/assemble.ts';
import { useBlocks } from '../../state/blocks.ts';
import { activeJob, useJobs } from '../../state/jobs.ts';
import { useLayoutReport } from '../../state/layout-check.ts';
import { goTo, useSession } from '../../state/session.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { JobWatch } from '../job-watch.tsx';
import { RoomLayout } from '../layout.tsx';
import { AssembleNavigator } from './assemble-navigator.tsx';
import { BlockMap } from './block-map.tsx';
import { type DrawPlaces, LayoutReport } from './layout-report.tsx';
import { Result, type ResultScenes } from './result.tsx';
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

interface AssembleScenes extends ResultScenes {
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
