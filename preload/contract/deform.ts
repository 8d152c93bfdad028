import { z } from 'zod';
import { command, job, query } from './define.ts';
import { verdictSchema } from './library.ts';
import { idSchema, inLibrary } from './reference.ts';
import { comparedInput, planeNameSchema } from './register-planes.ts';
import { vec3Schema } from './space.ts';
import { byteSizeSchema } from './volume.ts';
import { landmarkSchema, mostLandmarks } from './warp.ts';

/** Deformable registrations: an affine one, and in front of it a smooth map of the fixed volume that bends it without folds. */
const whole = z.number().int().min(0);
const um = z.number().min(1e-6).max(1e6);

/** ssd: squared differences. cc: squared correlation in boxes of 5 voxels. mi: mutual information. */
export const deformMetricSchema = z.enum(['ssd', 'cc', 'mi']);
export const deformContrastSchema = z.enum(['none', 'cubic']);

/** One resolution of a deformation, coarse to fine. */
export const deformLevelSchema = z.object({
  resolutionUm: z.number(),
  /** Voxels of the fixed volume at this resolution. */
  size: vec3Schema,
  /** What is compared, before the first step and after each: lower is closer (ssd and cc from about 1 on, mi negative). */
  data: z.array(z.number()),
  /** The same with what the bending costs. */
  energies: z.array(z.number()),
  /** Least local change of volume so far; 1: none; null before the first steps. */
  leastDeterminant: z.number().nullable(),
  /** Steps taken back because they would have folded. */
  folds: whole,
});
export type DeformLevel = z.infer<typeof deformLevelSchema>;

/** What a deformable registration was measured to be. */
export const deformableNumbersSchema = z.object({
  metric: deformMetricSchema,
  contrast: deformContrastSchema,
  missing: z.boolean(),
  levels: z.array(deformLevelSchema),
  /** What is compared, at the finest level: as the affine map leaves it, and after the deformation. */
  dataBefore: z.number(),
  dataAfter: z.number(),
  /** Least and most natural logarithm of the local change of volume; null where the field folds. */
  logJacobian: z.tuple([z.number(), z.number()]).nullable(),
  /** Share of voxels where the field folds. */
  folded: z.number(),
  /** How far there and back misses: mean, most. */
  inverseErrorUm: z.tuple([z.number(), z.number()]),
  mostDisplacementUm: z.number(),
  smoothUm: z.number(),
  regularity: z.number(),
  finestUm: z.number(),
  /** Mean weight of voxels that both volumes have: below 1 where tissue is missing. */
  weight: z.number(),
});
export type DeformableNumbers = z.infer<typeof deformableNumbersSchema>;

export const levelStateSchema = z.enum(['waiting', 'running', 'done', 'accepted']);

/**
 * A plane through the middle of the fixed volume. In the bytes of the answer, at `at`: `fixed` and `moved` are width x
 * height levels, 8 bit, row after row; `grid` is, for each of columns x rows places (the first at the centre of pixel
 * 0,0, then every `stepPx` pixels), by how much it is displaced along u and v: f32, little-endian, µm.
 */
export const previewPlaneSchema = z.object({
  plane: planeNameSchema,
  width: whole,
  height: whole,
  spacingUm: z.tuple([z.number(), z.number()]),
  columns: whole,
  rows: whole,
  stepPx: whole,
  at: z.object({ fixed: whole, moved: whole, grid: whole }),
});
export type PreviewPlane = z.infer<typeof previewPlaneSchema>;

const ofJob = { ...inLibrary, job: z.string().min(1).max(100) };
const exampleJob = { library: 'my-library', job: 'job-0a1b2c3d4e5f' };

export const deformProcedures = {
  lddmm: job({
    doc: 'Bend one volume onto another without folds (LDDMM), coarse to fine, from an affine or any other registration on; both directions are kept. Undoable.',
    input: z.object({
      ...inLibrary,
      start: idSchema.optional().describe('a registration of the two; an affine one is found first where left out'),
      fixed: idSchema.optional().describe('the volume that stays, where no start is given'),
      moving: idSchema.optional().describe('the volume that is bent over it; it stays as it is'),
      name: z.string().min(1).max(200).optional(),
      ...comparedInput,
      metric: deformMetricSchema
        .default('mi')
        .describe('mi: mutual information. cc: local correlation. ssd: squared differences, same contrast'),
      contrast: deformContrastSchema
        .default('none')
        .describe('with ssd. cubic: levels are made those of the fixed volume by the best cubic polynomial'),
      missing: z.boolean().default(false).describe('tissue that only one of them has is told apart and does not count'),
      finestUm: um
        .optional()
        .describe('the finest level, micrometres; as fine as the coarser volume, of at most 4 million voxels'),
      smoothUm: um.optional().describe('how far the map is smooth, micrometres; 5 finest voxels where left out'),
      regularity: z
        .number()
        .positive()
        .max(1e6)
        .optional()
        .describe('what bending costs, of each metric its own: 0.01 (cc), 0.02 (mi), 0.002 (ssd) where left out'),
      iterations: z.number().int().min(1).max(1000).optional().describe('steps of each level, at most'),
      fixedMask: idSchema.optional().describe('a volume that is 0 where the fixed one does not count'),
      movingMask: idSchema.optional(),
      landmarks: z
        .array(landmarkSchema)
        .max(mostLandmarks)
        .optional()
        .describe('pairs: source in the moving volume, target in the fixed one'),
      landmarkUse: z
        .enum(['start', 'correction'])
        .default('start')
        .describe('start: bend from a thin plate through them on. correction: a thin plate takes what is left of them'),
      memory: byteSizeSchema.default('4GB').describe('what needs more is refused before a voxel is read'),
    }),
    output: z.object({ registration: idSchema, verdict: verdictSchema, reasons: z.array(z.string()) }),
    example: { library: 'my-library', start: 'registration-0a1b2c3d4e5f' },
  }),
  progress: query({
    doc: 'How far a deformation is: metric and folds of each level, and beside it three planes as they fit now, with the grid that bends them.',
    input: z.object(ofJob),
    output: z.object({
      levels: z.array(deformLevelSchema.extend({ state: levelStateSchema })),
      preview: z
        .object({ level: whole, iteration: whole, planes: z.array(previewPlaneSchema) })
        .nullable()
        .describe('null until the first steps are done'),
    }),
    example: exampleJob,
  }),
  accept: command({
    doc: 'Take the level that a deformation is at as good enough: after the steps under way the job goes on with the next level, or ends.',
    input: z.object(ofJob),
    output: z.object({ level: whole }),
    example: exampleJob,
  }),
};
