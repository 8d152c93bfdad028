import type { ShapeWork } from '../formats/shapes/shape-format.ts';
import type { Kernels, Lane } from './job.ts';

/** Meshes and skeletons, read by the pool. */
export function kernelShapes(kernels: Kernels, lane: Lane): ShapeWork {
  return {
    parse: async (request, inputs) => {
      const { header, outputs } = await kernels.run('parse-shape', request, { inputs, lane });
      return {
        ...header,
        shapes: header.shapes.map((shape, i) => ({ ...shape, bytes: outputs[i] ?? new Uint8Array() })),
      };
    },
    draco: async (request, bytes, signal) => {
      const given = { inputs: [bytes], lane, ...(signal && { signal }) };
      const { header, outputs } = await kernels.run('decode-draco', request, given);
      return { ...header, bytes: outputs[0] ?? new Uint8Array() };
    },
  };
}
