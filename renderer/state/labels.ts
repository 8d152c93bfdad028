import type { Layer, LayerOf } from '../../preload/contract/view-state.ts';
import { labelIdOf, labelIdsOf, mostSelected } from './label-ids.ts';
import { updateLayer } from './layer-edits.ts';
import { volumeOf } from './layers.ts';
import { toast } from './toasts.ts';
import type { ViewState } from './view.ts';
import { useView } from './view.ts';

/** Which labels of a segmentation are selected, and their colours. Ids are decimal and exact; 0 is background. */

export type LabelLayer = LayerOf<'segmentation'>;

const isLabels = (layer: Layer): layer is LabelLayer => layer.type === 'segmentation';

/** The labels that tools work on: the selected layer, else the top one that is shown, else any. */
export function labelsInView(s: ViewState): LabelLayer | null {
  const layers = s.layers.filter(isLabels).filter((layer) => volumeOf(layer, s));
  return (
    layers.find(({ id }) => id === s.selectedLayer) ?? layers.findLast(({ visible }) => visible) ?? layers[0] ?? null
  );
}

function change(layer: string | undefined, made: (labels: LabelLayer) => Partial<LabelLayer>): void {
  const s = useView.getState();
  const labels = layer === undefined ? labelsInView(s) : s.layers.filter(isLabels).find(({ id }) => id === layer);
  if (labels) updateLayer(labels.id, made(labels));
}

/** Selects a label, or takes it out of the selection. Background, and what is no id, is neither. */
export function toggleLabel(label: string, layer?: string): void {
  const id = labelIdOf(label);
  if (id === null) return;
  change(layer, ({ selected }) => {
    if (selected.includes(id)) return { selected: selected.filter((one) => one !== id) };
    if (selected.length >= mostSelected) tellFull(1);
    return selected.length >= mostSelected ? {} : { selected: [...selected, id] };
  });
}

function tellFull(left: number): void {
  toast({
    tone: 'warn',
    topic: 'full selection',
    title: `${left === 1 ? 'One label does' : `${left} labels do`} not fit in the selection`,
    detail: `A layer has up to ${mostSelected} selected labels. Clear some first.`,
  });
}

/** The label under the pointer: of the selected layer, else of the top layer of labels; null over background. */
export function labelUnderPointer(): { readonly id: string; readonly layer: string } | null {
  const { cursor, layers, selectedLayer } = useView.getState();
  const ofLabels = new Set(layers.filter(isLabels).map(({ id }) => id));
  const readings = cursor?.readings.filter(({ layer }) => ofLabels.has(layer)) ?? [];
  const reading = readings.find(({ layer }) => layer === selectedLayer) ?? readings[0];
  const id = typeof reading?.stored === 'string' ? labelIdOf(reading.stored) : null;
  return reading && id !== null ? { id, layer: reading.layer } : null;
}

/** Adds labels to the selection; what does not fit any more is left out, and told. */
export function selectLabels(ids: readonly string[], layer?: string): void {
  change(layer, ({ selected }) => {
    const all = labelIdsOf([...selected, ...ids]);
    const wanted = new Set([...selected, ...ids].map(labelIdOf).filter((id) => id !== null)).size;
    if (wanted > all.length) tellFull(wanted - all.length);
    return { selected: [...all] };
  });
}

export const clearLabels = (layer?: string): void => change(layer, () => ({ selected: [] }));

/** Shows the selected labels alone, or all of them again. */
export const showSelectedOnly = (only: boolean, layer?: string): void =>
  change(layer, () => ({ shows: only ? 'selected' : 'all' }));

/** Gives all labels other colours; those that have one of their own keep it. */
export const newColours = (layer?: string): void =>
  change(layer, ({ colourSeed }) => ({ colourSeed: (colourSeed + 1) >>> 0 }));

/** Gives one label a colour (#rrggbb), or with null the one that its id has. */
export function colourLabel(id: string, colour: string | null, layer?: string): void {
  change(layer, ({ colours }) => {
    const { [id]: _before, ...others } = colours;
    return { colours: colour === null ? others : { ...others, [id]: colour } };
  });
}

/** Gives labels the colours of a table, over those that they have. */
export const colourLabels = (given: Readonly<Record<string, string>>, layer?: string): void =>
  change(layer, ({ colours }) => ({ colours: { ...colours, ...given } }));
