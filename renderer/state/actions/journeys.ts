import { exportStack, startFuse, startStitch, useAssemble, writeReport } from '../assemble.ts';
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
import { activeJob, useJobs } from '../jobs.ts';
import { startLens, startLight, useLight } from '../light.ts';
import { viewTiles } from '../mosaics.ts';
import { startAlign } from '../section-alignment.ts';
import { session } from '../session.ts';
import { needsLibrary } from './everywhere.ts';
import type { Action } from './registry.ts';

const needsTile = (): string | null => (useBoard.getState().selected === null ? 'Select a tile first' : null);
const needsTiles = (): string | null => (useBoard.getState().tiles?.length ? null : 'Import a folder of tiles first');

const busy = (kind: string): string | null =>
  activeJob(useJobs.getState().jobs, kind) ? 'It is running already' : null;

export const whyNoStitch = (): string | null =>
  needsLibrary() ?? (session().dataset === null ? 'Import a folder of tiles first' : busy('stitch.start'));
const whyNoAlign = (): string | null => {
  if (session().dataset === null) return needsLibrary() ?? 'Import a folder of tiles first';
  return useBoard.getState().sections.length < 2 ? 'There must be at least two sections' : busy('align.start');
};
export const whyNoLight = (): string | null => {
  const { flat, overlap, seams, flicker } = useLight.getState();
  return whyNoStack() ?? (flat || overlap || seams || flicker ? busy('intensity.estimate') : 'Choose what to even out');
};
const whyNoStack = (): string | null => needsLibrary() ?? (session().stack === null ? 'Stitch the tiles first' : null);
export const whyNoFuse = (): string | null =>
  needsLibrary() ?? (session().stack === null ? 'Stitch the tiles first' : busy('stitch.fuse'));

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

export const assembleActions: readonly Action[] = [
  { id: 'stitch.start', title: 'Stitch the tiles', menu: 'Tools', whyNot: whyNoStitch, run: () => void startStitch() },
  {
    id: 'sections.align',
    title: 'Align the sections',
    menu: 'Tools',
    whyNot: whyNoAlign,
    run: () => void startAlign(),
  },
  { id: 'light.start', title: 'Even out the light', menu: 'Tools', whyNot: whyNoLight, run: () => void startLight() },
  {
    id: 'light.lens',
    title: 'Correct the lens',
    menu: 'Tools',
    whyNot: () => whyNoStack() ?? busy('intensity.lens'),
    run: () => void startLens(),
  },
  {
    id: 'stitch.view',
    title: 'Look at the stitched tiles in View',
    menu: 'Go',
    whyNot: whyNoStack,
    run: () => void viewTiles({ dataset: session().dataset ?? '', stack: session().stack }),
  },
  {
    id: 'stitch.fuse',
    title: 'Fuse the stack into a volume',
    menu: 'Tools',
    whyNot: whyNoFuse,
    run: () => void startFuse(),
  },
  {
    id: 'stitch.report',
    title: 'Write a report of the stitching…',
    menu: 'File',
    whyNot: whyNoStack,
    run: () => void writeReport(),
  },
  {
    id: 'stitch.export',
    title: 'Export placements as Render JSON…',
    menu: 'File',
    whyNot: () => needsLibrary() ?? (useAssemble.getState().stack === null ? 'Stitch the tiles first' : null),
    run: () => void exportStack(),
  },
];
