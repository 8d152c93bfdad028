import { z } from 'zod';

/** Shapes that the tables of kernels share. */
export const point = z.tuple([z.number(), z.number()]).readonly();
export const size2 = z.tuple([z.number().int().positive(), z.number().int().positive()]).readonly();

/** An image file that stands for a tile: `scale` level-0 pixels a stored pixel (2^mipmapLevel). */
export const tileImageSchema = z.object({
  path: z.string(),
  scale: z.number().positive(),
  /** Level-0 size of the tile. */
  sizePx: size2,
});
export type TileImage = z.infer<typeof tileImageSchema>;
