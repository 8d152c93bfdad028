import type { ShapeOptions, ShapeWork } from '../../main/engine/formats/shapes/shape-format.ts';
import { Remembered } from '../../main/engine/formats/precomputed/remembered.ts';
import type { ParsedShapesHeader } from '../../native-workers/shape-tasks.ts';
import { runShapes } from '../../native-workers/shapes/run.ts';
import { cancelWords } from '../../native-workers/tasks.ts';

const never = (): Int32Array => new Int32Array(new SharedArrayBuffer(cancelWords.length * 4));

/** The work of the workers, on this thread. */
export const shapeWork: ShapeWork = {
  parse: async (request, inputs) => {
    const { header, outputs } = await runShapes('parse-shape', request, inputs, never());
    const parsed = header as ParsedShapesHeader;
    return {
      ...parsed,
      shapes: parsed.shapes.map((shape, i) => ({ ...shape, bytes: outputs[i] ?? new Uint8Array() })),
    };
  },
  draco: async (request, bytes) => {
    const { header, outputs } = await runShapes('decode-draco', request, [bytes], never());
    const { vertices, triangles } = header as { vertices: number; triangles: number };
    return { vertices, triangles, bytes: outputs[0] ?? new Uint8Array() };
  },
};

let sets = 0;
export const shapeOptions = (unitNm: number | null = null): ShapeOptions => ({
  work: shapeWork,
  unitNm,
  parsed: new Remembered(2 ** 28, ({ shapes }) => shapes.reduce((sum, one) => sum + one.bytes.byteLength, 100)),
  token: `${++sets}/`,
});

/** What the wire's bytes of a mesh say. */
export function meshOf({ vertices, triangles, bytes }: { vertices: number; triangles: number; bytes: Uint8Array }) {
  const own = bytes.slice();
  return {
    positions: new Float32Array(own.buffer, 0, vertices * 3),
    indices: new Uint32Array(own.buffer, vertices * 12, triangles * 3),
  };
}

/** What the wire's bytes of a skeleton say. */
export function skeletonOf({ nodes, edges, bytes }: { nodes: number; edges: number; bytes: Uint8Array }) {
  const own = bytes.slice();
  return {
    positions: new Float32Array(own.buffer, 0, nodes * 3),
    radii: new Float32Array(own.buffer, nodes * 12, nodes),
    edges: new Uint32Array(own.buffer, nodes * 16, edges * 2),
  };
}
