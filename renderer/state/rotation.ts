import type { Quaternion } from '../../preload/contract/view-state.ts';
import { noRotation } from '../../preload/contract/view-state.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Plane } from './volume-geometry.ts';
import { planeAxes } from './volume-geometry.ts';

/** Turning. Quaternions are x, y, z, w of unit length; angles are radians, right-handed. Pure. */

export const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/** `a` plus `by` times `b`. */
export const plus = (a: Vec3, b: Vec3, by = 1): Vec3 => [a[0] + by * b[0], a[1] + by * b[1], a[2] + by * b[2]];

export function normalised(v: Vec3): Vec3 {
  const length = Math.hypot(...v);
  return length > 0 ? [v[0] / length, v[1] / length, v[2] / length] : [0, 0, 1];
}

export function rotate([x, y, z, w]: Quaternion, v: Vec3): Vec3 {
  const t = cross([x, y, z], v);
  const doubled: Vec3 = [2 * t[0], 2 * t[1], 2 * t[2]];
  return plus(plus(v, doubled, w), cross([x, y, z], doubled));
}

/** First `b`, then `a`. */
export function compose(a: Quaternion, b: Quaternion): Quaternion {
  const [ax, ay, az, aw] = a;
  const [bx, by, bz, bw] = b;
  return unit([
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
    aw * bw - ax * bx - ay * by - az * bz,
  ]);
}

export function unit(q: Quaternion): Quaternion {
  const length = Math.hypot(...q);
  return length > 1e-12 ? [q[0] / length, q[1] / length, q[2] / length, q[3] / length] : noRotation;
}

export function turnAbout(axis: Vec3, angle: number): Quaternion {
  const [x, y, z] = normalised(axis);
  const s = Math.sin(angle / 2);
  return [x * s, y * s, z * s, Math.cos(angle / 2)];
}

export const isUnturned = (q: Quaternion): boolean => q[3] ** 2 > 1 - 1e-14;

/** Where a slice pane's right, down and depth point in the world: unit vectors. */
export interface PlaneFrame {
  readonly right: Vec3;
  readonly down: Vec3;
  readonly normal: Vec3;
}

const axisVector = (axis: 0 | 1 | 2): Vec3 => [Number(axis === 0), Number(axis === 1), Number(axis === 2)];

/** The frame of a plane. Unturned, XZ and YZ both have z downwards. */
export function frameOf(plane: Plane, rotation: Quaternion): PlaneFrame {
  const { right, down, normal } = planeAxes[plane];
  const turned = (axis: 0 | 1 | 2): Vec3 =>
    isUnturned(rotation) ? axisVector(axis) : rotate(rotation, axisVector(axis));
  return { right: turned(right), down: turned(down), normal: turned(normal) };
}
