import type { VertexAttribute } from '../shape-tasks.ts';
import { scaleOfTransform, transformPositions, type Transform } from './affine.ts';
import { farthestNm, mostLinks, mostPoints } from './mesh-builder.ts';
import type { Parsed, ShapeFile } from './parse-result.ts';
import { badShape, tooLarge } from './shape-errors.ts';
import { buildSkeleton, edgesNote } from './skeleton-builder.ts';

const sizes = { float32: 4, int8: 1, uint8: 1, int16: 2, uint16: 2, int32: 4, uint32: 4 } as const;

/**
 * A skeleton as google/neuroglancer, src/datasource/precomputed/skeleton.rst says: uint32 nodes, uint32 edges, positions
 * float32, edges uint32, then each attribute. Of the attributes only "radius" is kept.
 */
export function parsePrecomputedSkeleton(
  file: ShapeFile,
  attributes: readonly VertexAttribute[],
  transform: Transform,
): Parsed {
  const { bytes, name } = file;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) throw badShape(name, `it has ${bytes.length} bytes, too few for a skeleton`);
  const [nodes, edges] = [view.getUint32(0, true), view.getUint32(4, true)];
  const attributeBytes = attributes.map(({ data_type, num_components }) => sizes[data_type] * num_components * nodes);
  const wanted = attributeBytes.reduce((sum, one) => sum + one, 8 + nodes * 12 + edges * 8);
  if (wanted !== bytes.length)
    throw badShape(name, `${nodes} nodes and ${edges} edges take ${wanted} bytes, and it has ${bytes.length}`);
  if (nodes > mostPoints || edges > mostLinks) throw tooLarge(name, `${nodes} nodes and ${edges} edges`);
  const positions = new Float32Array(nodes * 3);
  for (let i = 0; i < positions.length; i++) positions[i] = view.getFloat32(8 + i * 4, true);
  transformPositions(positions, transform);
  const bad = positions.findIndex((value) => !(Math.abs(value) <= farthestNm));
  if (bad >= 0) throw badShape(name, `node ${Math.floor(bad / 3)} has no place within 100 km`);
  const radii = readRadii(view, nodes, 8 + nodes * 12 + edges * 8, attributes, scaleOfTransform(transform));
  const kept = readEdges(view, 8 + nodes * 12, edges, nodes);
  return {
    header: { kind: 'skeleton', unitNm: 1, notes: [...edgesNote(edges - kept.length / 2)], needs: [] },
    shapes: [buildSkeleton('', positions, radii, kept)],
  };
}

function readEdges(view: DataView, from: number, edges: number, nodes: number): Uint32Array {
  const kept = new Uint32Array(edges * 2);
  let to = 0;
  for (let i = 0; i < edges; i++) {
    const [a, b] = [view.getUint32(from + i * 8, true), view.getUint32(from + i * 8 + 4, true)];
    if (a >= nodes || b >= nodes || a === b) continue;
    kept[to++] = a;
    kept[to++] = b;
  }
  return kept.subarray(0, to);
}

function readRadii(
  view: DataView,
  nodes: number,
  attributesAt: number,
  attributes: readonly VertexAttribute[],
  scale: number,
): Float32Array {
  const radii = new Float32Array(nodes);
  let at = attributesAt;
  for (const { id, data_type: type, num_components: components } of attributes) {
    if (id === 'radius' && components === 1) {
      for (let i = 0; i < nodes; i++) {
        const radius = valueAt(view, type, at + i * sizes[type]) * scale;
        radii[i] = radius > 0 && Number.isFinite(Math.fround(radius)) ? radius : 0;
      }
    }
    at += nodes * sizes[type] * components;
  }
  return radii;
}

function valueAt(view: DataView, type: VertexAttribute['data_type'], at: number): number {
  switch (type) {
    case 'float32':
      return view.getFloat32(at, true);
    case 'int8':
      return view.getInt8(at);
    case 'uint8':
      return view.getUint8(at);
    case 'int16':
      return view.getInt16(at, true);
    case 'uint16':
      return view.getUint16(at, true);
    case 'int32':
      return view.getInt32(at, true);
    case 'uint32':
      return view.getUint32(at, true);
  }
}
