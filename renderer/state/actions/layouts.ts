import type { PaneKind } from '../../../preload/contract/view-state.ts';
import type { Freedom, Preset } from '../panes.ts';
import {
  addPane,
  choosePreset,
  closePane,
  freeGroup,
  isFree,
  kindNames,
  linkGroup,
  paneKinds,
  whyNoClose,
  whyNoPane,
} from '../panes.ts';
import { useView } from '../view.ts';
import { needsLayer, panes } from './panes.ts';
import type { Action } from './registry.ts';

const get = useView.getState;
const active = (): string => get().activePane;

const preset = (id: string, title: string, value: Preset, keys?: readonly string[]): Action => ({
  id,
  title,
  menu: 'View',
  rooms: panes,
  ...(keys && { keys }),
  whyNot: needsLayer,
  run: () => choosePreset(value),
});

const add = (kind: PaneKind): Action => ({
  id: `view.add.${kind}`,
  title: `Add a pane of ${kindNames[kind]}`,
  menu: 'View',
  unlisted: true,
  rooms: panes,
  whyNot: () => needsLayer() ?? whyNoPane(),
  run: () => addPane(kind),
});

const words: Readonly<Record<Freedom, string>> = { zoom: 'zoom', orientation: 'orientation' };

/** Frees, or links again, what the active pane shares with the others. */
const freedom = (what: Freedom): Action => ({
  id: `view.free.${what}`,
  title: `Free or link the pane’s ${words[what]}`,
  menu: 'View',
  unlisted: true,
  rooms: panes,
  whyNot: needsLayer,
  run: () => (isFree(get(), active(), what) ? linkGroup : freeGroup)(active(), what),
});

export const layoutActions: readonly Action[] = [
  preset('view.four', 'Show all four panes', 'four', ['4']),
  ...paneKinds.map((kind) => preset(`view.pane.${kind}`, `Show the ${kindNames[kind]} pane alone`, kind)),
  preset('view.pair', 'Show XY and 3-D side by side', 'xy-3d'),
  preset('view.compare', 'Compare: two XY panes with zooms of their own', 'compare'),
  ...paneKinds.map(add),
  {
    id: 'view.close',
    title: 'Close the active pane',
    menu: 'View',
    unlisted: true,
    rooms: panes,
    whyNot: whyNoClose,
    run: () => closePane(active()),
  },
  freedom('zoom'),
  freedom('orientation'),
];
