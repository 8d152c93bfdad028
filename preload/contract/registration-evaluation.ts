import { z } from 'zod';
import { labelIdSchema } from './label.ts';
import { verdictSchema } from './library.ts';
import { isoTimeSchema } from './reference.ts';

/** What a registration was found to be worth, against what is known beside the two volumes. Lengths are micrometres. */
const whole = z.number().int().min(0);
const share = z.number().min(0).max(1);

/** Regions of a comparison: more are no anatomy. */
export const mostDiceRegions = 65_000;

const diceSchema = z.object({
  /** Between places where both label volumes were looked at. */
  resolutionUm: z.number().positive(),
  /** Over all regions that one of the two has: twice what both say, over what each says. */
  mean: share,
  /** Of all labels as one. */
  whole: share,
  /** The same of the other registration. */
  against: z.object({ mean: share, whole: share }).optional(),
  /** From the least id. */
  regions: z.array(
    z.object({
      id: labelIdSchema,
      voxelsFixed: whole,
      /** As the moving labels are seen in the fixed space. */
      voxelsMoved: whole,
      dice: share,
      against: share.optional(),
    }),
  ),
});
export type DiceByRegion = z.infer<typeof diceSchema>;

const landmarkErrorsSchema = z.object({
  /** Between where the fixed volume has a landmark and where the moving one's is led to. */
  mean: z.number(),
  p95: z.number(),
  most: z.number(),
  /** As the affine part alone leads them; of an affine registration, with the volumes laid middle on middle. */
  meanBefore: z.number(),
  /** Of the other registration; null where it leads none of them anywhere. */
  meanAgainst: z.number().nullable().optional(),
  /** null: the map leads nowhere from there. */
  each: z.array(z.object({ id: z.string(), um: z.number().nullable() })),
});
export type LandmarkErrors = z.infer<typeof landmarkErrorsSchema>;

export const evaluationSchema = z.object({
  at: isoTimeSchema,
  /** Between samples of the fixed volume. */
  resolutionUm: z.number().positive(),
  samples: whole,
  /** Information that the volumes share where both are, over that of the plainer one: 0 (independent) to 1. */
  similarityBefore: z.number(),
  similarityAfter: z.number(),
  dice: diceSchema.optional(),
  landmarksUm: landmarkErrorsSchema.optional(),
  /** By how much the whole chain, from the fixed to the moving volume, changes volumes, at samples all over the fixed one. */
  jacobian: z.object({
    least: z.number(),
    most: z.number(),
    /** Share of samples that are turned inside out. */
    folded: share,
    /** Samples by the natural logarithm of the change, in equal bins from `from` to `to`; what lies beyond is in the outer. */
    histogram: z.object({ from: z.number(), to: z.number(), counts: z.array(whole) }),
  }),
  /** How far there and back by the two chains misses. */
  inverseUm: z.object({ mean: z.number(), most: z.number() }),
  verdict: verdictSchema,
  /** Why the verdict is not 'pass'. */
  reasons: z.array(z.string()),
});
export type Evaluation = z.infer<typeof evaluationSchema>;
