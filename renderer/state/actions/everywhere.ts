import { create } from 'zustand';
import { chooseSource, pickLibrary, trySample } from '../acquire.ts';
import { setJobsPanel, useJobs } from '../jobs.ts';
import { closeLibrary, stepHistory, useLibrary } from '../library.ts';
import type { Room } from '../session.ts';
import { goTo, session, setSession } from '../session.ts';
import type { Action } from './registry.ts';
import { roomName } from './registry.ts';

export type Overlay = 'palette' | 'shortcuts' | 'go-to';
/** What lies over the window. */
export const useOverlays = create<{ readonly open: Overlay | null }>(() => ({ open: null }));
export const setOverlay = (open: Overlay | null): void => useOverlays.setState({ open });

/** Counts the times that the panes were put back; each dock follows. */
export const usePaneReset = create<{ readonly run: number }>(() => ({ run: 0 }));

export const needsLibrary = (): string | null => (useLibrary.getState().library ? null : 'Open a library first');

const rooms: readonly Room[] = ['home', 'acquire', 'assemble', 'volumes', 'view', 'annotate', 'register', 'publish'];

const goActions: readonly Action[] = rooms.map((room, index) => ({
  id: `go.${room}`,
  title: `Go to ${roomName(room)}`,
  menu: 'Go',
  keys: [`$mod+${index + 1}`],
  run: () => goTo(room),
}));

function historyAction(direction: 'undo' | 'redo', keys: readonly string[]): Action {
  const label = (): string | null => useLibrary.getState().library?.[direction] ?? null;
  return {
    id: `edit.${direction}`,
    title: direction === 'undo' ? 'Undo' : 'Redo',
    menu: 'Edit',
    keys,
    whyNot: () => needsLibrary() ?? (label() === null ? `Nothing to ${direction}` : null),
    run: () => stepHistory(direction),
  };
}

export const everywhereActions: readonly Action[] = [
  {
    id: 'library.open',
    title: 'Open or create a library…',
    menu: 'File',
    keys: ['$mod+o'],
    run: () => void pickLibrary(),
  },
  {
    id: 'acquire.import',
    title: 'Import a folder of tiles…',
    menu: 'File',
    keys: ['$mod+i'],
    whyNot: needsLibrary,
    run: () => void chooseSource(),
  },
  {
    id: 'acquire.watch',
    title: 'Watch a folder while the microscope writes…',
    menu: 'File',
    whyNot: needsLibrary,
    run: () => void chooseSource('watch'),
  },
  { id: 'library.sample', title: 'Try the sample acquisition', menu: 'File', run: () => void trySample() },
  {
    id: 'library.close',
    title: 'Close the library',
    menu: 'File',
    whyNot: needsLibrary,
    run: () => void closeLibrary(),
  },
  historyAction('undo', ['$mod+z']),
  historyAction('redo', ['$mod+Shift+z', '$mod+y']),
  ...goActions,
  {
    id: 'window.jobs',
    title: 'Show or hide the jobs',
    menu: 'View',
    keys: ['$mod+j'],
    run: () => setJobsPanel(!useJobs.getState().panelOpen),
  },
  {
    id: 'window.navigator',
    title: 'Show or hide the navigator',
    menu: 'View',
    keys: ['$mod+b'],
    run: () => setSession({ navigator: !session().navigator }),
  },
  {
    id: 'window.inspector',
    title: 'Show or hide the inspector',
    menu: 'View',
    keys: ['$mod+Alt+b'],
    run: () => setSession({ inspector: !session().inspector }),
  },
  {
    id: 'window.panes',
    title: 'Put the panes back',
    menu: 'View',
    run: () => usePaneReset.setState(({ run }) => ({ run: run + 1 })),
  },
  {
    id: 'window.theme',
    title: 'Switch between dark and light',
    menu: 'View',
    run: () => setSession({ theme: session().theme === 'dark' ? 'light' : 'dark' }),
  },
  {
    id: 'help.palette',
    title: 'Search or run a command',
    menu: 'Help',
    keys: ['$mod+k', 'F1', '$mod+Shift+p'],
    run: () => setOverlay('palette'),
  },
  {
    id: 'help.shortcuts',
    title: 'Show keyboard shortcuts',
    menu: 'Help',
    keys: ['Shift+?'],
    run: () => setOverlay('shortcuts'),
  },
];
