import type { MeshBytes, SkeletonBytes } from '../formats/shapes/shape-format.ts';

/** Shapes whose points were led elsewhere. What leads nowhere is left out, with all that hangs on it. */

/** Points as doubles: x, y, z of each. */
export function pointsOf(bytes: Uint8Array, count: number): Float64Array {
  return Float64Array.from(new Float32Array(bytes.slice(0, 12 * count).buffer));
}

/** `led`: where its vertices came to. A mirrored mesh is turned, so that its outside stays outside. */
export function ledMesh({ vertices, triangles, bytes }: MeshBytes, led: Float64Array, mirrored: boolean): MeshBytes {
  const corners = new Uint32Array(bytes.slice(12 * vertices, 12 * (vertices + triangles)).buffer);
  const { kept, numbers } = keptOf(led);
  const left: number[] = [];
  for (let at = 0; at + 2 < corners.length; at += 3) {
    const [a, b, c] = [numbers[corners[at]!]!, numbers[corners[at + 1]!]!, numbers[corners[at + 2]!]!];
    if (a >= 0 && b >= 0 && c >= 0) left.push(a, mirrored ? c : b, mirrored ? b : c);
  }
  return { vertices: kept.length / 3, triangles: left.length / 3, bytes: joined(kept, Uint32Array.from(left)) };
}

/** As `ledMesh`; its radii stay as they are. */
export function ledSkeleton({ name, nodes, edges, bytes }: SkeletonBytes, led: Float64Array): SkeletonBytes {
  const radii = new Float32Array(bytes.slice(12 * nodes, 16 * nodes).buffer);
  const ends = new Uint32Array(bytes.slice(16 * nodes, 16 * nodes + 8 * edges).buffer);
  const { kept, numbers } = keptOf(led);
  const left: number[] = [];
  for (let at = 0; at + 1 < ends.length; at += 2) {
    const [a, b] = [numbers[ends[at]!]!, numbers[ends[at + 1]!]!];
    if (a >= 0 && b >= 0) left.push(a, b);
  }
  const thick = radii.filter((_, node) => numbers[node]! >= 0);
  return {
    ...{ name, nodes: kept.length / 3, edges: left.length / 2 },
    bytes: joined(kept, thick, Uint32Array.from(left)),
  };
}

/** Points that lead somewhere, and the new number of each; -1 where it has none. */
function keptOf(led: Float64Array): { readonly kept: Float32Array; readonly numbers: Int32Array } {
  const numbers = new Int32Array(led.length / 3).fill(-1);
  const kept = new Float32Array(led.length);
  let count = 0;
  for (let p = 0; p + 2 < led.length; p += 3) {
    if (!(Number.isFinite(led[p]) && Number.isFinite(led[p + 1]) && Number.isFinite(led[p + 2]))) continue;
    numbers[p / 3] = count;
    kept.set(led.subarray(p, p + 3), 3 * count++);
  }
  return { kept: kept.subarray(0, 3 * count), numbers };
}

function joined(...parts: readonly (Float32Array | Uint32Array)[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    out.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return out;
}
