import { z } from 'zod';

/** Kernels that lay volumes over each other (native-workers/crate/assembly/src/affine, crate/register). */

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

/** f32 levels in an input; the centre of voxel (i, j, k) lies at the origin plus (i, j, k) times the spacing. */
const levels = z.object({
  size: volume.shape.size,
  spacingUm: volume.shape.spacingUm,
  originUm: z.tuple([z.number(), z.number(), z.number()]).readonly().default([0, 0, 0]),
  /** A further input says which voxels count. */
  mask: z.boolean().default(false),
});

/** What velocities are given on: nodes of a torus around the fixed volume, for each step of the flow. */
const lddmmState = z.object({
  grid: z.object({
    originUm: z.tuple([z.number(), z.number(), z.number()]).readonly(),
    /** Once around. */
    extentUm: z.tuple([spacing, spacing, spacing]).readonly(),
    size: z.tuple([count, count, count]).readonly(),
  }),
  steps: count.max(16),
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
  'register-lddmm': {
    version: 2,
    doc: 'At most so many steps of a large deformation (Beg et al. 2005) between two volumes at one resolution, from velocities as an earlier call left them, or from none. inputs: levels of the fixed, of the moving volume (f32, x fastest; levels that are no numbers do not count), masks (u8, 0 = does not count) where the headers name them, the velocities of the state. outputs: velocities (f32 x, y, z in µm for the whole time; nodes x fastest, then steps). The answer is the same whatever the threads. Contrast and weights are of the whole call, so calls of some ten steps are best; other resolutions of the same volumes go on from the same state. Two volumes of one voxel along z are bent within their plane, with one node along z.',
    input: z.object({
      fixed: levels,
      moving: levels,
      /** The affine map, 3 x 4 rows first, µm: the moving volume is seen there from where the flow leads. */
      movingFromFixed: map,
      /** ssd: squared differences. cc: squared correlation in boxes of 5 voxels. mi: mutual information. */
      metric: z.enum(['ssd', 'cc', 'mi']),
      /** With ssd. cubic: levels become those of the fixed volume by the best polynomial of degree 3. */
      contrast: z.enum(['none', 'cubic']).default('none'),
      /** Tissue that only one volume has is told apart and does not count. */
      missing: z.boolean().default(false),
      /** How far velocities are smoothed. The first call's also says how wide the torus is: start with the largest. */
      smoothUm: z.number().positive(),
      /** Weight of the bending energy against the metric (of about 1). */
      regularity: z.number().positive().default(0.002),
      /** Of the flow. */
      steps: count.max(16).default(4),
      iterations: z.number().int().min(0).max(10_000).default(10),
      /** A step that gains less is the last. */
      tolerance: z.number().min(0).default(1e-5),
      threads: count.max(64).default(2),
      /** Between nodes; twice the finest side of a voxel where left out, and never less than a voxel. */
      gridUm: z.number().positive().optional(),
      state: lddmmState.optional(),
    }),
    output: z.object({
      state: lddmmState,
      /** Before the first step, and after each. */
      energies: z.array(z.number()),
      /** The metric alone. */
      data: z.array(z.number()),
      bending: z.number(),
      /** Of the map, at every corner between nodes: above .05. */
      leastDeterminant: z.number(),
      /** Trials taken back because they would have folded. */
      folds: z.number().int(),
      converged: z.boolean(),
      /** Mean weight of voxels that both volumes have: below 1 with missing tissue. */
      weight: z.number(),
    }),
  },
  'lddmm-maps': {
    version: 1,
    doc: 'Velocities (input, as register-lddmm leaves them) as two fields of displacements at the voxels of a target. outputs: f32 x, y, z in µm, x fastest; first from the fixed volume to where the affine map starts from, then its inverse. Of sections the target may have one voxel along z.',
    input: z.object({ state: lddmmState, target: levels.omit({ mask: true }), threads: count.max(64).default(2) }),
    output: z.object({
      /** Least and most natural logarithm of the local change of volume; null where the field folds. */
      logJacobian: z.tuple([z.number(), z.number()]).nullable(),
      /** Share of cells with a corner that is turned inside out. */
      folded: z.number(),
      /** How far there and back by the two fields misses: mean, most. */
      inverseErrorUm: z.tuple([z.number(), z.number()]),
      mostDisplacementUm: z.number(),
    }),
  },
} as const;
