import { create } from 'zustand';
import type { Layer, ViewDocument } from '../../preload/contract/view-state.ts';
import { mostLayers } from '../../preload/contract/view-state.ts';
import { placePanes, useDockLayout } from './dock-layout.ts';
import { toast } from './toasts.ts';
import { removeLayer, settlePosition } from './layer-edits.ts';
import { useView } from './view.ts';

/**
 * What was changed in the view and can be taken back: layers, panes, what is clipped. Where the view looks is not part of
 * it: `places` goes back through that. The library's own history holds what is written; this is of the session.
 */

const parts = ['layers', 'panes', 'groups', 'clip', 'slicesIn3d', 'crossHair', 'checkerPx'] as const;
export type Changeable = Pick<ViewDocument, (typeof parts)[number]>;

export interface Step {
  readonly before: Changeable;
  readonly dock: string;
  /** What was done, to say what is taken back: `opacity of DAPI`. */
  readonly label: string;
}

interface History {
  readonly past: readonly Step[];
  readonly future: readonly Step[];
}

export const useViewHistory = create<History>(() => ({ past: [], future: [] }));
const get = useViewHistory.getState;
const set = useViewHistory.setState;

const mostSteps = 200;
/** Changes of the same thing with less than this between them are one: a drag, a key that is held. */
const togetherMs = 800;

const changeableOf = (s: Changeable): Changeable => ({
  layers: s.layers,
  panes: s.panes,
  groups: s.groups,
  clip: s.clip,
  slicesIn3d: s.slicesIn3d,
  crossHair: s.crossHair,
  checkerPx: s.checkerPx,
});

/** What differs, in a few words; the same words mean the same kind of change. Pure. */
export function labelOf(before: Changeable, now: Changeable): string {
  const changed = parts.filter((part) => before[part] !== now[part]);
  if (changed.includes('layers')) return labelOfLayers(before.layers, now.layers);
  if (changed.includes('panes')) return 'the panes';
  const [part] = changed;
  return part ? words[part] : '';
}

const words: Readonly<Record<(typeof parts)[number], string>> = {
  layers: 'the layers',
  panes: 'the panes',
  groups: 'what panes share',
  clip: 'the clipping',
  slicesIn3d: 'slices in 3-D',
  crossHair: 'the cross-hair',
  checkerPx: 'the checkerboard',
};

function labelOfLayers(before: readonly Layer[], now: readonly Layer[]): string {
  const added = now.filter(({ id }) => !before.some((one) => one.id === id));
  const removed = before.filter(({ id }) => !now.some((one) => one.id === id));
  const [one] = added.length > 0 ? added : removed;
  const more = Math.max(added.length, removed.length) - 1;
  if (one) return `${added.length > 0 ? 'added' : 'removed'} ${one.name}${more > 0 ? ` and ${more} more` : ''}`;
  const changed = now.filter((layer) => before.find(({ id }) => id === layer.id) !== layer);
  if (changed.length === 0) return 'the order of layers';
  const [layer] = changed;
  if (changed.length > 1 || !layer) return `${changed.length} layers`;
  return `${fieldsOf(before.find(({ id }) => id === layer.id) ?? layer, layer)} of ${layer.name}`;
}

const fieldWords: Readonly<Record<string, string>> = {
  visible: 'showing',
  worldFromLayer: 'place',
  volumeMode: '3-D mode',
  surfaceAt: 'surface level',
  lineWidthPx: 'line width',
  selected: 'selection',
};

const fieldsOf = (before: Layer, now: Layer): string =>
  Object.keys(now)
    .filter((key) => before[key as keyof Layer] !== now[key as keyof Layer])
    .map((key) => fieldWords[key] ?? key)
    .join(' and ') || 'look';

/** Panes of which only the group's own scale or turn differs were moved, not changed. */
function onlyMoved(before: Changeable, now: Changeable): boolean {
  if (parts.some((part) => part !== 'groups' && before[part] !== now[part])) return false;
  const freedom = ({ groups }: Changeable): string =>
    JSON.stringify(
      groups.map(({ id, nmPerPx, rotation, orbit }) => [id, nmPerPx === null, rotation === null, orbit === null]),
    );
  return freedom(before) === freedom(now);
}

let replacing = false;
let last = { label: '', ms: -Infinity };

useView.subscribe((now, before) => {
  if (replacing || parts.every((part) => now[part] === before[part])) return;
  if (onlyMoved(before, now)) return;
  const label = labelOf(before, now);
  const ms = performance.now();
  const together = label === last.label && ms - last.ms < togetherMs && get().past.length > 0;
  last = { label, ms };
  if (together) return;
  const step: Step = { before: changeableOf(before), dock: useDockLayout.getState().text, label };
  set({ past: [...get().past, step].slice(-mostSteps), future: [] });
});

const listeners = new Set<() => void>();

/** Whether the view is being replaced piece by piece: what it is now is not to be shown. */
export const isReplacing = (): boolean => replacing;

/** Called once the view is whole again. */
export const onReplaced = (listener: () => void): void => void listeners.add(listener);

function replaceBy(work: () => void): void {
  replacing = true;
  try {
    work();
  } finally {
    replacing = false;
    for (const listener of listeners) listener();
  }
}

/** Runs what replaces the view as a whole: it is no step, and what was before can not be gone back to. */
export function asNewView(replace: () => void): void {
  replaceBy(replace);
  last = { label: '', ms: -Infinity };
  set({ past: [], future: [] });
}

/**
 * Changes what a view opened with, once more is known of it. The user did not do that: it is no step, and every step goes
 * back to a view that has it.
 */
export function settleView(change: (view: Changeable) => Partial<Changeable>): void {
  const settled = (step: Step): Step => ({ ...step, before: { ...step.before, ...change(step.before) } });
  replaceBy(() => useView.setState(change(useView.getState())));
  set(({ past, future }) => ({ past: past.map(settled), future: future.map(settled) }));
}

/** Takes the last change of the view back, or does it again. */
export function stepViewHistory(direction: 'undo' | 'redo'): void {
  const { past, future } = get();
  const step = direction === 'undo' ? past.at(-1) : future.at(-1);
  if (!step) return;
  const s = useView.getState();
  const here: Step = { ...step, before: changeableOf(s), dock: useDockLayout.getState().text };
  replaceBy(() => {
    useView.setState({ ...step.before, ...stillThere(step.before) });
    if (step.before.panes !== s.panes) placePanes(step.dock);
    settlePosition();
  });
  last = { label: '', ms: -Infinity };
  set(
    direction === 'undo'
      ? { past: past.slice(0, -1), future: [...future, here] }
      : { past: [...past, here], future: future.slice(0, -1) },
  );
  const back = direction === 'undo' ? 'redo' : 'undo';
  toast({
    tone: 'info',
    topic: 'view history',
    title: `${direction === 'undo' ? 'Took back' : 'Did again'}: ${step.label}`,
    action: { label: back === 'undo' ? 'Undo' : 'Redo', run: () => stepViewHistory(back) },
  });
}

/** The selected layer and the active pane, where they would be of nothing. */
function stillThere({ layers, panes }: Changeable): Partial<ViewDocument> {
  const { selectedLayer, activePane, alone } = useView.getState();
  return {
    selectedLayer: layers.some(({ id }) => id === selectedLayer) ? selectedLayer : (layers[0]?.id ?? null),
    activePane: panes.some(({ id }) => id === activePane) ? activePane : (panes[0]?.id ?? ''),
    alone: panes.some(({ id }) => id === alone) ? alone : null,
  };
}

/** Takes a layer out of the view, and offers to put it back. */
export function removeWithUndo(id: string): void {
  const { layers } = useView.getState();
  const at = layers.findIndex((one) => one.id === id);
  const layer = layers[at];
  if (!layer) return;
  removeLayer(id);
  toast({
    tone: 'info',
    topic: 'layer removed',
    title: `Removed ${layer.name} from the view`,
    action: { label: 'Undo', run: () => putBack(layer, layers.slice(0, at)) },
  });
}

/** The layer may not be the last that was changed meanwhile: it is put back by itself, over what it was over. */
function putBack(layer: Layer, below: readonly Layer[]): void {
  const last = get().past.at(-1);
  if (last?.label === `removed ${layer.name}`) return stepViewHistory('undo');
  const { layers } = useView.getState();
  if (layers.some(({ id }) => id === layer.id) || layers.length >= mostLayers) return;
  useView.setState({ layers: layers.toSpliced(placeOver(layers, below), 0, layer), selectedLayer: layer.id });
}

/** Just over the nearest of the layers that were below and are still there; the lowest place where none is. Pure. */
export function placeOver(layers: readonly Layer[], below: readonly Layer[]): number {
  const nearest = below.toReversed().find(({ id }) => layers.some((one) => one.id === id));
  return nearest ? layers.findIndex(({ id }) => id === nearest.id) + 1 : 0;
}
