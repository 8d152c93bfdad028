import { BellRing, ChevronRight, LoaderCircle, PanelLeft, PanelRight, Redo2, Search, Undo2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { runAction, roomName } from '../../state/actions/registry.ts';
import { setJobsPanel, useJobs } from '../../state/jobs.ts';
import { useLibrary } from '../../state/library.ts';
import type { Room } from '../../state/session.ts';
import { goTo, useSession } from '../../state/session.ts';
import { showAlarms, unseenOf, useWatch } from '../../state/watch.ts';
import { Keys } from '../../ui/keys.tsx';
import { ActionIcon } from '../action-button.tsx';

export function TitleBar(): ReactNode {
  return (
    <header className="title-bar">
      <Breadcrumb />
      <button
        type="button"
        className="palette-button"
        aria-keyshortcuts="Control+K F1"
        onClick={() => runAction('help.palette')}
      >
        <Search size={14} aria-hidden />
        <span>Search or run a command</span>
        <Keys keys="$mod+K" />
      </button>
      <div className="title-tools">
        <AlarmsButton />
        <JobsButton />
        <ActionIcon id="edit.undo" icon={Undo2} />
        <ActionIcon id="edit.redo" icon={Redo2} />
        <Toggles />
      </div>
    </header>
  );
}

function Toggles(): ReactNode {
  const navigator = useSession((s) => s.navigator);
  const inspector = useSession((s) => s.inspector);
  return (
    <>
      <ActionIcon id="window.navigator" icon={PanelLeft} pressed={navigator} />
      <ActionIcon id="window.inspector" icon={PanelRight} pressed={inspector} />
    </>
  );
}

interface Crumb {
  readonly name: string;
  readonly room: Room;
}

function Breadcrumb(): ReactNode {
  const room = useSession((s) => s.room);
  const library = useLibrary((s) => s.library);
  const datasetId = useSession((s) => s.dataset);
  const volumeId = useSession((s) => s.volume);
  const dataset = library?.datasets.find(({ id }) => id === datasetId);
  const volume = library?.volumes.find(({ id }) => id === volumeId);
  const crumbs: Crumb[] = [{ name: library?.name ?? 'Lamella', room: 'home' }];
  if ((room === 'acquire' || room === 'assemble') && dataset) crumbs.push({ name: dataset.name, room: 'acquire' });
  if ((room === 'volumes' || room === 'view' || room === 'annotate' || room === 'publish') && volume)
    crumbs.push({ name: volume.name, room: 'view' });
  return (
    <nav className="breadcrumb" aria-label="Where you are">
      <ol>
        {crumbs.map((crumb) => (
          <li key={crumb.room}>
            <button type="button" onClick={() => goTo(crumb.room)} className="truncate">
              {crumb.name}
            </button>
            <ChevronRight size={13} aria-hidden />
          </li>
        ))}
        <li aria-current="page">{roomName(room)}</li>
      </ol>
    </nav>
  );
}

function JobsButton(): ReactNode {
  const count = useJobs((s) => Object.values(s.jobs).filter(({ state }) => state === 'running').length);
  const open = useJobs((s) => s.panelOpen);
  if (count === 0) return null;
  return (
    <button type="button" className="jobs-button" aria-expanded={open} onClick={() => setJobsPanel(!open)}>
      <LoaderCircle size={14} className="spin" aria-hidden />
      {count} {count === 1 ? 'job' : 'jobs'}
    </button>
  );
}

/** Alarms that nobody has seen, wherever the user is: while a tile can still be taken again. */
function AlarmsButton(): ReactNode {
  const unseen = useWatch((s) => unseenOf(s.watches));
  if (unseen === 0) return null;
  return (
    <button type="button" className="jobs-button alarms-button" onClick={showAlarms}>
      <BellRing size={14} aria-hidden />
      {unseen} {unseen === 1 ? 'alarm' : 'alarms'}
    </button>
  );
}
