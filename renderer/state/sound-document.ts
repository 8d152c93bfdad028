import type { Vec3 } from '../../preload/contract/space.ts';
import type { Clip, Layer, Orbit, PaneGroup, Quaternion, ViewDocument } from '../../preload/contract/view-state.ts';
import { noRotation } from '../../preload/contract/view-state.ts';
import { labelIdOf, labelIdsOf } from './label-ids.ts';

/**
 * Views from files, links and stores keep the schema and still say what nothing can be drawn by: turns of length zero, panes
 * of one name, groups that are not there. What is meant is kept; what means nothing takes its first value.
 */

const scaleRangeNm = [1e-3, 1e9] as const;
/** A hundred kilometres: no specimen is larger, and doubles stay exact to a nanometre far beyond. */
const farthestNm = 1e14;
const between = (low: number, high: number, value: number): number => Math.min(high, Math.max(low, value));
const scale = (nmPerPx: number): number => between(...scaleRangeNm, nmPerPx);
const near = (p: Vec3): Vec3 => [place(p[0]), place(p[1]), place(p[2])];
const place = (nm: number): number => between(-farthestNm, farthestNm, nm);

/** Of unit length; no turn where there is no length to divide by. */
function unitTurn(q: Quaternion): Quaternion {
  const length = Math.hypot(...q);
  if (Math.abs(length - 1) < 1e-9) return q;
  if (!Number.isFinite(length) || length < 1e-12) return noRotation;
  return [q[0] / length, q[1] / length, q[2] / length, q[3] / length];
}

/** The first of those with an id. */
function firstOfEach<T extends { readonly id: string }>(all: readonly T[]): readonly T[] {
  const seen = new Set<string>();
  return all.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** Layers of one id are layers all the same: the later ones get ids of their own. */
function withOwnIds(layers: readonly Layer[]): readonly Layer[] {
  const taken = new Set<string>();
  return layers.map((layer) => {
    let id = layer.id;
    for (let n = 2; taken.has(id); n++) id = `${layer.id.slice(0, 70)} ${n}`;
    taken.add(id);
    return id === layer.id ? layer : { ...layer, id };
  });
}

/** Ids of 2^64 and more are no labels: they would stand for others, 2^64 below. */
function soundLabels(layer: Layer): Layer {
  if (layer.type !== 'segmentation') return layer;
  const colours = Object.entries(layer.colours);
  const own = colours.filter(([id]) => labelIdOf(id) === id);
  return {
    ...layer,
    selected: [...labelIdsOf(layer.selected)],
    colours: own.length === colours.length ? layer.colours : Object.fromEntries(own),
  };
}

const angle = (radians: number): number => (Number.isFinite(radians) ? radians % (2 * Math.PI) : 0);

/** The same look, its turns less than a whole one. Pure. */
export const soundOrbit = (orbit: Orbit): Orbit => ({
  yaw: angle(orbit.yaw),
  pitch: between(-Math.PI / 2, Math.PI / 2, angle(orbit.pitch)),
  roll: angle(orbit.roll),
  zoom: between(1e-2, 1e5, orbit.zoom),
  centreNm: orbit.centreNm && near(orbit.centreNm),
});

const soundGroup = (group: PaneGroup): PaneGroup => ({
  ...group,
  orbit: group.orbit && soundOrbit(group.orbit),
  nmPerPx: group.nmPerPx === null ? null : scale(group.nmPerPx),
  rotation: group.rotation && unitTurn(group.rotation),
});

function soundClip({ box, plane }: Clip): Clip {
  const pick = (by: (a: number, b: number) => number): Vec3 | null =>
    box && [by(box.min[0], box.max[0]), by(box.min[1], box.max[1]), by(box.min[2], box.max[2])];
  const [min, max] = [pick(Math.min), pick(Math.max)];
  return { box: min && max ? { min, max } : null, plane: plane && Math.hypot(...plane.normal) > 1e-12 ? plane : null };
}

/** The same view, with nothing in it that can not be drawn by. Pure. */
export function soundDocument(document: ViewDocument): ViewDocument {
  const groups = firstOfEach(document.groups).map(soundGroup);
  const groupIds = new Set(groups.map(({ id }) => id));
  const first = groups[0]?.id ?? 'main';
  const panes = firstOfEach(document.panes).map((pane) =>
    groupIds.has(pane.group) ? pane : { ...pane, group: first },
  );
  const layers = withOwnIds(document.layers).map(soundLabels);
  const hasPane = (id: string | null): boolean => panes.some((pane) => pane.id === id);
  return {
    ...document,
    positionNm: near(document.positionNm),
    nmPerPx: scale(document.nmPerPx),
    rotation: unitTurn(document.rotation),
    orbit: soundOrbit(document.orbit),
    layers,
    selectedLayer: layers.some(({ id }) => id === document.selectedLayer) ? document.selectedLayer : null,
    panes,
    groups,
    activePane: hasPane(document.activePane) ? document.activePane : (panes[0]?.id ?? ''),
    alone: hasPane(document.alone) ? document.alone : null,
    clip: soundClip(document.clip),
  };
}
