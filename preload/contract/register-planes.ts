import { z } from 'zod';
import { query } from './define.ts';
import { idSchema, inLibrary } from './reference.ts';
import { affineStepSchema, pointNmSchema } from './warp.ts';

/** Pictures of a registration: three planes through a point of the fixed volume, with what the moving one shows there. */
const whole = z.number().int().min(0);

/** The longest side of a picture, pixels. */
export const mostPlaneSidePx = 512;
/** Places along the longest side of a plane where the bending is told. */
export const mostBendPlaces = 96;

export const planeNameSchema = z.enum(['xy', 'xz', 'yz']);
export type PlaneName = z.infer<typeof planeNameSchema>;

/** A plane of the fixed volume: u to the right and v down are the axes of its name, micrometres of volume space. */
export const registerPlaneSchema = z.object({
  plane: planeNameSchema,
  width: whole,
  height: whole,
  /** Of a pixel, both ways. */
  pixelUm: z.number(),
  /** Outer corner of the first pixel, u and v. */
  originUm: z.tuple([z.number(), z.number()]).readonly(),
  /** Places where the bending is told, evenly over the plane, the first and last on its border; 0: nothing bends. */
  columns: whole,
  rows: whole,
});
export type RegisterPlane = z.infer<typeof registerPlaneSchema>;

export const matrixNm = affineStepSchema.shape.matrix;

/** Which channel and time of either volume is compared. */
export const comparedInput = {
  fixedChannel: whole.default(0),
  movingChannel: whole.default(0),
  fixedTime: whole.default(0),
  movingTime: whole.default(0),
};

export const registerPlaneProcedures = {
  planes: query({
    doc: 'Pictures of three planes of the fixed volume and of the moving one where a registration, or a map by hand, puts it, each stretched to its display window; 8 bit. Read from the coarsest levels that are fine enough.',
    input: z.object({
      ...inLibrary,
      registration: idSchema.optional(),
      fixed: idSchema.optional().describe('without a registration: the volume that stays'),
      moving: idSchema.optional().describe('without a registration: the one laid over it; none if left out'),
      movingFromFixed: matrixNm.optional().describe('nanometres; middle on middle if left out'),
      moved: matrixNm.optional().describe('3 rows of 4: a nudge that is only looked at, as register.nudge has it'),
      ...comparedInput,
      at: pointNmSchema.optional().describe('of the fixed volume, nanometres; its middle if left out'),
      sidePx: z.number().int().min(16).max(mostPlaneSidePx).default(256).describe('of the longest side'),
      bends: z.number().int().min(0).max(mostBendPlaces).default(0).describe('places along the longest side; 0: none'),
    }),
    /**
     * Bytes: a byte a pixel, rows one after the other, the fixed picture of each plane, then (where something moves) the
     * moved picture of each; then, from the next multiple of 4 on, for each plane that bends, three float32 arrays of
     * columns x rows: displacement along u and v, micrometres, and the natural logarithm of the determinant of the
     * Jacobian, of what bends, without the affine map that follows it; NaN where it folds or leads nowhere.
     */
    output: z.object({
      at: pointNmSchema,
      planes: z.array(registerPlaneSchema),
      moves: z.boolean(),
    }),
    example: { library: 'my-library', registration: 'registration-0a1b2c3d4e5f' },
  }),
};
