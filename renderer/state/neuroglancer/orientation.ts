import type { Orbit, Quaternion } from '../../../preload/contract/view-state.ts';
import { compose, dot, rotate, turnAbout, unit } from '../rotation.ts';
import { orbitAxes } from '../orbit.ts';

/**
 * Neuroglancer's orientations: the turned x, y and z axes point right, down and away from the viewer (docs/json_schema/
 * viewer_state.yml, Orientation). Of slices that is what a view's rotation is; of 3-D, yaw, pitch and roll follow.
 */
export function anglesOf(orientation: Quaternion): Pick<Orbit, 'yaw' | 'pitch' | 'roll'> {
  const turned = unit(orientation);
  const right = rotate(turned, [1, 0, 0]);
  const forward = rotate(turned, [0, 0, 1]);
  const pitch = Math.atan2(forward[1], Math.hypot(forward[0], forward[2]));
  // Straight up or down, yaw and roll turn about the same line: all of it is roll.
  const steep = Math.hypot(forward[0], forward[2]) < 1e-9;
  const yaw = steep ? 0 : Math.atan2(forward[0], forward[2]);
  const level = orbitAxes({ yaw, pitch, roll: 0 });
  return { yaw, pitch, roll: Math.atan2(dot(right, level.down), dot(right, level.right)) };
}

export const orientationOf = ({ yaw, pitch, roll }: Pick<Orbit, 'yaw' | 'pitch' | 'roll'>): Quaternion =>
  compose(compose(turnAbout([0, 1, 0], yaw), turnAbout([1, 0, 0], -pitch)), turnAbout([0, 0, 1], roll));
