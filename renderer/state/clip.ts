import type { Clip } from '../../preload/contract/view-state.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { orbitAxes } from './orbit.ts';
import { dot } from './rotation.ts';
import { boundsInView, cameraOf, useView } from './view.ts';
import type { Axis, Box3 } from './volume-geometry.ts';
import { map3 } from './volume-geometry.ts';

/** What 3-D panes leave out: all outside a box, and all before a plane. */

const get = useView.getState;
export const setClip = (change: Partial<Clip>): void =>
  useView.setState(({ clip }) => ({ clip: { ...clip, ...change } }));

export const noClip: Clip = { box: null, plane: null };
export const clearClip = (): void => setClip(noClip);

/** A side of the box at a share of the extent of what is shown; the sides never pass each other. */
export function boxWithSide(bounds: Box3, box: Box3 | null, axis: Axis, side: 'min' | 'max', share: number): Box3 {
  const { min, max } = box ?? bounds;
  const nm = bounds.min[axis] + Math.max(0, Math.min(1, share)) * (bounds.max[axis] - bounds.min[axis]);
  const put = (of: Vec3, value: number): Vec3 => map3((a) => (a === axis ? value : of[a]));
  return side === 'min'
    ? { min: put(min, Math.min(nm, max[axis])), max }
    : { min, max: put(max, Math.max(nm, min[axis])) };
}

export function setBoxSide(axis: Axis, side: 'min' | 'max', share: number): void {
  const s = get();
  const bounds = boundsInView(s);
  if (bounds) setClip({ box: boxWithSide(bounds, s.clip.box, axis, side, share) });
}

/** Where a side of the box lies, 0 to 1 of the extent of what is shown. */
export function shareOfSide(bounds: Box3, box: Box3 | null, axis: Axis, side: 'min' | 'max'): number {
  const extent = bounds.max[axis] - bounds.min[axis];
  const nm = (box ?? bounds)[side][axis];
  return extent > 0 ? Math.max(0, Math.min(1, (nm - bounds.min[axis]) / extent)) : Number(side === 'max');
}

/** Cuts away what lies before the cross-hair as the first 3-D pane is seen: the cut faces the viewer. */
export function cutAtCrossHair(): void {
  const s = get();
  const pane = s.panes.find(({ kind }) => kind === '3d');
  const { forward } = orbitAxes(cameraOf(s, pane?.id ?? s.activePane).orbit);
  const normal = map3((a) => -forward[a]);
  setClip({ plane: { normal, distanceNm: dot(normal, s.positionNm) } });
}

/** Shows the other half. */
export function flipCut(): void {
  const { plane } = get().clip;
  if (plane) setClip({ plane: { normal: map3((a) => -plane.normal[a]), distanceNm: -plane.distanceNm } });
}

export const isClipped = ({ box, plane }: Clip): boolean => box !== null || plane !== null;
