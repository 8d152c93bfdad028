import type { Vec3 } from '../../../preload/contract/space.ts';
import { mapAxes, voxelsIn } from '../formats/pyramid.ts';
import { composeAffine3 } from '../transforms/affine3.ts';
import type { VectorField } from '../transforms/vector-field.ts';

/** One more vector on every side, as the nearest is: what a field leads half a voxel further goes on for a whole one. */
export function paddedField(field: VectorField): VectorField {
  const sizeXyz = mapAxes((i) => field.sizeXyz[i] + 2);
  return {
    ...field,
    sizeXyz,
    indexFromPoint: composeAffine3([1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1], field.indexFromPoint),
    read: async (min, size, signal) => {
      const inner = (i: 0 | 1 | 2, at: number): number => Math.max(0, Math.min(field.sizeXyz[i] - 1, at - 1));
      const first = mapAxes((i) => inner(i, min[i]));
      const within = mapAxes((i) => inner(i, min[i] + size[i] - 1) - first[i] + 1);
      const vectors = await field.read(first, within, signal);
      const places = ([0, 1, 2] as const).map((i) =>
        Array.from({ length: size[i] }, (_, at) => inner(i, min[i] + at) - first[i]),
      );
      return spread(vectors, within, size, places);
    },
  };
}

type Vectors = Float32Array | Float64Array;

/** Each place of a box, x fastest, then the parts of the vectors, from where it lies in another. */
function spread(
  from: Vectors,
  within: Vec3,
  size: Vec3,
  [xs = [], ys = [], zs = []]: readonly (readonly number[])[],
): Vectors {
  const count = 3 * voxelsIn(size);
  const out = from instanceof Float64Array ? new Float64Array(count) : new Float32Array(count);
  let at = 0;
  for (let part = 0; part < 3; part++)
    for (const z of zs)
      for (const y of ys) {
        const row = ((part * within[2] + z) * within[1] + y) * within[0];
        for (const x of xs) out[at++] = from[row + x]!;
      }
  return out;
}
