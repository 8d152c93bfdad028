import type { Clip, Layer, Orbit, Quaternion, ViewDocument } from '../../../preload/contract/view-state.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { anglesOf, orientationOf } from '../neuroglancer/orientation.ts';
import { unit } from '../rotation.ts';
import { map3 } from '../volume-geometry.ts';

/** Views between views. `t` goes from 0 to 1. Pure. */

/** Starts and stops softly: the smoothest step of third degree. */
export const eased = (t: number): number => t * t * (3 - 2 * t);

const lerp = (a: number, b: number, t: number): number => a + (b - a) * t;
const lerp3 = (a: Vec3, b: Vec3, t: number): Vec3 => map3((axis) => lerp(a[axis], b[axis], t));
/** Each step magnifies by the same factor. */
const zoomed = (a: number, b: number, t: number): number => a * (b / a) ** t;

/** Along the shorter arc, at an even speed (Shoemake 1985). */
export function slerp(a: Quaternion, b: Quaternion, t: number): Quaternion {
  const dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
  const angle = Math.acos(Math.min(1, Math.abs(dot)));
  const [from, to] =
    angle < 1e-6 ? [1 - t, t] : [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
  const towards = dot < 0 ? -to : to;
  const mix = (i: 0 | 1 | 2 | 3): number => a[i] * from + b[i] * towards;
  return unit([mix(0), mix(1), mix(2), mix(3)]);
}

function orbitBetween(a: Orbit, b: Orbit, t: number): Orbit {
  const centred = a.centreNm && b.centreNm ? lerp3(a.centreNm, b.centreNm, t) : t < 0.5 ? a.centreNm : b.centreNm;
  return {
    ...anglesOf(slerp(orientationOf(a), orientationOf(b), t)),
    zoom: zoomed(a.zoom, b.zoom, t),
    centreNm: centred,
  };
}

/** Where only one has a box or a plane, it is there until the halfway point or from it on. */
function clipBetween(a: Clip, b: Clip, t: number): Clip {
  const near = t < 0.5 ? a : b;
  const box = a.box && b.box ? { min: lerp3(a.box.min, b.box.min, t), max: lerp3(a.box.max, b.box.max, t) } : near.box;
  const plane =
    a.plane && b.plane
      ? {
          normal: lerp3(a.plane.normal, b.plane.normal, t),
          distanceNm: lerp(a.plane.distanceNm, b.plane.distanceNm, t),
        }
      : near.plane;
  return { box, plane };
}

/** A layer that is hidden, or that is not in the other view at all, fades. */
function layersBetween(a: readonly Layer[], b: readonly Layer[], t: number): readonly Layer[] {
  const shown = (layer: Layer | undefined): number => (layer?.visible ? layer.opacity : 0);
  const onlyInB = b.filter(({ id }) => !a.some((layer) => layer.id === id));
  return [...a, ...onlyInB].map((layer): Layer => {
    const [before, after] = [a.find(({ id }) => id === layer.id), b.find(({ id }) => id === layer.id)];
    const opacity = lerp(shown(before), shown(after), t);
    const near = (t < 0.5 ? (before ?? after) : (after ?? before)) ?? layer;
    const window =
      before && after && 'window' in before && 'window' in after ? windowBetween(before.window, after.window, t) : null;
    return { ...near, ...(window && 'window' in near && { window }), visible: opacity > 0, opacity };
  });
}

const windowBetween = (
  a: readonly [number, number],
  b: readonly [number, number],
  t: number,
): readonly [number, number] => [lerp(a[0], b[0], t), lerp(a[1], b[1], t)];

/** What has no in-between (panes, colours, the modes of 3-D) is of the nearer view. */
export function documentBetween(a: ViewDocument, b: ViewDocument, t: number): ViewDocument {
  if (t <= 0) return a;
  if (t >= 1) return b;
  const near = t < 0.5 ? a : b;
  return {
    ...near,
    positionNm: lerp3(a.positionNm, b.positionNm, t),
    time: Math.round(lerp(a.time, b.time, t)),
    nmPerPx: zoomed(a.nmPerPx, b.nmPerPx, t),
    rotation: slerp(a.rotation, b.rotation, t),
    orbit: orbitBetween(a.orbit, b.orbit, t),
    clip: clipBetween(a.clip, b.clip, t),
    layers: layersBetween(a.layers, b.layers, t),
  };
}
