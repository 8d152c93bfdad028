import type { PaneGroup, PaneKind, ViewDocument } from '../../../preload/contract/view-state.ts';

/** Panes and groups as a layout of Neuroglancer. */

/** What a group has of its own, in the words of a viewer of a nested layout. */
export type WriteCamera = (group: PaneGroup) => Readonly<Record<string, unknown>>;

const nameOf = (kinds: readonly PaneKind[]): string | null => {
  const key = [...kinds].sort().join(' ');
  if (key === '3d xy xz yz') return '4panel';
  if (kinds.length === 1) return kinds[0] ?? null;
  return kinds.length === 2 && key.startsWith('3d ') && key !== '3d 3d' ? `${key.slice(3)}-3d` : null;
};

/** Neuroglancer's is in perspective where it does not say otherwise; ours never is. */
const panel = (name: string): unknown =>
  name.includes('3d') || name === '4panel' ? { type: name, orthographicProjection: true } : name;

export function writeLayout(
  { panes, groups, alone }: Pick<ViewDocument, 'panes' | 'groups' | 'alone'>,
  layers: readonly string[],
  writeCamera: WriteCamera,
): unknown {
  const only = panes.find(({ id }) => id === alone);
  const used = groups.filter(({ id }) => panes.some(({ group }) => group === id));
  const own = (group: PaneGroup): boolean => Object.keys(writeCamera(group)).length > 0;
  if (only && !used.some(own)) return panel(only.kind);
  const shown = only ? [only] : panes;
  const [first] = used;
  const name = nameOf(shown.map(({ kind }) => kind));
  if (name !== null && used.length === 1 && first && !own(first)) return panel(name);
  const viewers = used.flatMap((group) => {
    const kinds = shown.filter((pane) => pane.group === group.id).map(({ kind }) => kind);
    const together = nameOf(kinds);
    const parts = together === null ? kinds : kinds.length > 0 ? [together] : [];
    return parts.map((part) => ({ type: 'viewer', layers, layout: panel(part), ...writeCamera(group) }));
  });
  return { type: 'row', children: viewers };
}
