import { z } from 'zod';
import { command, query } from './define.ts';
import { volumeSchema } from './library.ts';
import { idSchema, inLibrary, sourceRefSchema } from './reference.ts';
import { voxelSizeNmSchema } from './space.ts';
import { allowServerSchema } from './volume.ts';

/**
 * Warped volumes: another volume of the library, seen through a chain of maps. Nobody writes them: their voxels are made
 * when they are read. Every point is x, y, z in nanometres of volume space, of the volume that the field names (`space.ts`);
 * voxel k of a volume has its centre at origin + (k + 0.5) x voxel size.
 *
 * A map is pulled back, as ITK's are: it takes a point of the result to the point of the source that is shown there.
 */
const farthestNm = 1e15;
const metric = z.number().min(-farthestNm).max(farthestNm);
export const pointNmSchema = z.tuple([metric, metric, metric]).readonly();
export type PointNm = z.infer<typeof pointNmSchema>;

export const mostLandmarks = 1000;

/** Where one thing lies in the source, and where it belongs in the result; null: not placed yet, and so not used. */
export const landmarkSchema = z.object({
  /** Of the list: the window's to choose. */
  id: z.string().min(1).max(60),
  name: z.string().max(200).default(''),
  source: pointNmSchema.nullable(),
  target: pointNmSchema.nullable(),
  /** Off: kept, and not used. */
  on: z.boolean().default(true),
});
export type Landmark = z.infer<typeof landmarkSchema>;

/**
 * What is fitted to landmarks. thin-plate goes through all of them and bends as little as it can between them; the
 * others are the closest (least squares) of their kind.
 */
export const landmarkFitSchema = z.enum(['thin-plate', 'affine', 'similarity', 'rigid', 'translation']);
export type LandmarkFit = z.infer<typeof landmarkFitSchema>;

/**
 * Too few landmarks are no error, so that they can be placed one after the other: none that is used leaves all where it
 * is; one, two, or several on a line shift; three or more in one plane (at both ends) fit within the plane, and its
 * normal goes to its normal, unstretched; only more than that make what was asked for. `fit` says which it is.
 */
const fitting = {
  landmarks: z.array(landmarkSchema).max(mostLandmarks),
  fit: landmarkFitSchema.default('thin-plate'),
  /**
   * Of a thin plate: how far it may miss landmarks in order to bend less. 0: not at all; measured in the spread of the
   * landmarks, so that 0.1 means the same at any scale; towards the closest affine map where it is large.
   */
  stiffness: z.number().min(0).max(1e6).default(0),
};

const inverse = z.boolean().default(false).describe('the map the other way around');

export const affineStepSchema = z.object({
  type: z.literal('affine'),
  /** 3 rows of 4, row after row: the 3 x 3 linear part, and the offset in nanometres at the end of each row. */
  matrix: z.array(metric).length(12),
  /** physical: see `fieldStepSchema`. */
  frame: z.enum(['volume', 'physical']).default('volume'),
  inverse,
});
export const landmarkStepSchema = z.object({ type: z.literal('landmarks'), ...fitting });
export const fieldStepSchema = z.object({
  type: z.literal('field'),
  source: sourceRefSchema.describe('a NIfTI, NRRD, OME-Zarr or other volume with three channels: x, y and z'),
  image: z.string().max(500).optional(),
  allowPrivate: allowServerSchema,
  /** Whether its vectors are added to the point, or are the point. */
  holds: z.enum(['displacement', 'position']).default('displacement'),
  /**
   * Where its grid and its vectors lie. physical: in the scanner's or patient's space, as those of ITK and ANTs (x to the
   * left, y to the back); result and source then lie where their own files say, and the steps of a chain that are physical
   * must follow each other. volume: in volume space, as everything else here. auto: physical for NIfTI and NRRD.
   */
  frame: z.enum(['auto', 'physical', 'volume']).default('auto'),
  /** A millimetre for physical fields and a nanometre for others, where left out. */
  vectorUnitNm: z.number().positive().max(1e12).optional().describe('nanometres that a 1 of its vectors means'),
  interpolation: z.enum(['linear', 'nearest']).default('linear'),
  inverse,
});

/** One step of a chain. */
export const warpStepSchema = z.discriminatedUnion('type', [affineStepSchema, landmarkStepSchema, fieldStepSchema]);
export type WarpStep = z.infer<typeof warpStepSchema>;

/** From the result to the source: the first step is done first. */
export const warpStepsSchema = z.array(warpStepSchema).min(1).max(16);

const voxelSizeNm = voxelSizeNmSchema
  .optional()
  .describe('of the result; that of what its extent is taken from where left out');
/** Which box of the result has voxels, and how large they are. */
export const warpGridSchema = z.discriminatedUnion('type', [
  /** Where the source lies. */
  z.object({ type: z.literal('source'), voxelSizeNm }),
  /** Around all of the source where the map puts it. */
  z.object({ type: z.literal('around'), voxelSizeNm }),
  /** Where another volume of the library lies: the one that landmarks were set in. */
  z.object({ type: z.literal('like'), volume: idSchema, voxelSizeNm }),
  /** Where the first field of the chain lies. */
  z.object({ type: z.literal('field'), voxelSizeNm }),
  z.object({
    type: z.literal('box'),
    /** Its outer corner. */
    originNm: pointNmSchema,
    sizeXyz: z.tuple([z.number().int().min(1), z.number().int().min(1), z.number().int().min(1)]).readonly(),
    voxelSizeNm: voxelSizeNmSchema,
  }),
]);
export type WarpGrid = z.infer<typeof warpGridSchema>;

export const warpSchema = z.object({
  volume: idSchema,
  name: z.string(),
  /** The volume that is seen through it. */
  source: idSchema,
  steps: warpStepsSchema,
  grid: warpGridSchema,
  /** Another wherever the map or the grid is: what was drawn of another stamp is drawn anew. */
  stamp: z.string(),
});
export type Warp = z.infer<typeof warpSchema>;

const warped = z.object({ warp: warpSchema, volume: volumeSchema });
const exampleVolume = { library: 'my-library', volume: 'volume-0a1b2c3d4e5f' };
const exampleStep = { type: 'affine' as const, matrix: [1, 0, 0, 500, 0, 1, 0, 0, 0, 0, 1, 0] };
const exampleLandmarks = (
  [
    [0, 0, 0],
    [9000, 0, 0],
    [0, 9000, 0],
    [0, 0, 9000],
  ] as const
).map((at, i) => ({
  id: String(i + 1),
  source: at,
  target: [at[0] + 500, at[1], at[2]] as const,
}));

export const warpProcedures = {
  create: command({
    doc: 'Make a warped volume: a volume of the library seen through landmarks, fields or affine maps; nothing is written. Undoable.',
    input: z.object({
      ...inLibrary,
      volume: idSchema.describe('the source; it stays as it is'),
      name: z.string().min(1).max(200).optional(),
      steps: warpStepsSchema.describe('from the result to the source, the first first'),
      grid: warpGridSchema.default({ type: 'source' }),
    }),
    output: warped,
    example: { ...exampleVolume, steps: [exampleStep] },
  }),
  update: command({
    doc: 'Give a warped volume other steps (moved landmarks), or another grid. Undoable.',
    input: z.object({
      ...inLibrary,
      volume: idSchema.describe('the warped volume'),
      steps: warpStepsSchema.optional(),
      grid: warpGridSchema.optional(),
    }),
    output: warped,
    example: { ...exampleVolume, steps: [{ type: 'landmarks', landmarks: exampleLandmarks }] },
  }),
  get: query({
    doc: 'The source, steps and grid of a warped volume.',
    input: z.object({ ...inLibrary, volume: idSchema }),
    output: z.object({ warp: warpSchema }),
    example: exampleVolume,
  }),
  list: query({
    doc: 'The warped volumes of a library, newest first.',
    input: z.object(inLibrary),
    output: z.object({ warps: z.array(warpSchema) }),
    example: { library: 'my-library' },
  }),
  points: query({
    doc: 'Take points, in nanometres, through a warped volume: from the result to the source, or back.',
    input: z.object({
      ...inLibrary,
      volume: idSchema,
      points: z.array(pointNmSchema).max(20_000),
      to: z.enum(['source', 'result']).default('source'),
    }),
    /** In the order asked for; null where the map leads nowhere (it folds, or has no inverse there). */
    output: z.object({ points: z.array(pointNmSchema.nullable()) }),
    example: { ...exampleVolume, points: [[1000, 2000, 3000]] },
  }),
  fit: query({
    doc: 'How well landmarks fit each other: the error of each, and how far off it is when the others alone decide.',
    input: z.object({ ...inLibrary, ...fitting }),
    output: z.object({
      /** Placed at both ends, and on. */
      used: z.number().int(),
      /** How much of space they span: nothing (none is used), a point or line (a shift), a plane, all of it. */
      spans: z.enum(['nothing', 'line', 'plane', 'space']),
      /** Result to source: the closest affine map, or the fitted one where that is affine. */
      matrix: z.array(z.number()).length(12),
      rmsNm: z.number(),
      maxNm: z.number(),
      errors: z.array(
        z.object({
          id: z.string(),
          /** Between where the map leads from the target, and the source. */
          errorNm: z.number(),
          /** The same with this landmark left out; null where the others are too few for a map. */
          leftOutNm: z.number().nullable(),
        }),
      ),
    }),
    example: { library: 'my-library', landmarks: exampleLandmarks },
  }),
};
