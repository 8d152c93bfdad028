import type { Direction } from '../board.ts';
import {
  clearFilter,
  isOpen,
  reviewSelected,
  selectNeighbour,
  selectNextFlagged,
  stepSection,
  useBoard,
} from '../board.ts';
import { viewTiles } from '../mosaics.ts';
import { session } from '../session.ts';
import { needsLibrary } from './everywhere.ts';
import type { Action } from './registry.ts';

const needsTile = (): string | null => (useBoard.getState().selected === null ? 'Select a tile first' : null);
const needsTiles = (): string | null => (useBoard.getState().tiles?.length ? null : 'Import a folder of tiles first');

const acquire = ['acquire'] as const;
const neighbour = (direction: Direction, key: string): Action => ({
  id: `board.${direction}`,
  title: `Select the tile ${{ left: 'to the left', right: 'to the right', up: 'above', down: 'below' }[direction]}`,
  menu: 'Tools',
  unlisted: true,
  rooms: acquire,
  keys: [key],
  whyNot: needsTiles,
  run: () => selectNeighbour(direction),
});
const noneFlagged = (): string | null =>
  needsTiles() ?? (useBoard.getState().tiles?.some(isOpen) ? null : 'No flagged tile is left to review');

export const boardActions: readonly Action[] = [
  {
    id: 'board.accept',
    title: 'Accept the tile',
    menu: 'Tools',
    rooms: acquire,
    keys: ['a'],
    whyNot: needsTile,
    run: () => void reviewSelected('accepted'),
  },
  {
    id: 'board.reject',
    title: 'Reject the tile',
    menu: 'Tools',
    rooms: acquire,
    keys: ['r', 'x'],
    whyNot: needsTile,
    run: () => void reviewSelected('rejected'),
  },
  {
    id: 'board.unreview',
    title: 'Clear the review of the tile',
    menu: 'Tools',
    rooms: acquire,
    keys: ['u'],
    whyNot: needsTile,
    run: () => void reviewSelected('unreviewed'),
  },
  {
    id: 'board.next',
    title: 'Select the next flagged tile',
    menu: 'Tools',
    rooms: acquire,
    keys: ['n'],
    whyNot: noneFlagged,
    run: () => selectNextFlagged(1),
  },
  {
    id: 'board.previous',
    title: 'Select the previous flagged tile',
    menu: 'Tools',
    rooms: acquire,
    keys: ['Shift+n'],
    whyNot: noneFlagged,
    run: () => selectNextFlagged(-1),
  },
  neighbour('left', 'ArrowLeft'),
  neighbour('right', 'ArrowRight'),
  neighbour('up', 'ArrowUp'),
  neighbour('down', 'ArrowDown'),
  {
    id: 'board.section.next',
    title: 'Go to the next section',
    menu: 'Go',
    rooms: acquire,
    keys: ['PageDown', '.'],
    whyNot: needsTiles,
    run: () => stepSection(1),
  },
  {
    id: 'board.section.previous',
    title: 'Go to the previous section',
    menu: 'Go',
    rooms: acquire,
    keys: ['PageUp', ','],
    whyNot: needsTiles,
    run: () => stepSection(-1),
  },
  {
    id: 'board.view',
    title: 'Look at the tiles in View',
    menu: 'Go',
    whyNot: () => needsLibrary() ?? (session().dataset === null ? 'Import a folder of tiles first' : null),
    run: () => void viewTiles({ dataset: session().dataset ?? '', stack: null }),
  },
  {
    id: 'board.filter.clear',
    title: 'Show all tiles',
    menu: 'View',
    rooms: acquire,
    whyNot: needsTiles,
    run: clearFilter,
  },
];
