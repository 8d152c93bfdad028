import type { PaneGroup, PaneKind, PaneSpec, Quaternion, ViewDocument } from '../../../preload/contract/view-state.ts';
import { fourPanes } from '../../../preload/contract/view-state.ts';
import { viewerLayoutSchema, type NgLayout, type ViewerLayout } from './viewer-state.ts';

/** Layouts of Neuroglancer as panes and groups: each viewer with a camera of its own is a group. */
export type Arrangement = Pick<ViewDocument, 'panes' | 'groups' | 'activePane' | 'alone'>;

/** What a viewer of a nested layout says of its own camera, in the words of a group. */
export type OwnCamera = Pick<PaneGroup, 'nmPerPx' | 'rotation' | 'orbit'>;

const kindsOf: Readonly<Record<string, readonly PaneKind[]>> = {
  xy: ['xy'],
  xz: ['xz'],
  yz: ['yz'],
  '3d': ['3d'],
  'xy-3d': ['xy', '3d'],
  'xz-3d': ['xz', '3d'],
  'yz-3d': ['yz', '3d'],
};

const kindsOfLayout = (name: string): readonly PaneKind[] | undefined =>
  Object.hasOwn(kindsOf, name) ? kindsOf[name] : undefined;

const noCamera: OwnCamera = { nmPerPx: null, rotation: null, orbit: null };
const mainGroup: PaneGroup = { id: 'main', name: 'Main', ...noCamera };
const mostPanes = 24;
const mostGroups = 8;

interface Viewer {
  readonly kinds: readonly PaneKind[];
  readonly camera: OwnCamera;
}

/** `cameraOf`: the camera that a viewer has of its own; nulls where it is the state's. */
export function readLayout(
  layout: NgLayout | undefined,
  notes: string[],
  cameraOf: (viewer: ViewerLayout) => OwnCamera,
): Arrangement {
  const type = typeof layout === 'string' ? layout : (layout?.type ?? '4panel');
  if (typeof layout === 'object' && Object.keys(layout['crossSections'] ?? {}).length > 0)
    notes.push('Cross-sections that are drawn in 3-D besides the slice panes are left out.');
  if (type === '4panel' || type === '4panel-alt') return fourPanes;
  const kinds = kindsOfLayout(type);
  const [only] = kinds ?? [];
  if (kinds?.length === 1 && only) return { ...fourPanes, activePane: only, alone: only };
  if (kinds) return arrange([{ kinds, camera: noCamera }], notes);
  const viewers = typeof layout === 'object' ? viewersOf(layout, cameraOf) : [];
  if (viewers.length > 0) return arrange(viewers, notes);
  notes.push(`There is no layout "${type}"; the four panes are shown.`);
  return fourPanes;
}

function viewersOf(layout: NgLayout, cameraOf: (viewer: ViewerLayout) => OwnCamera): readonly Viewer[] {
  if (typeof layout === 'string') return [];
  if (layout.type === 'row' || layout.type === 'column') {
    const children = Array.isArray(layout['children']) ? (layout['children'] as NgLayout[]) : [];
    return children.flatMap((child) => (typeof child === 'object' && child !== null ? viewersOf(child, cameraOf) : []));
  }
  const kinds = (spec: NgLayout | undefined): readonly PaneKind[] => {
    const type: unknown = typeof spec === 'object' ? spec?.type : spec;
    const name = typeof type === 'string' ? type : 'xy';
    return kindsOfLayout(name) ?? (name.startsWith('4panel') ? fourPanes.panes.map(({ kind }) => kind) : []);
  };
  if (layout.type !== 'viewer') return [{ kinds: kinds(layout), camera: noCamera }];
  const viewer = viewerLayoutSchema.parse(layout);
  return [{ kinds: kinds(viewer.layout ?? 'xy'), camera: cameraOf(viewer) }];
}

/** Viewers with the same camera share a group. */
function arrange(viewers: readonly Viewer[], notes: string[]): Arrangement {
  const groups: PaneGroup[] = [];
  const panes: PaneSpec[] = [];
  for (const { kinds, camera } of viewers) {
    const group = groups.find((one) => sameCamera(one, camera)) ?? newGroup(groups, camera);
    if (!group || panes.length + kinds.length > mostPanes) {
      notes.push(
        `The layout has more than ${mostPanes} panes or ${mostGroups} cameras; the last of them are left out.`,
      );
      break;
    }
    for (const kind of kinds) panes.push({ id: freshId(panes, kind), kind, group: group.id });
  }
  const [first] = panes;
  if (!first) return fourPanes;
  return { panes, groups, activePane: first.id, alone: null };
}

function newGroup(groups: PaneGroup[], camera: OwnCamera): PaneGroup | null {
  if (groups.length === mostGroups) return null;
  const n = groups.length + 1;
  const group = n === 1 ? { ...mainGroup, ...camera } : { id: `group-${n}`, name: `Group ${n}`, ...camera };
  groups.push(group);
  return group;
}

const freshId = (taken: readonly PaneSpec[], kind: PaneKind): string => {
  const twins = taken.filter((pane) => pane.kind === kind).length;
  return twins === 0 ? kind : `${kind}.${twins + 1}`;
};

const sameCamera = (a: OwnCamera, b: OwnCamera): boolean =>
  JSON.stringify([a.nmPerPx, a.rotation, a.orbit]) === JSON.stringify([b.nmPerPx, b.rotation, b.orbit]);

/** A value that follows the state's, or is a viewer's own: `{link, value}`, or the value alone. */
export function ownNumber(linked: unknown, shared: number): number | null {
  const { link, value } = readLinked(linked);
  if (typeof value !== 'number' || !(value > 0) || link === 'linked') return null;
  return link === 'relative' ? shared * value : value;
}

export function ownQuaternion(linked: unknown, times: (relative: Quaternion) => Quaternion): Quaternion | null {
  const { link, value } = readLinked(linked);
  if (!Array.isArray(value) || value.length !== 4 || !value.every(Number.isFinite) || link === 'linked') return null;
  const own: Quaternion = [Number(value[0]), Number(value[1]), Number(value[2]), Number(value[3])];
  return link === 'relative' ? times(own) : own;
}

function readLinked(linked: unknown): { readonly link: string; readonly value: unknown } {
  if (typeof linked !== 'object' || linked === null || Array.isArray(linked))
    return { link: 'unlinked', value: linked };
  const { link, value } = linked as { link?: unknown; value?: unknown };
  return { link: typeof link === 'string' ? link.toLowerCase() : 'unlinked', value };
}
