import { z } from 'zod';
import { balanceModelSchema } from '../preload/contract/intensity.ts';
import { affineSchema } from '../preload/contract/space.ts';
import { size2, tileImageSchema } from './tile-image.ts';

/** Kernels that make grey levels of tiles fit each other, and that tell the distortion of a camera. */

const count = z.number().int().positive();
const whole = z.number().int().min(0);
const pair = z.tuple([z.number(), z.number()]).readonly();

export const lightTasks = {
  'tile-light': {
    version: 2,
    doc: 'Mean level, SD and median of each cell of a tile. outputs: three grids, f32, x fastest; NaN where the picture shows nothing (bands of exact 0 along its edges).',
    input: z.object({ image: tileImageSchema, columns: count, rows: count }),
    output: z.object({ mean: z.number(), cells: whole }),
  },
  'compare-light': {
    version: 1,
    doc: 'What two tiles show at the same places. Input: f64[n][10], cells of tile a (x0, y0, x1, y1, level-0 px) with the affine map from there to tile b; outputs[0] = f64[n][5]: mean of a, of b, SD of a, of b, places; 0 where too few places are shown by both. Black and white to the end of the range are left out.',
    input: z.object({ a: tileImageSchema, b: tileImageSchema }),
    output: z.object({ cells: whole }),
  },
  'flat-field': {
    version: 2,
    doc: 'How the brightness of a camera falls off, and (where asked for, and tiles differ enough in brightness) its dark level, from tiles of other tissue. inputs: means of cells, medians of cells (f32, tile after tile, NaN = none), of which those are taken that leave less doubt. outputs: gain and offset that correct it (f32, nodes x fastest, edges included); the field has mean 1.',
    input: z.object({
      tiles: count,
      columns: count,
      rows: count,
      degree: whole.default(6),
      dark: z.boolean().default(false),
      nodes: size2,
    }),
    output: z.object({
      tiles: whole,
      /** Whether medians were taken: little of the picture glows. */
      sparse: z.boolean(),
      /** SD of the field over its mean, and its expected error. */
      nonUniformity: z.number(),
      uncertainty: z.number(),
      /** Largest over smallest. */
      range: z.number(),
      dark: z.boolean(),
    }),
  },
  'balance-light': {
    version: 1,
    doc: 'Gains and offsets that make bodies (tiles, sections) alike where they show the same: robust least squares over all places, the mean gain of a set of linked bodies held at 1, its mean level as it was. Input: f64[n][11]: body a, body b, x and y in a (0 to 1), in b, means of a and b, SDs of a and b, weight. outputs: gains, offsets (f32, columns x rows a body).',
    input: z.object({
      bodies: count,
      columns: count,
      rows: count,
      model: balanceModelSchema,
      prior: z.number().positive().default(0.02),
      smoothness: z.number().min(0).default(1),
    }),
    output: z.object({
      sets: whole,
      /** Mean over links of how large their mean step is, grey levels. */
      stepBefore: z.number(),
      stepAfter: z.number(),
      /** Gains that were held within 0.2 to 5. */
      held: whole,
    }),
  },
  'even-seams': {
    version: 2,
    doc: 'The gradient-domain correction of a section (screened Poisson with no step across seams, multigrid; streamed in bands above `cellsInMemory`) as smooth offsets of its tiles. Input: gains then offsets (f32) of each tile with a grid, in order. outputs: offsets (f32, columns x rows a tile); with `field` the correction and the right side cell by cell (f32).',
    input: z.object({
      tiles: z.array(z.object({ image: tileImageSchema, stackFromTile: affineSchema, grid: size2.optional() })).min(1),
      /** Side of a cell, stack pixels. */
      stepPx: z.number().positive(),
      /** How far a correction reaches, stack pixels. */
      reachPx: z.number().positive(),
      columns: count,
      rows: count,
      cellsInMemory: count.default(2 ** 24),
      field: z.boolean().default(false),
    }),
    output: z.object({
      size: z.tuple([whole, whole]).readonly(),
      /** Side of the cells that were solved in memory, in cells. */
      coarse: count,
      seams: whole,
      stepBefore: z.number(),
      stepAfter: z.number(),
      relativeResidual: z.number(),
    }),
  },
  'solve-lens': {
    version: 1,
    doc: 'The distortion that all tiles of a camera share, as a polynomial, with the shifts of tiles. inputs: f64[tiles][6], stack from tile; f64[n][7]: tile a, tile b, x and y in a, in b, weight. outputs: f64[2][terms], coefficients of x and of y over x^p y^q in tile pixels (by degree, falling powers of x); f64[tiles][2], what is added to each tile’s place, stack px.',
    input: z.object({ tiles: count, sizePx: pair, degree: whole }),
    output: z.object({
      points: whole,
      rmsBeforePx: z.number(),
      rmsAfterPx: z.number(),
      /** RMS over a tile, and largest. */
      displacementPx: pair,
      uncertaintyPx: z.number(),
    }),
  },
} as const;
