import { z } from 'zod';

/** Kernels that make meshes (native-workers/crate/assembly/src/surface). */

const count = z.number().int().positive();
const three = z.tuple([z.number(), z.number(), z.number()]).readonly();
const value = z.number().int().min(0).max(65_535);

export const surfaceTasks = {
  'region-surface': {
    version: 1,
    doc: 'The surface of the voxels whose values are from `from` to before `end`, closed and smooth, no vertex off by more than half a voxel. Input: the voxels of a box (u16, x fastest); beyond it all is outside. outputs[0] = a fragment of the legacy precomputed format: u32 vertices, f32 x y z of each in nm, u32 corners of triangles.',
    input: z.object({
      size: z.tuple([count, count, count]).readonly(),
      spacingNm: three,
      /** The outer corner of the first voxel. */
      originNm: three,
      from: value,
      end: value,
      rounds: z.number().int().min(0).max(100),
    }),
    output: z.object({ vertices: z.number().int(), triangles: z.number().int() }),
  },
} as const;
