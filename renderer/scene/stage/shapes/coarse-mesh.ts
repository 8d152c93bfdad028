import type { Triangles } from './mesh-fragment.ts';
import { normalsOf } from './mesh-fragment.ts';
import type { Sliced } from './slices.ts';
import { roundsPerSlice } from './slices.ts';

/** Cells along the longest side of the box around a mesh. */
const cellsAcross = 96;

/**
 * A likeness of a mesh with fewer triangles, to turn and move it by: vertices of a cell of a grid become one, in their
 * middle, and triangles that lie in fewer than three cells go (Rossignac and Borrel, 1993). About its size in triangles: the
 * cells that its surface passes through, twice.
 */
export function* coarseMesh({ originNm, positions, indices }: Triangles): Sliced<Triangles> {
  const reachNm = yield* reachOf(positions);
  const { cellOf, middles } = yield* clusters(positions, 2 * reachNm);
  const kept = new Uint32Array(indices.length);
  let to = 0;
  for (let i = 0; i < indices.length; i += 3) {
    const [p, q, r] = [cellOf[indices[i]!]!, cellOf[indices[i + 1]!]!, cellOf[indices[i + 2]!]!];
    if (p !== q && q !== r && r !== p) {
      kept[to++] = p;
      kept[to++] = q;
      kept[to++] = r;
    }
    if (i % (3 * roundsPerSlice) === 0) yield;
  }
  const coarse = kept.slice(0, to);
  return { originNm, positions: middles, normals: yield* normalsOf(middles, coarse), indices: coarse, dropped: 0 };
}

/** How far points lie from the origin along an axis, at most. */
function* reachOf(positions: Float32Array): Sliced<number> {
  let reach = 0;
  for (let i = 0; i < positions.length; i++) {
    const nm = Math.abs(positions[i]!);
    if (nm > reach && nm < Infinity) reach = nm;
    if (i % (4 * roundsPerSlice) === 0) yield;
  }
  return reach;
}

function* clusters(
  positions: Float32Array,
  side: number,
): Sliced<{ readonly cellOf: Uint32Array; readonly middles: Float32Array<ArrayBuffer> }> {
  const perNm = cellsAcross / Math.max(side, 1e-30);
  const known = new Map<number, number>();
  const cellOf = new Uint32Array(positions.length / 3);
  const sums: number[] = [];
  for (let vertex = 0; vertex < cellOf.length; vertex++) {
    const [x, y, z] = [positions[vertex * 3]!, positions[vertex * 3 + 1]!, positions[vertex * 3 + 2]!];
    const place = (nm: number): number => Math.min(cellsAcross - 1, Math.max(0, Math.floor((nm + side / 2) * perNm)));
    const id = place(x) + cellsAcross * (place(y) + cellsAcross * place(z));
    const cell = known.get(id) ?? known.size;
    if (cell === known.size) {
      known.set(id, cell);
      sums.push(0, 0, 0, 0);
    }
    cellOf[vertex] = cell;
    sums[cell * 4] = sums[cell * 4]! + x;
    sums[cell * 4 + 1] = sums[cell * 4 + 1]! + y;
    sums[cell * 4 + 2] = sums[cell * 4 + 2]! + z;
    sums[cell * 4 + 3] = sums[cell * 4 + 3]! + 1;
    if (vertex % roundsPerSlice === 0) yield;
  }
  const middles = new Float32Array(known.size * 3);
  for (let i = 0; i < middles.length; i++)
    middles[i] = sums[Math.floor(i / 3) * 4 + (i % 3)]! / sums[Math.floor(i / 3) * 4 + 3]!;
  return { cellOf, middles };
}
