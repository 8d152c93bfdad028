import { z } from 'zod';
import { voxelTypeSchema } from '../preload/contract/space.ts';

/** Kernels of volumes that are seen through maps: main/engine/transforms/ has the same maps for points that are few. */

const whole = z.number().int().min(0);
const count = z.number().int().min(1);
const size3 = z.tuple([count, count, count]).readonly();
const point = z.tuple([z.number(), z.number(), z.number()]).readonly();
/** 3 rows of 4, row after row. */
const affine = z.array(z.number()).length(12).readonly();
const at3 = z.tuple([whole, whole, whole]).readonly();
const grid = z.object({ size: size3, first: point, step: point });
const interpolation = z.enum(['linear', 'nearest']);

/** A step of a chain of maps (main/engine/transforms/), with what it takes of the inputs. */
export const warpTaskStepSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('affine'), matrix: affine }),
  /** Two inputs, f64: nodes in the frame, and weights in nm; x, y, z of each. */
  z.object({ type: z.literal('spline'), kernel: z.enum(['r', 'r2logr']), affine, frame: affine, nodes: whole }),
  /** One input: a box of the field, all x, then all y, then all z; f64 where `wide`, else f32. */
  z.object({
    type: z.literal('field'),
    /** Of the whole field. */
    grid: size3,
    min: at3,
    size: size3,
    wide: z.boolean(),
    /** To voxels of the field, whose centres are at whole numbers. */
    indexFromPoint: affine,
    nmFromVector: affine,
    holds: z.enum(['displacement', 'position']),
    interpolation,
    inverse: z.boolean(),
  }),
]);
export type WarpTaskStep = z.input<typeof warpTaskStepSchema>;

export const warpTasks = {
  'warp-points': {
    version: 1,
    doc: 'Lead points through a chain of maps, in double. inputs: the points (f64, x, y, z of each) unless they are those of `grid` (x fastest), then what the steps take, in their order; outputs[0] = the points, NaN where a map leads nowhere. Over a grid, splines before the first field are worked out on a lattice, refined until the middles of its cells are within `toleranceNm`; so near inverse fields are searched for.',
    input: z.object({
      grid: grid.optional(),
      steps: z.array(warpTaskStepSchema).max(64),
      toleranceNm: z.number().positive(),
    }),
    output: z.object({
      /** Least x, y, z and largest x, y, z of the points that lead somewhere; null where none does. */
      bounds: z.array(z.number()).length(6).nullable(),
      /** Searches that left the box of a field that was given. */
      leftField: whole,
    }),
  },
  'warp-box': {
    version: 2,
    doc: 'The voxels of a box as seen through a chain of affine maps and fields (not inverse ones), led and mixed in one pass. inputs: the boxes of the fields, in their order, then the chunks of the level; where none of them lies it is 0. outputs[0] = a voxel for each of the grid (x fastest), as `sample-points` gives it; positions are in double, vectors of fields and what images of 8 and 16 bits and float32 are mixed by in single precision.',
    input: z.object({
      grid,
      steps: z.array(warpTaskStepSchema).max(64),
      dtype: voxelTypeSchema,
      /** Of the whole level. */
      level: size3,
      /** Of the box of the level that is at hand. */
      min: at3,
      size: size3,
      /** To voxels of the level, whose centres are at whole numbers. */
      indexFromPoint: affine,
      interpolation,
      chunks: z.array(z.object({ min: at3, size: size3 })).max(65_536),
    }),
    output: z.object({
      /** Voxels that are led into the level. */
      inside: whole,
      /** Those of them that were led beyond the box, or beyond that of a field: then the output is not what is seen. */
      left: whole,
    }),
  },
  'sample-points': {
    version: 1,
    doc: 'The voxels of a box of a level at points: nearest, or trilinear between centres (as at the centre in the outer half of border voxels; integers rounded half up); 0 beyond the level and at NaN. inputs: points (f64, x, y, z of each), the box; outputs[0] = a voxel a point.',
    input: z.object({
      dtype: voxelTypeSchema,
      /** Of the whole level. */
      grid: size3,
      min: at3,
      size: size3,
      /** To voxels of the level, whose centres are at whole numbers. */
      indexFromPoint: affine,
      interpolation,
    }),
    /** Points that lie in the level. */
    output: z.object({ inside: whole }),
  },
} as const;
