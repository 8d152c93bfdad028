import type { Layer } from '../../preload/contract/view-state.ts';

/** The place in the document, bottom first and without the dragged layer, of a gap in the list that is shown. */
export function placeAt(shown: readonly Layer[], all: readonly Layer[], dragged: string, gap: number): number {
  const rest = all.filter(({ id }) => id !== dragged);
  const below = shown.slice(gap).find(({ id }) => id !== dragged);
  if (below) return rest.indexOf(below) + 1;
  const above = shown.slice(0, gap).findLast(({ id }) => id !== dragged);
  return above ? rest.indexOf(above) : 0;
}

/**
 * The place in the document of a layer that goes one up (1) or down (-1) in the list that is shown: past what is hidden
 * from the list too.
 */
export function placeBeside(shown: readonly Layer[], all: readonly Layer[], id: string, by: 1 | -1): number {
  const at = shown.findIndex((layer) => layer.id === id);
  const now = all.findIndex((layer) => layer.id === id);
  if (!shown[at - by]) return now;
  return placeAt(shown, all, id, by === 1 ? at - 1 : at + 2);
}
