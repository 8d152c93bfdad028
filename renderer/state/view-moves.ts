import type { Vec3 } from '../../preload/contract/space.ts';
import type { Orbit, PaneGroup, Quaternion } from '../../preload/contract/view-state.ts';
import { freshDocument, noRotation } from '../../preload/contract/view-state.ts';
import { orbitAxes, orbitPlace } from './orbit.ts';
import { compose, frameOf, plus, turnAbout } from './rotation.ts';
import { soundOrbit } from './sound-document.ts';
import type { ViewState } from './view.ts';
import { boundsInView, cameraOf, kindOfPane, paneOf, timesInView, useView, volumeInView } from './view.ts';
import type { Axis, Box3 } from './volume-geometry.ts';
import { centreOfVoxelNm, isInVolume, map3, voxelAt } from './volume-geometry.ts';
import { voxelStepNm } from './voxel-in-view.ts';

/** Moving through a view: what keys, wheels, drags and buttons do. */

// Told here too: what moves a view needs them beside the moves.

const get = useView.getState;
const set = useView.setState;

/** Sets a part of a pane's camera: of its group where that has its own, else of the view. */
function setCamera(pane: string, change: { nmPerPx?: number; rotation?: Quaternion; orbit?: Orbit }): void {
  const s = get();
  const group = s.groups.find(({ id }) => id === paneOf(s, pane)?.group);
  const own: { -readonly [K in keyof PaneGroup]?: PaneGroup[K] } = {};
  const shared: { -readonly [K in 'nmPerPx' | 'rotation' | 'orbit']?: ViewState[K] } = {};
  if (change.nmPerPx !== undefined) (group?.nmPerPx == null ? shared : own).nmPerPx = change.nmPerPx;
  if (change.rotation !== undefined) (group?.rotation == null ? shared : own).rotation = change.rotation;
  if (change.orbit !== undefined) (group?.orbit == null ? shared : own).orbit = change.orbit;
  const moved = group && Object.keys(own).length > 0;
  const groups = moved ? s.groups.map((one) => (one === group ? { ...one, ...own } : one)) : s.groups;
  set({ ...shared, groups, ...(change.nmPerPx !== undefined && { fitted: false }) });
}

const inside = (box: Box3, positionNm: Vec3): Vec3 =>
  map3((a) => Math.min(box.max[a] - (box.max[a] - box.min[a]) * 1e-9, Math.max(box.min[a], positionNm[a])));

/** Puts the cross-hair somewhere, kept within what is shown. */
export function moveTo(positionNm: Vec3): void {
  const box = boundsInView(get());
  if (positionNm.every(Number.isFinite)) set({ positionNm: box ? inside(box, positionNm) : positionNm });
}

/** Moves the view by CSS pixels of a slice pane: positive goes right and down in it. */
export function panBy(pane: string, dxPx: number, dyPx: number): void {
  const s = get();
  const kind = kindOfPane(s, pane);
  if (kind === '3d') return panOrbit(pane, dxPx, dyPx);
  const { nmPerPx, rotation, positionNm } = cameraOf(s, pane);
  const { right, down } = frameOf(kind, rotation);
  set({ fitted: false });
  moveTo(plus(plus(positionNm, right, dxPx * nmPerPx), down, dyPx * nmPerPx));
}

export const nmPerPxRange = [1e-3, 1e9] as const;

/** Zooms so that what lies `dxPx, dyPx` from the middle of the pane stays there. A factor under 1 magnifies. */
export function zoomAt(pane: string, factor: number, dxPx = 0, dyPx = 0): void {
  const s = get();
  const kind = kindOfPane(s, pane);
  if (kind === '3d') return zoomOrbit(pane, 1 / factor);
  const { nmPerPx, rotation, positionNm } = cameraOf(s, pane);
  const next = Math.min(nmPerPxRange[1], Math.max(nmPerPxRange[0], nmPerPx * factor));
  const { right, down } = frameOf(kind, rotation);
  setCamera(pane, { nmPerPx: next });
  moveTo(plus(plus(positionNm, right, dxPx * (nmPerPx - next)), down, dyPx * (nmPerPx - next)));
}

/** Sets the scale of a pane; the cross-hair stays in the middle. */
export function setScale(nmPerPx: number, pane = get().activePane): void {
  setCamera(pane, { nmPerPx: Math.min(nmPerPxRange[1], Math.max(nmPerPxRange[0], nmPerPx)) });
}

/** Steps along a pane's normal, in voxels of level 0 of the volume that tools work on. */
export function stepThrough(pane: string, voxels: number): void {
  const s = get();
  const kind = kindOfPane(s, pane);
  if (kind === '3d') return;
  const { normal } = frameOf(kind, cameraOf(s, pane).rotation);
  // Of a turned plane, and of a turned layer, a step is as long as the voxel is along the way.
  const stepNm = voxelStepNm(s, normal);
  if (stepNm !== null) moveTo(plus(s.positionNm, normal, voxels * stepNm));
}

/** Turns the slice planes of a pane's group about one of the pane's own directions. */
export function rotatePlanes(pane: string, about: 'right' | 'down' | 'normal', angle: number): void {
  const s = get();
  const kind = kindOfPane(s, pane);
  if (kind === '3d') return;
  const { rotation } = cameraOf(s, pane);
  setCamera(pane, { rotation: compose(turnAbout(frameOf(kind, rotation)[about], angle), rotation) });
}

export const straighten = (pane: string): void => setCamera(pane, { rotation: noRotation });

// 3-D

export const setOrbit = (pane: string, orbit: Orbit): void => setCamera(pane, { orbit: soundOrbit(orbit) });

export function orbitBy(pane: string, yaw: number, pitch: number): void {
  const { orbit } = cameraOf(get(), pane);
  const limit = Math.PI / 2;
  setOrbit(pane, { ...orbit, yaw: orbit.yaw + yaw, pitch: Math.max(-limit, Math.min(limit, orbit.pitch + pitch)) });
}

export function zoomOrbit(pane: string, factor: number): void {
  const { orbit } = cameraOf(get(), pane);
  setOrbit(pane, { ...orbit, zoom: Math.max(0.05, Math.min(1e5, orbit.zoom * factor)) });
}

function panOrbit(pane: string, dxPx: number, dyPx: number): void {
  const s = get();
  const { orbit } = cameraOf(s, pane);
  const box = boundsInView(s);
  const size = s.paneSizes[pane];
  if (!box || !size) return;
  const { centreNm, nmPerPx } = orbitPlace(box, orbit, size);
  const { right, down } = orbitAxes(orbit);
  setOrbit(pane, { ...orbit, centreNm: plus(plus(centreNm, right, dxPx * nmPerPx), down, dyPx * nmPerPx) });
}

const orbitAlong: readonly { readonly yaw: number; readonly pitch: number }[] = [
  { yaw: Math.PI / 2, pitch: 0 },
  { yaw: 0, pitch: Math.PI / 2 },
  { yaw: 0, pitch: 0 },
];

/** Turns a 3-D pane to look along an axis of the world. */
export const lookAlong = (pane: string, axis: Axis): void =>
  setOrbit(pane, { ...cameraOf(get(), pane).orbit, roll: 0, ...orbitAlong[axis] });

// Fitting

export function measurePane(pane: string, width: number, height: number): void {
  const { [pane]: _before, ...others } = get().paneSizes;
  set({ paneSizes: width < 2 || height < 2 ? others : { ...others, [pane]: { width, height } } });
  if (get().fitted) fitScale();
}

/** The scale at which every slice pane shows all there is. Kept to while panes change, until the user zooms. */
export function fitScale(): void {
  const s = get();
  const box = boundsInView(s);
  if (!box) return;
  const extent = map3((a) => box.max[a] - box.min[a]);
  const reach = (direction: Vec3): number =>
    extent.reduce((sum, nm, a) => sum + nm * Math.abs(direction[a as Axis]), 0);
  const needed = s.panes.flatMap(({ id, kind }) => {
    const size = s.paneSizes[id];
    if (!size || kind === '3d') return [];
    const { right, down } = frameOf(kind, cameraOf(s, id).rotation);
    return [Math.max(reach(right) / size.width, reach(down) / size.height)];
  });
  if (needed.length === 0) return;
  const nmPerPx = 1.06 * Math.max(...needed);
  const groups = s.groups.map((group) => (group.nmPerPx === null ? group : { ...group, nmPerPx }));
  set({ nmPerPx, groups, fitted: true });
}

/** The middle of what is shown; of a volume, the middle of a voxel. */
export function middleInView(s: ViewState): Vec3 | null {
  const box = boundsInView(s);
  if (!box) return null;
  const middle = map3((a) => (box.min[a] + box.max[a]) / 2);
  const volume = volumeInView(s);
  return volume && isInVolume(volume, middle) ? centreOfVoxelNm(volume, voxelAt(volume, middle)) : middle;
}

/** Everything in every pane, the cross-hair in the middle, planes and 3-D turned as they are at first. */
export function fitView(): void {
  const positionNm = middleInView(get());
  if (!positionNm) return;
  const groups = get().groups.map((group) => ({
    ...group,
    rotation: group.rotation && noRotation,
    orbit: group.orbit && freshDocument.orbit,
  }));
  set({ positionNm, rotation: noRotation, orbit: freshDocument.orbit, groups });
  fitScale();
}

export const showTime = (time: number): void =>
  set({ time: Math.max(0, Math.min(timesInView(get()) - 1, Math.round(time))), cursor: null });

/** Gives the GPU up and takes it again, for drivers that went wrong. */
export const restartGraphics = (): void => set(({ graphicsRun }) => ({ graphicsRun: graphicsRun + 1 }));

/** One pane alone, or (null) all of them. */
export const showAlone = (pane: string | null): void =>
  set(pane === null ? { alone: null } : { alone: pane, activePane: pane });
export const toggleMaximised = (pane: string): void => showAlone(get().alone === pane ? null : pane);
