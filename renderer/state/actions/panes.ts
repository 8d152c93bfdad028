import { alignBy, useAlign } from '../align.ts';
import { autoContrast } from '../grey-levels.ts';
import { nextChannel, updateImage } from '../layer-edits.ts';
import {
  fitView,
  orbitBy,
  panBy,
  restartGraphics,
  showTime,
  stepThrough,
  toggleMaximised,
  zoomAt,
} from '../view-moves.ts';
import { imageInView, kindOfPane, slicePaneInView, timesInView, useView, volumeInView } from '../view.ts';
import type { Action } from './registry.ts';

const get = useView.getState;

export const needsVolume = (): string | null => (volumeInView(get()) ? null : 'Add or fuse a volume first');
export const needsLayer = (): string | null => (get().layers.length > 0 ? null : 'Add a layer first');
const needsImage = (): string | null => (imageInView(get()) ? null : 'Select an image layer first');

/** The rooms with panes. */
export const panes = ['view', 'annotate'] as const;
const active = (): string => get().activePane;
const isOrbit = (): boolean => kindOfPane(get(), active()) === '3d';
const step = 64;
const turn = Math.PI / 24;

function move(name: string, keys: readonly string[], dx: number, dy: number): Action {
  const run = (): void => {
    if (isOrbit()) orbitBy(active(), dx * turn, dy * turn);
    else if (useAlign.getState().active) alignBy(active(), dx, dy);
    else panBy(active(), dx * step, dy * step);
  };
  return {
    id: `view.${name}`,
    title: `Move ${name}`,
    menu: 'View',
    unlisted: true,
    rooms: panes,
    keys,
    whyNot: needsLayer,
    run,
  };
}

const zoom = (id: string, title: string, keys: readonly string[], factor: number): Action => ({
  id,
  title,
  menu: 'View',
  unlisted: true,
  rooms: panes,
  keys,
  whyNot: needsLayer,
  run: () => zoomAt(active(), factor),
});

export const through = (id: string, title: string, keys: readonly string[], by: number): Action => ({
  id,
  title,
  menu: 'Go',
  unlisted: true,
  rooms: panes,
  keys,
  whyNot: needsVolume,
  run: () => stepThrough(slicePaneInView(get())?.id ?? active(), by),
});

export const needsTimes = (): string | null =>
  needsVolume() ?? (timesInView(get()) > 1 ? null : 'What is shown has one time');
const needsChannels = (): string | null =>
  needsImage() ?? ((volumeInView(get())?.channels.length ?? 1) > 1 ? null : 'This volume has one channel');

const time = (id: string, title: string, keys: readonly string[], by: number): Action => ({
  id,
  title,
  menu: 'Go',
  unlisted: true,
  rooms: panes,
  keys,
  whyNot: needsTimes,
  run: () => showTime(get().time + by),
});

export const viewActions: readonly Action[] = [
  {
    id: 'view.fit',
    title: 'Fit all layers',
    menu: 'View',
    rooms: panes,
    keys: ['Home', '0'],
    whyNot: needsLayer,
    run: fitView,
  },
  {
    id: 'view.maximise',
    title: 'Maximise or restore the active pane',
    menu: 'View',
    rooms: panes,
    keys: ['m'],
    whyNot: needsLayer,
    run: () => toggleMaximised(active()),
  },
  {
    id: 'view.graphics',
    title: 'Restart the graphics',
    menu: 'Help',
    rooms: panes,
    whyNot: needsLayer,
    run: restartGraphics,
  },
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
    whyNot: needsImage,
    run: autoContrast,
  },
  {
    id: 'view.invert',
    title: 'Invert grey levels',
    menu: 'View',
    rooms: panes,
    keys: ['i'],
    whyNot: needsImage,
    run: () => updateImage({ inverted: !imageInView(get())?.inverted }),
  },
];
