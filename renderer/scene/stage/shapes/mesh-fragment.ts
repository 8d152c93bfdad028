import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { Sliced } from './slices.ts';
import { roundsPerSlice } from './slices.ts';

/** Triangles ready to draw. */
export interface Triangles {
  /** What positions are relative to, nm: numbers near it stay exact in float32. */
  readonly originNm: Vec3;
  readonly positions: Float32Array<ArrayBuffer>;
  /** x y z and an unused fourth a vertex, 127 long; zero where the faces around it cancel out. */
  readonly normals: Int8Array<ArrayBuffer>;
  readonly indices: Uint32Array<ArrayBuffer>;
  /** Triangles that were left out: they name vertices that are not there, or that lie nowhere. */
  readonly dropped: number;
}

/**
 * Checks triangles and readies them to draw. `positionsNm` is changed in place: it becomes relative to the origin.
 * Triangles with a vertex that is missing, not a number or not finite are dropped.
 */
export function* trianglesOf(
  positionsNm: Float32Array<ArrayBuffer>,
  indices: Uint32Array<ArrayBuffer>,
): Sliced<Triangles> {
  const originNm = yield* moveToOrigin(positionsNm);
  const kept = yield* soundTriangles(positionsNm, indices);
  const normals = yield* normalsOf(positionsNm, kept);
  const dropped = Math.ceil((indices.length - kept.length) / 3);
  return { originNm, positions: positionsNm, normals, indices: kept, dropped };
}

/** Makes points relative to the middle of their box, which it returns. */
export function* moveToOrigin(positionsNm: Float32Array): Sliced<Vec3> {
  const min = [Infinity, Infinity, Infinity];
  const max = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positionsNm.length; i++) {
    const [a, nm] = [i % 3, positionsNm[i]!];
    if (Number.isFinite(nm)) {
      if (nm < min[a]!) min[a] = nm;
      if (nm > max[a]!) max[a] = nm;
    }
    if (i % (4 * roundsPerSlice) === 0) yield;
  }
  const middle = min.map((low, a) => (low <= max[a]! ? Math.fround((low + max[a]!) / 2) : 0));
  for (let i = 0; i < positionsNm.length; i++) {
    positionsNm[i] = positionsNm[i]! - middle[i % 3]!;
    if (i % (4 * roundsPerSlice) === 0) yield;
  }
  return [middle[0] ?? 0, middle[1] ?? 0, middle[2] ?? 0];
}

/** Which points lie somewhere. */
export function isPoint(positions: Float32Array, point: number): boolean {
  const at = point * 3;
  // Also false past the end, where there is nothing.
  return Number.isFinite(positions[at]) && Number.isFinite(positions[at + 1]) && Number.isFinite(positions[at + 2]);
}

function* soundTriangles(positions: Float32Array, indices: Uint32Array<ArrayBuffer>): Sliced<Uint32Array<ArrayBuffer>> {
  let to = 0;
  for (let i = 0; i + 2 < indices.length; i += 3) {
    const [p, q, r] = [indices[i]!, indices[i + 1]!, indices[i + 2]!];
    if (isPoint(positions, p) && isPoint(positions, q) && isPoint(positions, r)) {
      indices[to++] = p;
      indices[to++] = q;
      indices[to++] = r;
    }
    if (i % (3 * roundsPerSlice) === 0) yield;
  }
  return to === indices.length ? indices : indices.slice(0, to);
}

/** The mean of the faces around each vertex, the larger the more. */
export function* normalsOf(positions: Float32Array, indices: Uint32Array): Sliced<Int8Array<ArrayBuffer>> {
  const sums = new Float32Array(positions.length);
  for (let i = 0; i < indices.length; i += 3) {
    const [p, q, r] = [indices[i]! * 3, indices[i + 1]! * 3, indices[i + 2]! * 3];
    const [ux, uy, uz] = [
      positions[q]! - positions[p]!,
      positions[q + 1]! - positions[p + 1]!,
      positions[q + 2]! - positions[p + 2]!,
    ];
    const [vx, vy, vz] = [
      positions[r]! - positions[p]!,
      positions[r + 1]! - positions[p + 1]!,
      positions[r + 2]! - positions[p + 2]!,
    ];
    const [nx, ny, nz] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    for (const at of [p, q, r]) {
      sums[at] = sums[at]! + nx;
      sums[at + 1] = sums[at + 1]! + ny;
      sums[at + 2] = sums[at + 2]! + nz;
    }
    if (i % (3 * roundsPerSlice) === 0) yield;
  }
  return yield* packedNormals(sums);
}

function* packedNormals(sums: Float32Array): Sliced<Int8Array<ArrayBuffer>> {
  const count = sums.length / 3;
  const normals = new Int8Array(count * 4);
  for (let i = 0; i < count; i++) {
    const [x, y, z] = [sums[i * 3]!, sums[i * 3 + 1]!, sums[i * 3 + 2]!];
    const scale = 127 / (Math.hypot(x, y, z) || 1);
    normals[i * 4] = Math.round(x * scale);
    normals[i * 4 + 1] = Math.round(y * scale);
    normals[i * 4 + 2] = Math.round(z * scale);
    if (i % roundsPerSlice === 0) yield;
  }
  return normals;
}
