import type { Layer } from '../../preload/contract/view-state.ts';

/** The place in the document, bottom first and without the dragged layer, of a gap in the list that is shown. */
export function placeAt(shown: readonly Layer[], all: readonly Layer[], dragged: string, gap: number): number {
  const rest = all.filter(({ id }) => id !== dragged);
  const below = shown.slice(gap).find(({ id }) => id !== dragged);
  if (below) return rest.indexOf(below) + 1;
  const above = shown.slice(0, gap).findLast(({ id }) => id !== dragged);
  return above ? rest.indexOf(above) : 0;
}
