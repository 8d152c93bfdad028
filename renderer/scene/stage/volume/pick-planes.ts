import { applyMatrix } from '../../../state/layers.ts';
import { dot, plus } from '../../../state/rotation.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { OrbitScene } from '../orbit.ts';
import type { DrawnLayer } from '../scene-layers.ts';
import { clipRegion, holds } from '../shapes/region.ts';
import { boundsNm } from '../../../state/volume-geometry.ts';
import type { OrbitFrame } from './orbit-frame.ts';
import { rayStart } from './orbit-frame.ts';
import { slicePlanes } from './ray-layers.ts';

export interface PlaneHit {
  readonly positionNm: Vec3;
  /** From where the ray starts. */
  readonly depthNm: number;
  /** The highest layer that has voxels there. */
  readonly layer: string;
}

/** The nearest slice in a 3-D pane under a pixel of the frame; null where there is none, or slices are not shown. */
export function pickOnPlanes(
  orbit: OrbitScene,
  frame: OrbitFrame,
  [px, py]: readonly [number, number],
): PlaneHit | null {
  const { scene, layers } = orbit;
  if (!scene.slicesIn3d) return null;
  const start = rayStart(frame, px, py);
  const clip = clipRegion(scene.clip);
  const { normals, positionNm: on } = slicePlanes(orbit);
  const hits = normals.flatMap((normal): readonly PlaneHit[] => {
    const depthNm = dot(plus(on, start, -1), normal) / dot(frame.forward, normal);
    const positionNm = plus(start, frame.forward, depthNm);
    if (!Number.isFinite(depthNm) || depthNm < 0 || !holds(clip, positionNm)) return [];
    const top = layers.findLast((layer) => hasVoxelsAt(layer, positionNm));
    return top ? [{ positionNm, depthNm, layer: top.layer.id }] : [];
  });
  return hits.toSorted((a, b) => a.depthNm - b.depthNm)[0] ?? null;
}

function hasVoxelsAt({ place: { volume, layerFromWorld } }: DrawnLayer, positionNm: Vec3): boolean {
  const at = applyMatrix(layerFromWorld, positionNm);
  const { min, max } = boundsNm(volume);
  return at.every((nm, a) => nm >= (min[a] ?? 0) && nm <= (max[a] ?? 0));
}
