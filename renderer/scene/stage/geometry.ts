import type { Vec3 } from '../../../preload/contract/space.ts';
import type { Volume } from '../../../preload/contract/library.ts';
import type { Axis, Plane } from '../../state/volume-geometry.ts';
import { boundsNm, map3, planeAxes } from '../../state/volume-geometry.ts';
import type { Camera } from './messages.ts';

/** Panes and nanometres. Pure; pixels are CSS pixels unless a name says otherwise. */

export interface PaneSize {
  readonly width: number;
  readonly height: number;
}

/** The position under a point of a slice pane. */
export function positionAt(plane: Plane, camera: Camera, size: PaneSize, px: number, py: number): Vec3 {
  const { right, down } = planeAxes[plane];
  const shift: Partial<Record<Axis, number>> = {
    [right]: (px - size.width / 2) * camera.nmPerPx,
    [down]: (py - size.height / 2) * camera.nmPerPx,
  };
  return map3((axis) => camera.positionNm[axis] + (shift[axis] ?? 0));
}

/** Where a position lies in a slice pane, and how far off the plane it is, nm. */
export function projectToPlane(
  plane: Plane,
  camera: Camera,
  size: PaneSize,
  positionNm: Vec3,
): readonly [px: number, py: number, offNm: number] {
  const { right, down, normal } = planeAxes[plane];
  return [
    (positionNm[right] - camera.positionNm[right]) / camera.nmPerPx + size.width / 2,
    (positionNm[down] - camera.positionNm[down]) / camera.nmPerPx + size.height / 2,
    positionNm[normal] - camera.positionNm[normal],
  ];
}

/** The 3-D pane's parallel view: unit vectors of the screen in volume space, the middle, and the scale. */
export interface OrbitView {
  readonly right: Vec3;
  readonly down: Vec3;
  readonly forward: Vec3;
  readonly centreNm: Vec3;
  readonly nmPerPx: number;
}

const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** The screen's directions in volume space, unit vectors: right, down, and away from the viewer. */
export function orbitAxes(yaw: number, pitch: number): Pick<OrbitView, 'right' | 'down' | 'forward'> {
  const [sinYaw, cosYaw, sinPitch, cosPitch] = [Math.sin(yaw), Math.cos(yaw), Math.sin(pitch), Math.cos(pitch)];
  return {
    right: [cosYaw, 0, -sinYaw],
    down: [-sinYaw * sinPitch, cosPitch, -cosYaw * sinPitch],
    forward: [sinYaw * cosPitch, sinPitch, cosYaw * cosPitch],
  };
}

/** A parallel projection: a scale bar holds everywhere. Yaw turns about the data's y axis, pitch tilts towards it. */
export function orbitView(volume: Volume, { orbit }: Camera, size: PaneSize): OrbitView {
  const { min, max } = boundsNm(volume);
  const diagonal = Math.hypot(...map3((a) => max[a] - min[a]));
  return {
    ...orbitAxes(orbit.yaw, orbit.pitch),
    centreNm: map3((a) => (min[a] + max[a]) / 2),
    nmPerPx: diagonal / (0.92 * Math.max(1, Math.min(size.width, size.height))) / orbit.zoom,
  };
}

export function projectToOrbit(view: OrbitView, size: PaneSize, positionNm: Vec3): readonly [px: number, py: number] {
  const d = map3((a) => positionNm[a] - view.centreNm[a]);
  return [dot(d, view.right) / view.nmPerPx + size.width / 2, dot(d, view.down) / view.nmPerPx + size.height / 2];
}

/** A round length for a scale bar of about `targetPx`, and its width in pixels. */
export function scaleBar(nmPerPx: number, targetPx: number): { readonly lengthNm: number; readonly widthPx: number } {
  const wanted = nmPerPx * targetPx;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [5, 2, 1].find((s) => s * power <= wanted) ?? 1;
  const lengthNm = step * power;
  return { lengthNm, widthPx: lengthNm / nmPerPx };
}
