import { Activity, ChevronDown, ChevronUp, HardDrive } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Job } from '../../../preload/contract/job.ts';
import { isActive, lastFailed, newestFirst, setJobsPanel, useJobs } from '../../state/jobs.ts';
import { useLibrary } from '../../state/library.ts';
import { useOffline } from '../../state/offline.ts';
import { useSession } from '../../state/session.ts';
import { formatPlace } from '../../state/place-text.ts';
import { usePlaceUnit } from '../../state/place-unit.ts';
import { isUnsized } from '../../state/unsized.ts';
import type { DrawStats } from '../../state/view.ts';
import { cameraOf, useView } from '../../state/view.ts';
import { formatBytes, formatDuration, formatLength, formatVoxels, plural } from '../../ui/format.ts';
import { Progress } from '../../ui/progress.tsx';
import { RegionReadout } from './region-readout.tsx';
import { ValueReadout } from './value-readout.tsx';

export function StatusBar(): ReactNode {
  const room = useSession((s) => s.room);
  const looking = room === 'view' || room === 'annotate';
  return (
    <footer className="status-bar" aria-label="Status">
      <JobsToggle />
      {looking ? <ViewReadout /> : <LibraryReadout />}
    </footer>
  );
}

function JobsToggle(): ReactNode {
  const open = useJobs((s) => s.panelOpen);
  const jobs = useJobs((s) => s.jobs);
  const active = newestFirst(jobs).filter(isActive);
  const first = active.find((job) => job.state === 'running') ?? active[0];
  const Chevron = open ? ChevronDown : ChevronUp;
  return (
    <button type="button" className="status-jobs" aria-expanded={open} onClick={() => setJobsPanel(!open)}>
      <Activity size={14} aria-hidden />
      <span>Jobs</span>
      {first ? <RunningJob job={first} others={active.length - 1} /> : <NothingRuns jobs={jobs} />}
      <Chevron size={14} aria-hidden />
    </button>
  );
}

/** The jobs panel, which a click opens, shows what failed. */
function NothingRuns({ jobs }: { readonly jobs: Readonly<Record<string, Job>> }): ReactNode {
  const failed = lastFailed(jobs);
  if (!failed) return <span className="faint">{Object.keys(jobs).length === 0 ? 'none yet' : 'all done'}</span>;
  return (
    <span className="status-job failed">
      <span className="truncate">Failed: {failed.label}</span>
    </span>
  );
}

function RunningJob({ job, others }: { readonly job: Job; readonly others: number }): ReactNode {
  const fraction = job.total > 0 ? job.done / job.total : 0;
  return (
    <span className="status-job">
      <span className="truncate">
        {job.state === 'paused' ? 'Paused: ' : ''}
        {job.label}
      </span>
      <Progress label={job.label} fraction={fraction} state={job.state === 'paused' ? 'paused' : 'running'} />
      {job.etaSecs !== null && <span className="mono">{formatDuration(job.etaSecs)} left</span>}
      {others > 0 && <span className="faint">and {others} more</span>}
    </span>
  );
}

function LibraryReadout(): ReactNode {
  const library = useLibrary((s) => s.library);
  if (!library) return <span className="faint">No library is open</span>;
  const tiles = library.datasets.reduce((sum, dataset) => sum + dataset.tiles, 0);
  return (
    <span className="status-library" title={library.folder}>
      <HardDrive size={13} aria-hidden />
      <span className="truncate">{library.folder}</span>
      <span className="faint">
        {plural(tiles, 'tile')} · {plural(library.volumes.length, 'volume')}
        {library.readOnly ? ' · read-only' : ' · saved'}
      </span>
    </span>
  );
}

function ViewReadout(): ReactNode {
  const isEmpty = useView((s) => s.layers.length === 0);
  const nmPerPx = useView((s) => cameraOf(s, s.activePane).nmPerPx);
  const unsized = useView(isUnsized);
  if (isEmpty) return <LibraryReadout />;
  return (
    <div className="status-view mono">
      <PositionReadout />
      <ValueReadout />
      <RegionReadout />
      <span aria-label="Scale">{(unsized ? formatVoxels : formatLength)(nmPerPx)}/px</span>
      <DrawingReadout />
    </div>
  );
}

function PositionReadout(): ReactNode {
  const position = useView((s) => s.positionNm);
  const cursor = useView((s) => s.cursor);
  const unit = usePlaceUnit();
  const nmPerPx = useView((s) => cameraOf(s, s.cursor?.pane ?? s.activePane).nmPerPx);
  return (
    <span aria-label={cursor ? 'Position under the pointer' : 'Position of the cross-hair'}>
      {formatPlace(cursor?.positionNm ?? position, unit, nmPerPx)}
    </span>
  );
}

function howDrawn({ inFlight, state }: DrawStats, away: boolean): string {
  if (inFlight > 0) return `${inFlight} bricks to come`;
  if (away) return 'offline';
  return { drawing: 'drawing', sharp: 'sharp', short: 'as sharp as can be' }[state];
}

function DrawingReadout(): ReactNode {
  const stats = useView((s) => s.stats);
  const away = useOffline((s) => s.away.size > 0);
  if (!stats) return null;
  return (
    <span
      aria-label="Drawing"
      className="faint"
      data-state={stats.inFlight > 0 ? 'coming' : away ? 'offline' : stats.state}
      data-frames={stats.frames}
      data-blank={stats.blankFrames}
      data-entered={stats.entered}
      data-ready={stats.ready}
      data-memory={stats.memoryBytes}
      data-graphics={stats.graphicsBytes}
    >
      level {stats.level} · {howDrawn(stats, away)} · {formatBytes(stats.memoryBytes + stats.graphicsBytes)}
    </span>
  );
}
