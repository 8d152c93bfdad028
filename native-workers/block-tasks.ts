import { z } from 'zod';
import { dtypeSchema, voxelTypeSchema } from '../preload/contract/space.ts';

/** Kernels of blocks: three-dimensional tiles of a light-sheet microscope (native-workers/crate/assembly/src/blocks). */

const whole = z.number().int();
const count = whole.min(1);
const size3 = z.tuple([count, count, count]).readonly();
const point = z.tuple([z.number(), z.number(), z.number()]).readonly();

/** What the projections say of one axis, in TeraStitcher's terms. */
export const axisQualitySchema = z.object({
  /** sqrt((1 - width / (search + 1))^2 / 2 + peak^2 / 2), 0 to 1. */
  reliability: z.number(),
  nccPeak: z.number(),
  /** Steps until the NCC falls to 80 % of its peak; search + 1 where it never does. */
  nccWidth: whole,
  /** Both projections that see the axis found the same. */
  agreed: z.boolean(),
});

const pairOfBoxes = z.object({
  dtype: voxelTypeSchema,
  sizeA: size3,
  sizeB: size3,
  /** Voxel of box b that the stage lays over voxel 0 of box a. */
  expected: z.tuple([whole, whole, whole]).readonly(),
  /** How far the truth may lie from it along each axis. */
  searchVox: z.tuple([whole.min(0), whole.min(0), whole.min(0)]).readonly(),
});

export const blockTasks = {
  'project-ncc': {
    version: 1,
    doc: 'The NCC maps of three projections (xy, xz, yz) of two boxes at every shift of the search, means and norms over each true overlap. inputs: voxels of box a, of box b; outputs: the maps, f64, rows along the first axis; NaN where nothing can be compared.',
    input: pairOfBoxes,
    output: z.object({ sizes: z.array(z.array(count).length(2)).length(3) }),
  },
  'match-blocks': {
    version: 1,
    doc: 'The shift between two boxes of voxels (8 or 16 bit, or float32) that show one slab of an overlap: NCC maps of three projections propose (each axis is seen by two), NCC of the voxels decides, least squares in three dimensions with gain and offset free refine. inputs: voxels of box a, of box b.',
    input: pairOfBoxes,
    output: z.object({
      /** Voxel of box b, in parts, that shows what voxel 0 of box a shows; what was expected where nothing matched. */
      shift: point,
      /** One-sigma error along each axis, voxels. */
      sigma: point,
      /** Of the voxels over the true overlap, -1 to 1. */
      ncc: z.number(),
      /** First peak over second, of the least certain projection. */
      peakRatio: z.number(),
      axes: z.array(axisQualitySchema).length(3),
      /** '' or why there is no match: 'too little overlap', 'no texture', 'no significant peak'. */
      reason: z.string(),
    }),
  },
  'solve-blocks': {
    version: 1,
    doc: 'Places of all blocks by robust least squares over their links, with the stage as prior. inputs: [0] stage f64[blocks][3], voxels; [1] links f64[links][8] (a, b, x, y, z of b less a, one-sigma error along each axis). outputs: [0] places f64[blocks][3]; [1] residuals f64[links][3]; [2] kept u8[links]; [3] component i32[blocks] (-1 = without a link, moved as the others on average).',
    input: z.object({ blocks: count, links: whole.min(0), stageSigmaVox: z.number().positive() }),
    output: z.object({
      rounds: whole,
      /** Robust spread of the kept residuals, voxels. */
      sigmaVox: z.number(),
      components: whole,
      /** The stage's own error, as an affine map, was taken out of the prior. */
      recalibrated: z.boolean(),
    }),
  },
  'blend-blocks': {
    version: 1,
    doc: 'A box of the fused volume from boxes of the blocks that reach into it, at sub-voxel places, weighed by the distance to the faces of each block. inputs: voxels of each; outputs[0] = the box; what no block covers is 0.',
    input: z.object({
      dtype: dtypeSchema,
      size: size3,
      /** feather: straight ramps over the overlap. sine: squared sines. none: the block whose faces are farthest. */
      blend: z.enum(['feather', 'sine', 'none']),
      interpolation: z.enum(['linear', 'nearest']),
      blocks: z.array(
        z.object({
          /** Of the input. */
          size: size3,
          /** Voxel of the output, in parts, on which the input's voxel 0 lies. */
          at: point,
          /** Of the input's voxel 0, in its block. */
          min: z.tuple([whole.min(0), whole.min(0), whole.min(0)]).readonly(),
          /** Of the whole block. */
          block: size3,
          /** Voxels from a face over which its weight rises; 0: it weighs all at once. */
          ramp: point,
        }),
      ),
    }),
    output: z.object({ covered: whole }),
  },
} as const;
