import { copyPlace } from '../copy-place.ts';
import { freshViewName, saveNamedView } from '../named-views.ts';
import { canGo, goThroughPlaces, usePlaces } from '../places.ts';
import { togglePlay } from '../playback.ts';
import { stepViewHistory, useViewHistory } from '../view-history.ts';
import { needsLibrary, setOverlay } from './everywhere.ts';
import { needsLayer, needsTimes, needsVolume, panes } from './panes.ts';
import type { Action } from './registry.ts';

const history = (direction: 'undo' | 'redo', title: string, keys: readonly string[]): Action => ({
  id: `view.${direction}`,
  title,
  menu: 'Edit',
  rooms: panes,
  keys,
  whyNot: () => {
    const { past, future } = useViewHistory.getState();
    return (direction === 'undo' ? past : future).length > 0 ? null : `Nothing of the view to ${direction}`;
  },
  run: () => stepViewHistory(direction),
});

const trail = (id: string, title: string, keys: readonly string[], by: 1 | -1): Action => ({
  id,
  title,
  menu: 'Go',
  rooms: panes,
  keys,
  whyNot: () => needsLayer() ?? (canGo(usePlaces.getState(), by) ? null : 'No other place was visited that way'),
  run: () => goThroughPlaces(by),
});

/** Where the view has been, where it goes, and what it is called. */
export const placeActions: readonly Action[] = [
  history('undo', 'Undo the view change', ['$mod+Alt+z']),
  history('redo', 'Redo the view change', ['$mod+Alt+Shift+z']),
  trail('view.back', 'Go back to the place before', ['Alt+ArrowLeft'], -1),
  trail('view.forward', 'Go forward to the next place', ['Alt+ArrowRight'], 1),
  {
    id: 'view.goto',
    title: 'Go to position…',
    menu: 'Go',
    rooms: panes,
    keys: ['g', '$mod+g'],
    whyNot: needsLayer,
    run: () => setOverlay('go-to'),
  },
  {
    id: 'view.copy.nm',
    title: 'Copy the position in nm',
    menu: 'Edit',
    rooms: panes,
    keys: ['Shift+c'],
    whyNot: needsLayer,
    run: () => void copyPlace('nm'),
  },
  {
    id: 'view.copy.voxels',
    title: 'Copy the position in voxels',
    menu: 'Edit',
    rooms: panes,
    whyNot: needsVolume,
    run: () => void copyPlace('voxels'),
  },
  {
    id: 'view.keep',
    title: 'Keep this view under a name',
    menu: 'View',
    rooms: panes,
    keys: ['$mod+Shift+s'],
    whyNot: () => needsLibrary() ?? needsLayer(),
    run: () => void saveNamedView(freshViewName()),
  },
  {
    id: 'view.play',
    title: 'Play or pause',
    menu: 'View',
    rooms: panes,
    keys: ['Shift+t'],
    whyNot: needsTimes,
    run: togglePlay,
  },
];
