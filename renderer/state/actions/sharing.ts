import { prepareFigure, whyNoFigure } from '../figures.ts';
import { addKeyframe, prepareMovie } from '../movies.ts';
import { askForState, copyLink, saveState } from '../sharing.ts';
import { needsLibrary } from './everywhere.ts';
import { needsLayer, panes } from './panes.ts';
import type { Action } from './registry.ts';

/** Views and pictures that leave the window. */
export const sharingActions: readonly Action[] = [
  {
    id: 'share.open',
    title: 'Open a Neuroglancer link or state…',
    menu: 'File',
    whyNot: needsLibrary,
    run: askForState,
  },
  {
    id: 'share.copy',
    title: 'Copy as Neuroglancer link',
    menu: 'File',
    rooms: panes,
    whyNot: needsLayer,
    run: () => void copyLink(),
  },
  {
    id: 'share.save',
    title: 'Save as Neuroglancer state…',
    menu: 'File',
    rooms: panes,
    whyNot: needsLayer,
    run: () => void saveState(),
  },
  {
    id: 'share.figure',
    title: 'Export a figure…',
    menu: 'File',
    rooms: panes,
    keys: ['$mod+e'],
    whyNot: whyNoFigure,
    run: prepareFigure,
  },
  {
    id: 'share.movie',
    title: 'Make a movie…',
    menu: 'File',
    rooms: panes,
    keys: ['$mod+Shift+e'],
    whyNot: whyNoFigure,
    run: prepareMovie,
  },
  {
    id: 'share.keyframe',
    title: 'Add what is shown as a keyframe of the next movie',
    menu: 'Tools',
    rooms: panes,
    whyNot: needsLayer,
    run: () => addKeyframe(),
  },
];
