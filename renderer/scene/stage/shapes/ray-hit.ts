import type { Vec3 } from '../../../../preload/contract/space.ts';
import { cross, dot, plus } from '../../../state/rotation.ts';
import type { BoxTree } from './box-tree.ts';
import { visitItems } from './box-tree.ts';
import type { Region } from './region.ts';

/** A ray; all positions relative to the same origin. */
export interface Ray {
  readonly from: Vec3;
  /** The ray goes on from `from` by `t` times this. */
  readonly by: Vec3;
}

const pointOf = (positions: Float32Array, vertex: number): Vec3 => [
  positions[vertex * 3] ?? 0,
  positions[vertex * 3 + 1] ?? 0,
  positions[vertex * 3 + 2] ?? 0,
];

/** A thin beam around a ray, to find what may be hit: `across` are two directions that span its cross-section. */
export function beamOf({ from }: Ray, across: readonly [Vec3, Vec3], reach: number): Region {
  return across.flatMap((direction) => {
    const middle = dot(direction, from);
    return [
      { normal: direction, most: middle + reach },
      { normal: [-direction[0], -direction[1], -direction[2]] as const, most: reach - middle },
    ];
  });
}

/** The least t at which the ray meets a triangle and that `accepts`; null where it meets none. (Möller and Trumbore, 1997.) */
export function hitTriangles(
  { positions, indices }: { readonly positions: Float32Array; readonly indices: Uint32Array },
  index: BoxTree | null,
  ray: Ray,
  beam: Region,
  accepts: (t: number) => boolean,
): number | null {
  let nearest: number | null = null;
  const visit = (triangle: number): void => {
    const corner = (i: 0 | 1 | 2): Vec3 => pointOf(positions, indices[triangle * 3 + i] ?? 0);
    const t = hitTriangle(ray, corner(0), corner(1), corner(2));
    if (t !== null && (nearest === null || t < nearest) && accepts(t)) nearest = t;
  };
  if (index) visitItems(index, beam, visit);
  else for (let triangle = 0; triangle < indices.length / 3; triangle++) visit(triangle);
  return nearest;
}

function hitTriangle({ from, by }: Ray, p: Vec3, q: Vec3, r: Vec3): number | null {
  const [u, v] = [plus(q, p, -1), plus(r, p, -1)];
  const h = cross(by, v);
  const det = dot(u, h);
  if (det === 0) return null;
  const s = plus(from, p, -1);
  const a = dot(s, h) / det;
  if (a < 0 || a > 1) return null;
  const k = cross(s, u);
  const b = dot(by, k) / det;
  if (b < 0 || a + b > 1) return null;
  return dot(v, k) / det;
}

/** Where an edge, seen along the ray, comes nearest to it: how far aside, nm, and at which t. */
export function nearEdge({ from, by }: Ray, p: Vec3, q: Vec3): { readonly asideNm: number; readonly t: number } {
  const long = dot(by, by);
  /** What lies across the ray. */
  const flat = (v: Vec3): Vec3 => plus(v, by, -dot(v, by) / long);
  const [start, way] = [flat(plus(p, from, -1)), flat(plus(q, p, -1))];
  const length = dot(way, way);
  const s = length > 0 ? Math.max(0, Math.min(1, -dot(start, way) / length)) : 0;
  const at = plus(start, way, s);
  const point = plus(p, plus(q, p, -1), s);
  return { asideNm: Math.hypot(...at), t: dot(plus(point, from, -1), by) / long };
}
