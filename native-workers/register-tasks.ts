import { z } from 'zod';

/** Kernels that lay volumes over each other (native-workers/crate/assembly/src/affine). */

const count = z.number().int().min(1);
const spacing = z.number().positive();
const map = z.array(z.number()).length(12).readonly();

const volume = z.object({
  size: z.tuple([count, count, count]).readonly(),
  /** µm between the centres of voxels along x, y, z. */
  spacingUm: z.tuple([spacing, spacing, spacing]).readonly(),
  dtype: z.enum(['uint8', 'uint16', 'int16', 'float32']),
  /** A further input says which voxels count. */
  mask: z.boolean().default(false),
});

const candidate = z.object({
  /** The axes of the moving volume that run along x, y, z of the fixed one: '+x', '-z'. */
  axes: z.array(z.string()).length(3),
  /** Information per sample of the fixed volume, nats, at the level where orientations are compared. */
  score: z.number(),
});

export const registerTasks = {
  'register-affine': {
    version: 2,
    doc: 'The rigid, similarity or affine map between two volumes that share most information (Mattes et al. 2003), whatever their contrasts. All axis orientations are scored at the coarsest level, the best few refined at the next, the first of them down to the working resolution. inputs: voxels of the fixed, of the moving volume (x fastest), then their masks (u8, 0 = does not count), where the header names them; levels that are no numbers never count. Maps are 3 x 4 rows first, of µm: the centre of voxel (i, j, k) is at (i, j, k) times the spacing.',
    input: z.object({
      fixed: volume,
      moving: volume,
      model: z.enum(['rigid', 'similarity', 'affine']).default('affine'),
      /** axes24: all turns by right angles. axes48: mirrored ones too, where the handedness of the voxels is unknown. */
      orientations: z.enum(['as-is', 'axes24', 'axes48']).default('as-is'),
      bins: z.number().int().min(16).max(128).default(32),
      /** fixedFromMoving to start from, instead of the search. */
      start: map.optional(),
      /** The finest level, µm; as fine as the coarser volume (but at most 4 million voxels) where left out. */
      resolutionUm: z.number().positive().optional(),
    }),
    output: z.object({
      fixedFromMoving: map,
      movingFromFixed: map,
      /** Nats over the overlap, before: with mass centres laid over each other and axes as they are, or at the start. */
      miBefore: z.number(),
      mi: z.number(),
      /** mi over the smaller entropy: 0 (independent) to 1. */
      shared: z.number(),
      /** Share of the fixed body (what stands out of the background) that lies inside the moving volume. */
      overlap: z.number(),
      best: candidate,
      /** The best of another orientation; null where none was tried. */
      runnerUp: candidate.nullable(),
      /** The runner-up tells nearly as much: a person should look. */
      ambiguous: z.boolean(),
      mirrored: z.boolean(),
      /** Volume of the moving body once registered, over what it was. */
      volumeRatio: z.number(),
      resolutionUm: z.number(),
      samples: z.number().int(),
      evaluations: z.number().int(),
      verdict: z.enum(['pass', 'warn', 'fail']),
      reasons: z.array(z.string()),
    }),
  },
} as const;
