import { z } from 'zod';
import { tileBlendSchema } from '../preload/contract/render.ts';
import { affineSchema, dtypeSchema } from '../preload/contract/space.ts';
import { point, size2, tileImageSchema } from './tile-image.ts';

/** The kernel that makes pixels of tiles where they lie. */

/** Number of one of the kernel's inputs. */
const input = z.number().int().min(0);
const count = z.number().int().positive();

/** A picture of what of a tile is there: black is not there, white is, and what lies between is a weight. */
export const tileMaskSchema = z.object({
  path: z.string(),
  /** Level-0 pixels a stored pixel. */
  scale: z.number().positive(),
});

/**
 * Corrected level = gain(x, y) * level + offset(x, y), of levels as stored. The input holds f32 gains, then offsets, x
 * fastest; nodes lie evenly over the tile, edges included (one column: constant along x).
 */
export const tileCorrectionSchema = z.object({ input, columns: count, rows: count });

/**
 * Of a map that is not affine: f64 pairs, level-0 pixels of the tile, at the nodes of a lattice over the output; bilinear
 * between them, NaN where the tile is not.
 */
export const tileLatticeSchema = z.object({
  input,
  columns: z.number().int().min(2),
  rows: z.number().int().min(2),
  /** Output pixels from the region's outer corner to the first node. */
  firstPx: point,
  /** Output pixels from node to node. */
  stepPx: z.number().positive(),
});

export const renderTasks = {
  'render-region': {
    version: 3,
    doc: 'Render a box of stack space from tiles: inverse affine (or a lattice of places), bilinear; where an output pixel spans two and more pixels of a picture, of the picture reduced by block means. Seams feathered by distance to the tile edge and mask, or the tile with the nearest centre, or the last on top. Bands of exact 0 along the edges of a picture count as outside it. outputs[0] = pixels; uncovered pixels are 0.',
    input: z.object({
      tiles: z.array(
        z.object({
          image: tileImageSchema,
          /** Of a tile with a lattice: the affine map that is nearest. */
          stackFromTile: affineSchema,
          /** Maps this range of (corrected) grey levels to the full range of `dtype`; left out = as is. */
          intensity: z.tuple([z.number(), z.number()]).readonly().optional(),
          mask: tileMaskSchema.optional(),
          correction: tileCorrectionSchema.optional(),
          lattice: tileLatticeSchema.optional(),
        }),
      ),
      originPx: point,
      sizePx: size2,
      /** Stack-space pixels an output pixel. */
      stepPx: z.number().positive().default(1),
      dtype: dtypeSchema,
      blend: tileBlendSchema.default('feather'),
    }),
    output: z.object({ coveredPx: z.number().int() }),
  },
} as const;
