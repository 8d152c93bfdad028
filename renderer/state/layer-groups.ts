import type { Layer } from '../../preload/contract/view-state.ts';
import { mosaicIdOf } from '../../preload/contract/view.ts';

/** The list of layers with the channels of a volume under a heading, which folds them. Pure. */

export interface LayerGroup {
  readonly volume: string;
  readonly layers: readonly Layer[];
}

export interface GroupRow {
  readonly kind: 'group';
  readonly key: string;
  readonly group: LayerGroup;
  readonly folded: boolean;
}

export type LayerRowOf =
  | GroupRow
  | { readonly kind: 'layer'; readonly key: string; readonly layer: Layer; readonly inGroup: boolean };

/** Channels of a volume that lie together; others stay by themselves, so that the list keeps the order of drawing. */
export function groupsOf(layers: readonly Layer[]): readonly (LayerGroup | Layer)[] {
  const found: (LayerGroup | Layer)[] = [];
  for (let from = 0; from < layers.length;) {
    const first = layers[from];
    if (!first) break;
    const volume = ofChannel(first);
    const run = volume === null ? 1 : runOf(layers, from, volume);
    if (volume !== null && run > 1) found.push({ volume, layers: layers.slice(from, from + run) });
    else found.push(first);
    from += run;
  }
  return found;
}

/** The volume that a layer shows a channel of: its own, or the one that tiles are drawn as. */
export function ofChannel(layer: Layer): string | null {
  if (layer.type === 'mosaic') return mosaicIdOf(layer);
  return layer.type === 'image' ? layer.volume : null;
}

function runOf(layers: readonly Layer[], from: number, volume: string): number {
  const end = layers.findIndex((layer, i) => i > from && ofChannel(layer) !== volume);
  return (end === -1 ? layers.length : end) - from;
}

/** The volume whose channels are under a heading with a layer among them; null where the layer is under none. */
export function groupHolding(layers: readonly Layer[], id: string | null): string | null {
  const found = groupsOf(layers).find((one) => 'layers' in one && one.layers.some((layer) => layer.id === id));
  return found && 'layers' in found ? found.volume : null;
}

/** The row that a key leads to: the next, the one before, the first or the last. */
export function nextRow(key: string, at: number, count: number): number {
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  return Math.max(0, Math.min(count - 1, at + (key === 'ArrowDown' ? 1 : -1)));
}

/** What is listed, top first; the rows of a folded group are left out. */
export function rowsOf(layers: readonly Layer[], folded: ReadonlySet<string>): readonly LayerRowOf[] {
  return groupsOf(layers).flatMap((one): readonly LayerRowOf[] => {
    if (!('layers' in one)) return [{ kind: 'layer', key: one.id, layer: one, inGroup: false }];
    const isFolded = folded.has(one.volume);
    const key = `group ${one.layers[0]?.id ?? one.volume}`;
    const rows = one.layers.map((layer) => ({ kind: 'layer', key: layer.id, layer, inGroup: true }) as const);
    return [{ kind: 'group', key, group: one, folded: isFolded }, ...(isFolded ? [] : rows)];
  });
}
