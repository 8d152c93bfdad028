import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { Clip, LayerOf, Matrix34 } from '../../../../preload/contract/view-state.ts';
import { applyMatrix, invertMatrix } from '../../../state/layers.ts';
import { cross, normalised, plus } from '../../../state/rotation.ts';
import { map3 } from '../../../state/volume-geometry.ts';
import type { Ray } from './ray-hit.ts';
import { beamOf, hitTriangles, nearEdge } from './ray-hit.ts';
import type { Region } from './region.ts';
import { clipRegion, holds, scaleOf } from './region.ts';
import type { ShapeLayer } from './shape-library.ts';
import type { MeshPart, Part, SkeletonPart } from './shape-store.ts';
import { visitItems } from './box-tree.ts';
import type { ViewFrame } from './view-frame.ts';
import { unproject } from './view-frame.ts';

/** What lies nearest under a point of a 3-D pane. */
export interface ShapeHit {
  readonly positionNm: Vec3;
  /** From where depth is 0, along `forward`. */
  readonly depthNm: number;
  readonly layer: string;
  readonly key: string;
}

/** A line is hit from so many pixels away. */
const nearPx = 4;

/** The nearest of some parts of a layer. `px, py`: pixels of the frame. */
export function pickParts(
  frame: ViewFrame,
  clip: Clip,
  layer: ShapeLayer,
  parts: readonly Part[],
  [px, py]: readonly [number, number],
): ShapeHit | null {
  const layerFromWorld = layer.worldFromLayer && invertMatrix(layer.worldFromLayer);
  if (layer.worldFromLayer && !layerFromWorld) return null;
  const world: Ray = { from: unproject(frame, px, py, frame.nearNm), by: frame.forward };
  const clipped = clipRegion(clip);
  const lengthNm = frame.farNm - frame.nearNm;
  const accepts = (t: number): boolean => t >= 0 && t <= lengthNm && holds(clipped, plus(world.from, world.by, t));
  let nearest: ShapeHit | null = null;
  for (const part of parts) {
    const ray = rayThrough(layerFromWorld, world, part.originNm);
    const t =
      part.t === 'mesh'
        ? hitMesh(part, ray, accepts)
        : hitSkeleton(part, ray, reachOf(frame, layer as LayerOf<'skeleton'>), accepts);
    if (t === null || (nearest && nearest.depthNm <= t)) continue;
    nearest = { positionNm: plus(world.from, world.by, t), depthNm: t, layer: layer.id, key: part.key };
  }
  return nearest;
}

/** The ray relative to the origin of a part; t is the same: nm of the world. */
function rayThrough(layerFromWorld: Matrix34 | null, { from, by }: Ray, originNm: Vec3): Ray {
  const start = applyMatrix(layerFromWorld, from);
  const end = applyMatrix(layerFromWorld, plus(from, by));
  return { from: plus(start, originNm, -1), by: plus(end, start, -1) };
}

const reachOf = ({ nmPerPx }: ViewFrame, layer: LayerOf<'skeleton'>): number =>
  (Math.max(nearPx, layer.lineWidthPx / 2) * nmPerPx) / scaleOf(layer.worldFromLayer);

/** Two directions across a ray. */
function acrossOf({ by }: Ray): readonly [Vec3, Vec3] {
  const aside = Math.abs(by[0]) < 0.9 * Math.hypot(...by) ? ([1, 0, 0] as const) : ([0, 1, 0] as const);
  const first = normalised(cross(by, aside));
  return [first, normalised(cross(by, first))];
}

function hitMesh({ triangles, index }: MeshPart, ray: Ray, accepts: (t: number) => boolean): number | null {
  // Boxes are float32: a hair around the ray.
  const hair = 1e-6 * Math.max(1, ...ray.from.map(Math.abs));
  return hitTriangles(triangles, index, ray, beamOf(ray, acrossOf(ray), hair), accepts);
}

function hitSkeleton(
  { lines: { positions, edges }, index }: SkeletonPart,
  ray: Ray,
  reachNm: number,
  accepts: (t: number) => boolean,
): number | null {
  let nearest: number | null = null;
  const pointOf = (node: number): Vec3 => map3((a) => positions[node * 3 + a] ?? 0);
  const visit = (edge: number): void => {
    const { asideNm, t } = nearEdge(ray, pointOf(edges[edge * 2] ?? 0), pointOf(edges[edge * 2 + 1] ?? 0));
    if (asideNm <= reachNm && (nearest === null || t < nearest) && accepts(t)) nearest = t;
  };
  const beam: Region = beamOf(ray, acrossOf(ray), reachNm);
  if (index) visitItems(index, beam, visit);
  else for (let edge = 0; edge < edges.length / 2; edge++) visit(edge);
  return nearest;
}
