import type { Vec3 } from '../../preload/contract/space.ts';
import type { Orbit } from '../../preload/contract/view-state.ts';
import type { Box3 } from './volume-geometry.ts';
import { map3 } from './volume-geometry.ts';

/** How a 3-D pane looks at the world. Pure: the drawing worker uses it too. */

/** The 3-D pane's directions on the screen, unit vectors in the world: right, down, and away from the viewer. */
export function orbitAxes({ yaw, pitch, roll }: Pick<Orbit, 'yaw' | 'pitch' | 'roll'>): {
  readonly right: Vec3;
  readonly down: Vec3;
  readonly forward: Vec3;
} {
  const [sinYaw, cosYaw, sinPitch, cosPitch] = [Math.sin(yaw), Math.cos(yaw), Math.sin(pitch), Math.cos(pitch)];
  const right: Vec3 = [cosYaw, 0, -sinYaw];
  const down: Vec3 = [-sinYaw * sinPitch, cosPitch, -cosYaw * sinPitch];
  const [c, s] = [Math.cos(roll), Math.sin(roll)];
  return {
    right: map3((a) => c * right[a] + s * down[a]),
    down: map3((a) => c * down[a] - s * right[a]),
    forward: [sinYaw * cosPitch, sinPitch, cosYaw * cosPitch],
  };
}

/** The middle and the scale of a 3-D pane: at zoom 1 the box around all that is shown fits it, however it is turned. */
export function orbitPlace(
  box: Box3,
  { zoom, centreNm }: Orbit,
  size: { readonly width: number; readonly height: number },
): { readonly centreNm: Vec3; readonly nmPerPx: number } {
  const diagonal = Math.hypot(...map3((a) => box.max[a] - box.min[a]));
  return {
    centreNm: centreNm ?? map3((a) => (box.min[a] + box.max[a]) / 2),
    nmPerPx: diagonal / (0.92 * Math.max(1, Math.min(size.width, size.height))) / zoom,
  };
}
