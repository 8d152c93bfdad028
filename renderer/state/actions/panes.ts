import { exportAnnotations, placeAt, removeAnnotation, setTool, stepBack, useEdits } from '../edits.ts';
import { autoContrast } from '../grey-levels.ts';
import type { PaneId, Plane } from '../volume-geometry.ts';
import {
  fitVolume,
  orbitBy,
  panBy,
  restartGraphics,
  setLayout,
  setView,
  showChannel,
  showTime,
  stepThrough,
  toggleMaximised,
  useView,
  zoomAt,
  zoomOrbit,
} from '../view.ts';
import type { Action } from './registry.ts';

const needsVolume = (): string | null => (useView.getState().volume ? null : 'Add or fuse a volume first');

const panes = ['view', 'annotate'] as const;
const active = (): PaneId => useView.getState().activePane;
const activePlane = (): Plane => {
  const pane = active();
  return pane === '3d' ? 'xy' : pane;
};
const step = 64;
const turn = Math.PI / 24;

function move(name: string, keys: readonly string[], dx: number, dy: number): Action {
  const run = (): void =>
    active() === '3d' ? orbitBy(dx * turn, dy * turn) : panBy(activePlane(), dx * step, dy * step);
  return {
    id: `view.${name}`,
    title: `Move ${name}`,
    menu: 'View',
    unlisted: true,
    rooms: panes,
    keys,
    whyNot: needsVolume,
    run,
  };
}

function zoom(id: string, title: string, keys: readonly string[], factor: number): Action {
  const run = (): void => (active() === '3d' ? zoomOrbit(1 / factor) : zoomAt(activePlane(), factor));
  return { id, title, menu: 'View', unlisted: true, rooms: panes, keys, whyNot: needsVolume, run };
}

const through = (id: string, title: string, keys: readonly string[], by: number): Action => ({
  id,
  title,
  menu: 'Go',
  unlisted: true,
  rooms: panes,
  keys,
  whyNot: needsVolume,
  run: () => stepThrough(activePlane(), by),
});

const needsTimes = (): string | null =>
  needsVolume() ?? ((useView.getState().volume?.times ?? 1) > 1 ? null : 'This volume has one time');
const needsChannels = (): string | null =>
  needsVolume() ?? ((useView.getState().volume?.channels.length ?? 1) > 1 ? null : 'This volume has one channel');

const time = (id: string, title: string, keys: readonly string[], by: number): Action => ({
  id,
  title,
  menu: 'Go',
  unlisted: true,
  rooms: panes,
  keys,
  whyNot: needsTimes,
  run: () => showTime(useView.getState().time + by),
});

function nextChannel(): void {
  const { volume, channel } = useView.getState();
  if (volume) showChannel((channel + 1) % volume.channels.length);
}

const showPane = (pane: PaneId, name: string): Action => ({
  id: `view.pane.${pane}`,
  title: `Show the ${name} pane alone`,
  menu: 'View',
  rooms: panes,
  whyNot: needsVolume,
  run: () => setLayout(pane),
});

export const viewActions: readonly Action[] = [
  {
    id: 'view.fit',
    title: 'Fit the volume',
    menu: 'View',
    rooms: panes,
    keys: ['Home', '0'],
    whyNot: needsVolume,
    run: fitVolume,
  },
  {
    id: 'view.four',
    title: 'Show all four panes',
    menu: 'View',
    rooms: panes,
    keys: ['4'],
    whyNot: needsVolume,
    run: () => setLayout('four'),
  },
  {
    id: 'view.maximise',
    title: 'Maximise or restore the active pane',
    menu: 'View',
    rooms: panes,
    keys: ['m'],
    whyNot: needsVolume,
    run: () => toggleMaximised(active()),
  },
  {
    id: 'view.graphics',
    title: 'Restart the graphics',
    menu: 'Help',
    rooms: panes,
    whyNot: needsVolume,
    run: restartGraphics,
  },
  showPane('xy', 'XY'),
  showPane('xz', 'XZ'),
  showPane('yz', 'YZ'),
  showPane('3d', '3-D'),
  move('left', ['ArrowLeft', 'a'], -1, 0),
  move('right', ['ArrowRight', 'd'], 1, 0),
  move('up', ['ArrowUp', 'w'], 0, -1),
  move('down', ['ArrowDown', 's'], 0, 1),
  zoom('view.zoom.in', 'Zoom in', ['+', '=', 'Shift++'], 1 / 1.25),
  zoom('view.zoom.out', 'Zoom out', ['-'], 1.25),
  through('view.next', 'Go one section deeper', ['PageDown', '.'], 1),
  through('view.previous', 'Go one section back', ['PageUp', ','], -1),
  time('view.time.next', 'Go to the next time', [']'], 1),
  time('view.time.previous', 'Go to the time before', ['['], -1),
  {
    id: 'view.channel.next',
    title: 'Show the next channel',
    menu: 'View',
    rooms: panes,
    keys: ['k'],
    whyNot: needsChannels,
    run: nextChannel,
  },
  {
    id: 'view.contrast.auto',
    title: 'Set contrast automatically',
    menu: 'View',
    rooms: panes,
    keys: ['c'],
    whyNot: needsVolume,
    run: autoContrast,
  },
  {
    id: 'view.invert',
    title: 'Invert grey levels',
    menu: 'View',
    rooms: panes,
    keys: ['i'],
    whyNot: needsVolume,
    run: () => setView({ inverted: !useView.getState().inverted }),
  },
];

const annotate = ['annotate'] as const;
const selected = (): string | null => useEdits.getState().selected;

export const annotateActions: readonly Action[] = [
  {
    id: 'annotate.point',
    title: 'Take the point tool',
    menu: 'Tools',
    rooms: annotate,
    keys: ['p'],
    whyNot: needsVolume,
    run: () => setTool('point'),
  },
  {
    id: 'annotate.line',
    title: 'Take the line tool',
    menu: 'Tools',
    rooms: annotate,
    keys: ['l'],
    whyNot: needsVolume,
    run: () => setTool('line'),
  },
  {
    id: 'annotate.navigate',
    title: 'Put the tool down',
    menu: 'Tools',
    rooms: annotate,
    keys: ['Escape'],
    run: stepBack,
  },
  {
    id: 'annotate.place',
    title: 'Place at the cross-hair',
    menu: 'Tools',
    rooms: annotate,
    keys: ['Enter'],
    whyNot: () =>
      needsVolume() ?? (useEdits.getState().tool === 'navigate' ? 'Take the point or line tool first' : null),
    run: () => void placeAt(useView.getState().positionNm),
  },
  {
    id: 'annotate.remove',
    title: 'Delete the annotation',
    menu: 'Edit',
    rooms: annotate,
    keys: ['Delete'],
    whyNot: () => (selected() === null ? 'Select an annotation first' : null),
    run: () => void removeAnnotation(selected() ?? ''),
  },
  {
    id: 'annotate.export',
    title: 'Export annotations as CSV…',
    menu: 'File',
    whyNot: needsVolume,
    run: () => void exportAnnotations(),
  },
];
