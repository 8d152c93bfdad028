import { z } from 'zod';

/**
 * A transform as Render writes it, from a tile's own pixels on towards the world: `leaf` (a class of mpicbg or Janelia
 * with its data string), `list` (applied first to last), `ref` (a shared transform by its id), `interpolated` (between
 * two, `lambda` of 0 = `a`). Fields that Lamella does not know are kept.
 */
export type TransformSpec = Readonly<Record<string, unknown>>;

export const transformSpecSchema: z.ZodType<TransformSpec> = z.record(z.string(), z.unknown());

/** What a tile's pixels go through, first to last. */
export const transformListSchema = z.array(transformSpecSchema).max(256).readonly();
