import type { LayerOf } from '../../../preload/contract/view-state.ts';
import { setAlign, useAlign } from '../align.ts';
import { clearClip, cutAtCrossHair, isClipped } from '../clip.ts';
import { endLandmarks, stepBackLandmarks } from '../landmark-tool.ts';
import { landmarksNow } from '../landmarks.ts';
import { toggleLayer, updateLayer } from '../layer-edits.ts';
import { session, setSession, visions } from '../session.ts';
import { toast } from '../toasts.ts';
import { rotatePlanes, straighten } from '../view-moves.ts';
import { cameraOf, selectedLayer, slicePaneInView, useView } from '../view.ts';
import { isUnturned } from '../rotation.ts';
import { needsLayer, needsVolume, panes, through } from './panes.ts';
import type { Action } from './registry.ts';

/** Turning the slice planes, longer steps, and what is shown or hidden with a key. */

const get = useView.getState;
const slicePane = (): string => slicePaneInView(get())?.id ?? get().activePane;
const turnStep = Math.PI / 36;

const turn = (
  id: string,
  title: string,
  keys: readonly string[],
  about: 'right' | 'down' | 'normal',
  by: number,
): Action => ({
  id,
  title,
  menu: 'View',
  unlisted: true,
  rooms: panes,
  keys,
  whyNot: needsVolume,
  run: () => rotatePlanes(slicePane(), about, by * turnStep),
});

const layerAt = (place: number): string | undefined => get().layers.toReversed()[place - 1]?.id;

const layerToggles: readonly Action[] = Array.from({ length: 9 }, (_, i) => ({
  id: `layer.toggle.${i + 1}`,
  title: `Show or hide layer ${i + 1}`,
  menu: 'View',
  unlisted: true,
  rooms: panes,
  keys: [`Alt+${i + 1}`],
  whyNot: () => (layerAt(i + 1) === undefined ? 'There are fewer layers' : null),
  run: () => toggleLayer(layerAt(i + 1) ?? ''),
}));

const segmentation = (): LayerOf<'segmentation'> | null => {
  const layer = selectedLayer(get());
  return layer?.type === 'segmentation' ? layer : null;
};
const needsLabels = (): string | null => (segmentation() ? null : 'Select a layer of labels first');

const visionTitles = {
  none: 'as it is',
  protanopia: 'without red',
  deuteranopia: 'without green',
  tritanopia: 'without blue',
};

function nextVision(): void {
  const next = visions[(visions.indexOf(session().vision) + 1) % visions.length] ?? 'none';
  setSession({ vision: next });
  toast({
    tone: 'info',
    topic: 'vision',
    title: `Colours are shown ${visionTitles[next]}${next === 'none' ? '' : ` (${next})`}`,
  });
}

export const turnActions: readonly Action[] = [
  turn('view.turn.left', 'Turn the plane to the left', ['q'], 'normal', -1),
  turn('view.turn.right', 'Turn the plane to the right', ['e'], 'normal', 1),
  turn('view.tilt.up', 'Tilt the planes up', ['Shift+ArrowUp'], 'right', -1),
  turn('view.tilt.down', 'Tilt the planes down', ['Shift+ArrowDown'], 'right', 1),
  turn('view.tilt.left', 'Tilt the planes to the left', ['Shift+ArrowLeft'], 'down', -1),
  turn('view.tilt.right', 'Tilt the planes to the right', ['Shift+ArrowRight'], 'down', 1),
  {
    id: 'view.straighten',
    title: 'Straighten the planes',
    menu: 'View',
    rooms: panes,
    keys: ['z'],
    whyNot: () => (isUnturned(cameraOf(get(), slicePane()).rotation) ? 'They are straight' : needsVolume()),
    run: () => straighten(slicePane()),
  },
  through('view.next.ten', 'Go ten sections deeper', ['Shift+PageDown', 'Shift+>'], 10),
  through('view.previous.ten', 'Go ten sections back', ['Shift+PageUp', 'Shift+<'], -10),
  {
    id: 'view.slices',
    title: 'Show or hide the slices in 3-D',
    menu: 'View',
    rooms: panes,
    keys: ['Shift+s'],
    whyNot: needsLayer,
    run: () => useView.setState(({ slicesIn3d }) => ({ slicesIn3d: !slicesIn3d })),
  },
  {
    id: 'view.clip.cut',
    title: 'Cut 3-D panes open at the cross-hair',
    menu: 'View',
    rooms: panes,
    keys: ['Shift+x'],
    whyNot: needsLayer,
    run: cutAtCrossHair,
  },
  {
    id: 'view.clip.clear',
    title: 'Show all in 3-D panes again',
    menu: 'View',
    rooms: panes,
    whyNot: () => (isClipped(get().clip) ? null : 'Nothing is clipped'),
    run: clearClip,
  },
  {
    id: 'view.crosshair',
    title: 'Show or hide the cross-hair',
    menu: 'View',
    rooms: panes,
    keys: ['x'],
    run: () => useView.setState(({ crossHair }) => ({ crossHair: !crossHair })),
  },
  {
    id: 'labels.recolour',
    title: 'Give the labels other colours',
    menu: 'View',
    rooms: panes,
    whyNot: needsLabels,
    run: () => {
      const layer = segmentation();
      if (layer) updateLayer(layer.id, { colourSeed: (layer.colourSeed + 1) >>> 0 });
    },
  },
  {
    id: 'labels.clear',
    title: 'Deselect all labels',
    menu: 'View',
    rooms: panes,
    whyNot: () => needsLabels() ?? (segmentation()?.selected.length === 0 ? 'None is selected' : null),
    run: () => {
      const layer = segmentation();
      if (layer) updateLayer(layer.id, { selected: [] });
    },
  },
  {
    id: 'layer.align',
    title: 'Align the selected layer by hand',
    menu: 'Tools',
    rooms: panes,
    keys: ['Shift+a'],
    whyNot: () => (selectedLayer(get()) ? null : 'Select a layer first'),
    run: () => {
      if (landmarksNow().active) endLandmarks();
      setAlign(!useAlign.getState().active);
    },
  },
  {
    id: 'layer.align.end',
    title: 'Put the tool down, or drop the landmark that was begun',
    menu: 'Tools',
    unlisted: true,
    rooms: ['view'],
    keys: ['Escape'],
    whyNot: () => (useAlign.getState().active || landmarksNow().active ? null : 'No tool is taken'),
    run: () => (useAlign.getState().active ? setAlign(false) : stepBackLandmarks()),
  },
  {
    id: 'window.vision',
    title: 'Preview colours as with colour blindness',
    menu: 'View',
    run: nextVision,
  },
  ...layerToggles,
];
