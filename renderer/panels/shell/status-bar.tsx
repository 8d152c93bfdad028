import { Activity, ChevronDown, ChevronUp, HardDrive } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Job } from '../../../preload/contract/job.ts';
import { isActive, newestFirst, setJobsPanel, useJobs } from '../../state/jobs.ts';
import { useLibrary } from '../../state/library.ts';
import { useOffline } from '../../state/offline.ts';
import { useSession } from '../../state/session.ts';
import { formatGrey, isExact } from '../../state/display.ts';
import { useView } from '../../state/view.ts';
import { axisNames } from '../../state/volume-geometry.ts';
import { formatBytes, formatCount, formatDuration, formatNumber, plural } from '../../ui/format.ts';
import { css, labelColour } from '../../ui/colour-maps.ts';
import { Progress } from '../../ui/progress.tsx';

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
      {first ? (
        <RunningJob job={first} others={active.length - 1} />
      ) : (
        <span className="faint">{Object.keys(jobs).length === 0 ? 'none yet' : 'all done'}</span>
      )}
      <Chevron size={14} aria-hidden />
    </button>
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
  const position = useView((s) => s.positionNm);
  const cursor = useView((s) => s.cursor);
  const nmPerPx = useView((s) => s.nmPerPx);
  const stats = useView((s) => s.stats);
  const volume = useView((s) => s.volume);
  const away = useOffline((s) => s.volume !== null);
  if (!volume) return <LibraryReadout />;
  const shown = cursor?.positionNm ?? position;
  return (
    <div className="status-view mono">
      <span aria-label={cursor ? 'Position under the pointer' : 'Position of the cross-hair'}>
        {axisNames.map((name, axis) => `${name} ${formatCount(shown[axis] ?? 0)}`).join('  ')} nm
      </span>
      <Readout />
      <span aria-label="Scale">{formatNumber(nmPerPx)} nm/px</span>
      {stats && (
        <span
          aria-label="Drawing"
          className="faint"
          data-frames={stats.frames}
          data-blank={stats.blankFrames}
          data-entered={stats.entered}
          data-ready={stats.ready}
          data-memory={stats.memoryBytes}
          data-graphics={stats.graphicsBytes}
        >
          level {stats.level} · {stats.inFlight > 0 ? `${stats.inFlight} bricks to come` : away ? 'offline' : 'sharp'} ·{' '}
          {formatBytes(stats.memoryBytes + stats.graphicsBytes)}
        </span>
      )}
    </div>
  );
}

/** The value under the pointer: at once as near as bricks tell, exactly once the pointer rests. */
function Readout(): ReactNode {
  const cursor = useView((s) => s.cursor);
  const volume = useView((s) => s.volume);
  if (!volume || cursor?.value == null) return <span aria-label="Grey value">value –</span>;
  const { labels } = volume.display;
  if (labels)
    return (
      <span aria-label="Label" className="label-value">
        <span className="mark-dot" style={{ background: css(labelColour(cursor.stored ?? 0)) }} aria-hidden />
        label {cursor.exact ?? (cursor.stored === 0 ? '0' : '…')}
      </span>
    );
  const about = isExact(volume) || cursor.exact !== null ? '' : '≈ ';
  return (
    <span aria-label="Grey value">
      value {about}
      {cursor.exact ?? formatGrey(volume.dtype, cursor.value, 3)}
    </span>
  );
}
