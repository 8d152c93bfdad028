import { exportStack, startFuse, startStitch, stepMapSection, useAssemble, writeReport } from '../assemble.ts';
import { useBoard } from '../board.ts';
import { activeJob, useJobs } from '../jobs.ts';
import { startCheck } from '../layout-check.ts';
import { startLens, startLight, useLight } from '../light.ts';
import { viewTiles } from '../mosaics.ts';
import { chosenSessions, startRegistration } from '../registration.ts';
import { startAlign } from '../section-alignment.ts';
import { session } from '../session.ts';
import {
  isMoved,
  keepTile,
  moveTileBy,
  moveTileToLinks,
  putTileBack,
  setMoving,
  takeTileBeside,
  useTileMove,
} from '../tile-move.ts';
import { needsLibrary } from './everywhere.ts';
import type { Action } from './registry.ts';

const busy = (kind: string): string | null =>
  activeJob(useJobs.getState().jobs, kind) ? 'It is running already' : null;

const whyNoTiles = (): string | null =>
  needsLibrary() ?? (session().dataset === null ? 'Import a folder of tiles first' : null);
const whyNoStitch = (): string | null => whyNoTiles() ?? busy('stitch.start');
const whyNoAlign = (): string | null =>
  whyNoTiles() ??
  (useBoard.getState().sections.length < 2 ? 'There must be at least two sections' : busy('align.start'));
const whyNoSessions = (): string | null =>
  whyNoTiles() ?? (chosenSessions().length < 2 ? 'There must be at least two sessions' : busy('align.channels'));
const whyNoStack = (): string | null => needsLibrary() ?? (session().stack === null ? 'Stitch the tiles first' : null);
const whyNoLight = (): string | null => {
  const { flat, overlap, seams, flicker } = useLight.getState();
  return whyNoStack() ?? (flat || overlap || seams || flicker ? busy('intensity.estimate') : 'Choose what to even out');
};

const steps: readonly Action[] = [
  { id: 'stitch.start', title: 'Stitch the tiles', menu: 'Tools', whyNot: whyNoStitch, run: () => void startStitch() },
  {
    id: 'stitch.check',
    title: 'Check the layout',
    menu: 'Tools',
    whyNot: () => whyNoTiles() ?? busy('stitch.check'),
    run: () => void startCheck(),
  },
  {
    id: 'sections.align',
    title: 'Align the sections',
    menu: 'Tools',
    whyNot: whyNoAlign,
    run: () => void startAlign(),
  },
  {
    id: 'sessions.align',
    title: 'Bring sessions to one frame',
    menu: 'Tools',
    whyNot: whyNoSessions,
    run: () => void startRegistration(),
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
    whyNot: () => whyNoStack() ?? busy('stitch.fuse'),
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

const assemble = ['assemble'] as const;

const needsTool = (): string | null =>
  useTileMove.getState().active ? null : 'Turn on moving tiles by hand first, on the link map';
const needsTaken = (): string | null =>
  needsTool() ?? (useTileMove.getState().tile === null ? 'Take a tile on the link map first' : null);
const needsMove = (): string | null => needsTaken() ?? (isMoved(useTileMove.getState()) ? null : 'Move the tile first');

const onMap = (action: Omit<Action, 'menu' | 'unlisted' | 'rooms'>): Action => ({
  ...action,
  menu: 'Tools',
  unlisted: true,
  rooms: assemble,
});

const far = 10;
const move = (id: string, word: string, key: string, x: number, y: number): readonly Action[] =>
  [1, far].map((px) =>
    onMap({
      id: px === 1 ? `map.${id}` : `map.${id}.far`,
      title: `Move the tile ${word} by ${px} px`,
      keys: [px === 1 ? key : `Shift+${key}`],
      whyNot: needsTaken,
      run: () => moveTileBy(px * x, px * y),
    }),
  );

const byHand: readonly Action[] = [
  onMap({
    id: 'map.move',
    title: 'Move tiles by hand',
    keys: ['m'],
    whyNot: whyNoStack,
    run: () => setMoving(!useTileMove.getState().active),
  }),
  onMap({ id: 'map.next', title: 'Take the next tile', keys: ['n'], whyNot: needsTool, run: () => takeTileBeside(1) }),
  onMap({
    id: 'map.previous',
    title: 'Take the tile before',
    keys: ['Shift+n'],
    whyNot: needsTool,
    run: () => takeTileBeside(-1),
  }),
  ...move('left', 'to the left', 'ArrowLeft', -1, 0),
  ...move('right', 'to the right', 'ArrowRight', 1, 0),
  ...move('up', 'up', 'ArrowUp', 0, -1),
  ...move('down', 'down', 'ArrowDown', 0, 1),
  onMap({
    id: 'map.links',
    title: 'Move the tile to where its links would have it',
    keys: ['l'],
    whyNot: needsTaken,
    run: moveTileToLinks,
  }),
  onMap({
    id: 'map.keep',
    title: 'Keep the tile about here',
    keys: ['Enter'],
    whyNot: needsMove,
    run: () => void keepTile('placed'),
  }),
  onMap({
    id: 'map.pin',
    title: 'Pin the tile exactly here',
    keys: ['p'],
    whyNot: needsTaken,
    run: () => void keepTile('pinned'),
  }),
  onMap({ id: 'map.back', title: 'Put the tile back', keys: ['Escape'], whyNot: needsMove, run: putTileBack }),
];

const sections: readonly Action[] = ([1, -1] as const).map((step) => ({
  id: step === 1 ? 'map.section.next' : 'map.section.previous',
  title: step === 1 ? 'Go to the next section of the stack' : 'Go to the section of the stack before',
  menu: 'Go',
  rooms: assemble,
  keys: step === 1 ? [']', 'PageDown'] : ['[', 'PageUp'],
  whyNot: whyNoStack,
  run: () => stepMapSection(step),
}));

export const assembleActions: readonly Action[] = [...steps, ...byHand, ...sections];
