import type { PaneGroup, PaneKind, PaneSpec, ViewDocument } from '../../preload/contract/view-state.ts';
import { fourPanes } from '../../preload/contract/view-state.ts';
import { placePanes } from './dock-layout.ts';
import { fitScale, showAlone } from './view-moves.ts';
import type { ViewState } from './view.ts';
import { cameraOf, paneOf, useView } from './view.ts';

/** Panes of a view and the groups that they share cameras in. */

const get = useView.getState;
const set = useView.setState;

const mostPanes = 24;
const mostGroups = 8;

export const kindNames: Readonly<Record<PaneKind, string>> = { xy: 'XY', xz: 'XZ', yz: 'YZ', '3d': '3-D' };
export const paneKinds = ['xy', 'xz', 'yz', '3d'] as const satisfies readonly PaneKind[];

/** What a pane is called: `XY`, and beside others of its kind `XY · group 2`. */
export function paneTitle({ panes, groups }: Pick<ViewDocument, 'panes' | 'groups'>, pane: PaneSpec): string {
  const at = groups.findIndex(({ id }) => id === pane.group);
  const group = at > 0 ? ` · ${groups[at]?.name.toLowerCase() ?? ''}` : '';
  const twins = panes.filter((one) => one.kind === pane.kind && one.group === pane.group);
  const nth = twins.findIndex(({ id }) => id === pane.id) + 1;
  return `${kindNames[pane.kind]}${nth > 1 ? ` ${nth}` : ''}${group}`;
}

const freshId = (taken: readonly { readonly id: string }[], stem: string): string => {
  for (let n = 1; ; n++) {
    const id = n === 1 ? stem : `${stem}.${n}`;
    if (!taken.some((one) => one.id === id)) return id;
  }
};

export const whyNoPane = (): string | null =>
  get().panes.length < mostPanes ? null : `There are ${mostPanes} panes already`;

/** Adds a pane to the active one's group; the dock puts it beside that. */
export function addPane(kind: PaneKind): void {
  if (whyNoPane() !== null) return;
  const { panes, groups, activePane } = get();
  const group = panes.find(({ id }) => id === activePane)?.group ?? groups[0]?.id ?? 'main';
  set({ panes: [...panes, { id: freshId(panes, kind), kind, group }], alone: null });
}

export const whyNoClose = (): string | null => (get().panes.length > 1 ? null : 'This is the last pane');

/** Closes a pane; groups that have none left go with it, but for the view's own. */
export function closePane(id: string): void {
  if (whyNoClose() !== null) return;
  const { panes, groups, activePane, alone } = get();
  const left = panes.filter((pane) => pane.id !== id);
  const active = left.some((pane) => pane.id === activePane) ? activePane : (left[0]?.id ?? '');
  set({ panes: left, groups: usedGroups(groups, left), activePane: active, alone: alone === id ? null : alone });
}

const usedGroups = (groups: readonly PaneGroup[], panes: readonly PaneSpec[]): readonly PaneGroup[] =>
  groups.filter(({ id }, i) => i === 0 || panes.some(({ group }) => group === id));

// Presets

export type Preset = 'four' | PaneKind | 'xy-3d' | 'compare';

const mainGroup: PaneGroup = { id: 'main', name: 'Main', nmPerPx: null, rotation: null, orbit: null };
const groupNamed = (id: string, name: string): PaneGroup => ({ ...mainGroup, id, name });

type Arrangement = Pick<ViewDocument, 'panes' | 'groups' | 'activePane'>;

const sideBySide: Arrangement = {
  panes: [
    { id: 'xy', kind: 'xy', group: 'main' },
    { id: '3d', kind: '3d', group: 'main' },
  ],
  groups: [mainGroup],
  activePane: 'xy',
};

const twoPlanes = [
  { id: 'xy', kind: 'xy', group: 'main' },
  { id: 'xy.2', kind: 'xy', group: 'group-2' },
] as const;

/** The second pane has a scale of its own, `nmPerPx` at first. */
const compare = (nmPerPx: number): Arrangement => ({
  panes: twoPlanes,
  groups: [mainGroup, { ...groupNamed('group-2', 'Group 2'), nmPerPx }],
  activePane: 'xy',
});

/** Puts a set of panes in the place of those there are. */
function arrange(arrangement: Arrangement): void {
  set({ ...arrangement, alone: null });
  placePanes('');
  if (get().fitted) fitScale();
}

/** The panes of a preset; of one plane, that pane alone with the others behind it. */
export function choosePreset(preset: Preset): void {
  if (preset === 'xy-3d') return arrange(sideBySide);
  if (preset === 'compare') return arrange(compare(get().nmPerPx));
  if (preset === 'four') return get().alone !== null && hasFour(get()) ? showAlone(null) : arrange(fourPanes);
  const pane = get().panes.find(({ kind }) => kind === preset);
  if (!pane) arrange(fourPanes);
  showAlone(pane?.id ?? preset);
}

const samePanes = (a: readonly PaneSpec[], b: readonly PaneSpec[]): boolean =>
  a.length === b.length && b.every(({ kind, group }) => a.some((one) => one.kind === kind && one.group === group));

const hasFour = ({ panes }: Pick<ViewState, 'panes'>): boolean => samePanes(panes, fourPanes.panes);

/** Which preset the view has; null for one that the user made. */
export function presetOf(s: Pick<ViewState, 'panes' | 'alone'>): Preset | null {
  const alone = s.panes.find(({ id }) => id === s.alone);
  if (alone) return alone.kind;
  if (hasFour(s)) return 'four';
  if (samePanes(s.panes, sideBySide.panes)) return 'xy-3d';
  return samePanes(s.panes, twoPlanes) ? 'compare' : null;
}

// Groups

export type Freedom = 'zoom' | 'orientation';

const groupOfPane = (s: ViewState, pane: string): PaneGroup | null =>
  s.groups.find(({ id }) => id === paneOf(s, pane)?.group) ?? null;

export function isFree(s: ViewState, pane: string, what: Freedom): boolean {
  const group = groupOfPane(s, pane);
  if (!group) return false;
  return what === 'zoom' ? group.nmPerPx !== null : group.rotation !== null || group.orbit !== null;
}

/** Gives a pane's group its own zoom or orientation, from where it is now. A pane of the first group gets a new one. */
export function freeGroup(pane: string, what: Freedom): void {
  const s = get();
  const { nmPerPx, rotation, orbit } = cameraOf(s, pane);
  const own = what === 'zoom' ? { nmPerPx } : { rotation, orbit };
  const group = groupOfPane(s, pane);
  // The view itself moves the first group.
  const isFirst = !group || group.id === s.groups[0]?.id;
  if (!isFirst || s.groups.length >= mostGroups) return changeGroup(group?.id ?? '', own);
  const id = freshId(s.groups, 'group');
  moveToGroup(pane, { ...groupNamed(id, `Group ${s.groups.length + 1}`), ...own });
}

/** Lets a pane's group follow the view again. */
export function linkGroup(pane: string, what: Freedom): void {
  const group = groupOfPane(get(), pane);
  if (group) changeGroup(group.id, what === 'zoom' ? { nmPerPx: null } : { rotation: null, orbit: null });
}

function changeGroup(id: string, change: Partial<PaneGroup>): void {
  set({ groups: get().groups.map((group) => (group.id === id ? { ...group, ...change } : group)) });
}

function moveToGroup(pane: string, group: PaneGroup): void {
  const s = get();
  const groups = s.groups.some(({ id }) => id === group.id) ? s.groups : [...s.groups, group];
  const panes = s.panes.map((one) => (one.id === pane ? { ...one, group: group.id } : one));
  set({ panes, groups: usedGroups(groups, panes) });
}

/** Puts a pane into another group, with its camera. */
export function joinGroup(pane: string, group: string): void {
  const found = get().groups.find(({ id }) => id === group);
  if (found) moveToGroup(pane, found);
}
