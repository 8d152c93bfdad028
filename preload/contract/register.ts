import { z } from 'zod';
import { annotationSchema } from './annotation.ts';
import { command, job, query } from './define.ts';
import { deformableNumbersSchema, deformProcedures } from './deform.ts';
import { verdictSchema, volumeSchema } from './library.ts';
import { idSchema, inLibrary, isoTimeSchema, pathRefSchema } from './reference.ts';
import { comparedInput, matrixNm, registerPlaneProcedures } from './register-planes.ts';
import { evaluationSchema } from './registration-evaluation.ts';
import { importedNumbersSchema, registrationImportProcedures } from './registration-import.ts';
import { shapeSetSchema } from './shape.ts';
import { vec3Schema, voxelSizeNmSchema } from './space.ts';
import { byteSizeSchema } from './volume.ts';
import { landmarkSchema, mostLandmarks, pointNmSchema, warpSchema, warpStepsSchema } from './warp.ts';

/**
 * Registrations: where the points of one volume, the moving one, lie in another, the fixed one. Points are nanometres of
 * volume space (`warp.ts`). Both directions are kept as chains of steps, the first done first. To show the moving volume
 * in the fixed one's space, `movingFromFixed` is pulled back: it takes each point of the fixed space to the one shown there.
 */
const whole = z.number().int().min(0);

export const registerModelSchema = z.enum(['rigid', 'similarity', 'affine']);
export const orientationsSchema = z.enum(['as-is', 'axes24', 'axes48']);
/** The volume in whose space a result lies. */
export const ontoSchema = z.enum(['fixed', 'moving']);
export type Onto = z.infer<typeof ontoSchema>;

const orientationSchema = z.object({
  /** The axes of the moving volume that run along x, y, z of the fixed one: '+x', '-z'. */
  axes: z.array(z.string()).length(3),
  /** Information per sample, nats. */
  score: z.number(),
});

/** What an affine registration was measured to be. */
export const affineNumbersSchema = z.object({
  model: registerModelSchema,
  /** Mutual information over the overlap, nats: before, and as registered. */
  miBefore: z.number(),
  mi: z.number(),
  /** `mi` over the entropy of the plainer volume: 0 (independent) to 1. */
  shared: z.number(),
  /** Share of what stands out in the fixed volume that lies inside of the moving one. */
  overlap: z.number(),
  /** Share of the moving volume that lies inside of the fixed one. */
  seen: z.number(),
  best: orientationSchema,
  /** The best of another orientation; null where none was tried. */
  runnerUp: orientationSchema.nullable(),
  ambiguous: z.boolean(),
  mirrored: z.boolean(),
  /** Volume of the moving body once registered, over what it was. */
  volumeRatio: z.number(),
  /** By how much the map stretches the moving volume along its own x, y, z. */
  stretchXyz: vec3Schema,
  /** Of the moving volume: what its voxels would measure if they are as large as the fixed volume says; null where they may well be. */
  fittingVoxelSizeNm: voxelSizeNmSchema.nullable(),
  resolutionUm: z.number(),
  samples: whole,
  /** Levels that were read. */
  fixedLevel: whole,
  movingLevel: whole,
});
export type AffineNumbers = z.infer<typeof affineNumbersSchema>;

export const registrationSchema = z.object({
  id: idSchema,
  name: z.string(),
  fixed: idSchema,
  moving: idSchema,
  kind: z.enum(['affine', 'deformable']),
  /** The registration that it began from. */
  parent: idSchema.nullable(),
  movingFromFixed: warpStepsSchema,
  fixedFromMoving: warpStepsSchema,
  numbers: z.object({
    /** Of a deformable one: of that which it began from. */
    affine: affineNumbersSchema.optional(),
    deformable: deformableNumbersSchema.optional(),
    /** What `register.evaluate` last found; gone when the registration is moved. */
    evaluation: evaluationSchema.optional(),
    /** Of one that another program found. */
    imported: importedNumbersSchema.optional(),
  }),
  verdict: verdictSchema,
  /** Why the verdict is not 'pass'. */
  reasons: z.array(z.string()),
  job: z.string(),
  createdAt: isoTimeSchema,
});
export type Registration = z.infer<typeof registrationSchema>;

export const exportFormatSchema = z.enum(['itk-txt', 'ants-mat', 'itk-nifti', 'itk-nrrd', 'ome-zarr', 'precomputed']);
export type ExportFormat = z.infer<typeof exportFormatSchema>;

const inRegistration = { ...inLibrary, registration: idSchema };
const onto = ontoSchema.default('fixed').describe('the volume in whose space the result lies');
const exampleRegistration = { library: 'my-library', registration: 'registration-0a1b2c3d4e5f' };

export const registerProcedures = {
  affine: job({
    doc: 'Lay one volume over another by mutual information, whatever their contrasts and orientations: rigid, similar or affine. Undoable.',
    input: z.object({
      ...inLibrary,
      fixed: idSchema.describe('the volume that stays: an atlas, a reference'),
      moving: idSchema.describe('the volume that is laid over it; it stays as it is'),
      name: z.string().min(1).max(200).optional(),
      ...comparedInput,
      model: registerModelSchema.default('affine'),
      orientations: orientationsSchema
        .default('axes24')
        .describe('axes24: all turns by right angles are tried. axes48: mirrored ones too'),
      fixedMask: idSchema.optional().describe('a volume that is 0 where the fixed one does not count'),
      movingMask: idSchema.optional(),
      resolutionUm: z
        .number()
        .min(1e-6)
        .max(1e6)
        .optional()
        .describe('how fine to look, micrometres; as fine as the coarser volume where left out'),
      start: idSchema.optional().describe('an affine registration of the two to begin from, instead of searching'),
      startMatrix: matrixNm.optional().describe('the same as a matrix: nm of the moving volume from nm of the fixed'),
      landmarks: z
        .array(landmarkSchema)
        .max(mostLandmarks)
        .optional()
        .describe('pairs to begin from: source in the moving volume, target in the fixed one'),
      memory: byteSizeSchema.default('2GB').describe('of the two volumes together'),
    }),
    output: z.object({ registration: idSchema, verdict: verdictSchema, reasons: z.array(z.string()) }),
    example: { library: 'my-library', fixed: 'volume-0a1b2c3d4e5f', moving: 'volume-1a1b2c3d4e5f' },
  }),
  ...deformProcedures,
  ...registrationImportProcedures,
  list: query({
    doc: 'The registrations of a library, newest first.',
    input: z.object({ ...inLibrary, volume: idSchema.optional().describe('only those of this volume') }),
    output: z.object({ registrations: z.array(registrationSchema) }),
    example: { library: 'my-library' },
  }),
  get: query({
    doc: 'A registration: its chains both ways, what was measured, and how far it may be trusted.',
    input: z.object(inRegistration),
    output: z.object({ registration: registrationSchema }),
    example: exampleRegistration,
  }),
  ...registerPlaneProcedures,
  nudge: command({
    doc: 'Move, turn or stretch the moving volume by hand, as it is seen in the space of the fixed one. Undoable.',
    input: z.object({
      ...inRegistration,
      matrix: matrixNm.describe('3 rows of 4: where a point of the fixed space goes, nanometres'),
    }),
    output: z.object({ registration: registrationSchema }),
    example: { ...exampleRegistration, matrix: [1, 0, 0, 25_000, 0, 1, 0, 0, 0, 0, 1, 0] },
  }),
  apply: command({
    doc: 'Show a volume through a registration, as a warped volume with all channels: the moving one, its labels or any other that lies where it does, in the space of the fixed; or the other way around. Nothing is written. Undoable.',
    input: z.object({
      ...inRegistration,
      onto,
      volume: idSchema
        .optional()
        .describe(
          'one that lies where the moving volume does (the fixed, with --onto moving); that itself if left out',
        ),
      name: z.string().min(1).max(200).optional(),
      voxelSizeNm: voxelSizeNmSchema
        .optional()
        .describe('of the result; that of the volume whose space it is if left out'),
    }),
    output: z.object({ warp: warpSchema, volume: volumeSchema }),
    example: exampleRegistration,
  }),
  points: query({
    doc: 'Take points, in nanometres, through a registration, either way.',
    input: z.object({
      ...inRegistration,
      points: z.array(pointNmSchema).max(20_000),
      onto: ontoSchema.default('fixed').describe('where the points are wanted; they are given in the other volume'),
    }),
    /** In the order asked for; null where the map leads nowhere. */
    output: z.object({ points: z.array(pointNmSchema.nullable()) }),
    example: { ...exampleRegistration, points: [[1000, 2000, 3000]] },
  }),
  shapes: command({
    doc: 'Bring a set of meshes or skeletons through a registration, as a new set: each is led there as it is read, radii and ids stay, and nothing is written. Undoable.',
    input: z.object({
      ...inRegistration,
      shapes: idSchema.describe('a set that lies where the moving volume does (the fixed, with --onto moving)'),
      onto: ontoSchema.default('fixed').describe('where the shapes are wanted'),
      name: z.string().min(1).max(200).optional(),
    }),
    /** `checked`: of the first shapes, vertices that come to lie beyond the volume, and that lead nowhere and are left out. */
    output: z.object({
      shapes: shapeSetSchema,
      checked: z.object({ shapes: whole, vertices: whole, beyond: whole, nowhere: whole }),
    }),
    example: { ...exampleRegistration, shapes: 'shape-0a1b2c3d4e5f' },
  }),
  annotations: command({
    doc: 'Copy the points and lines of a volume through a registration to the other. Undoable.',
    input: z.object({
      ...inRegistration,
      onto: ontoSchema.default('fixed').describe('where they are wanted'),
      volume: idSchema.optional().describe('whose they are; of the moving volume (the fixed, with --onto moving)'),
      to: idSchema.optional().describe('the volume that gets them; the one whose space it is if left out'),
    }),
    /** `lost`: ids of those that lead nowhere. */
    output: z.object({ annotations: z.array(annotationSchema), lost: z.array(idSchema) }),
    example: exampleRegistration,
  }),
  evaluate: job({
    doc: 'Measure how well a registration fits: information shared before and after, Dice by label, landmarks, folds, and there and back. Kept with it.',
    input: z.object({
      ...inRegistration,
      fixedLabels: idSchema.optional().describe('a segmentation that lies where the fixed volume does'),
      movingLabels: idSchema.optional().describe('one with the same labels that lies where the moving volume does'),
      landmarks: z
        .array(landmarkSchema)
        .max(mostLandmarks)
        .optional()
        .describe('pairs that were not used for it: source in the moving volume, target in the fixed one'),
      against: idSchema.optional().describe('another registration of the same two volumes, for Dice and landmarks'),
      ...comparedInput,
      resolutionUm: z
        .number()
        .min(1e-6)
        .max(1e6)
        .optional()
        .describe('how finely to look, micrometres; as finely as it was registered where left out'),
    }),
    output: z.object({ registration: idSchema, evaluation: evaluationSchema }),
    example: { ...exampleRegistration, fixedLabels: 'volume-0a1b2c3d4e5f', movingLabels: 'volume-1a1b2c3d4e5f' },
  }),
  export: job({
    doc: "Write a registration for other programs: affine transforms and fields of ITK (ANTs, SimpleITK, elastix, 3D Slicer; the patient's space, millimetres, left-posterior-superior), OME-Zarr 0.6, precomputed.",
    input: z.object({
      ...inRegistration,
      format: exportFormatSchema
        .default('itk-txt')
        .describe(
          'itk-txt, ants-mat: an affine map. itk-nifti, itk-nrrd: a field of displacements. ome-zarr: field and affine maps of 0.6. precomputed: a field of nanometres',
        ),
      part: z
        .enum(['all', 'affine', 'field'])
        .default('all')
        .describe('of one that bends: the whole chain, the affine map alone, or the field alone'),
      onto: ontoSchema
        .default('fixed')
        .describe(
          'fixed: resamples the moving volume onto the fixed one (so it takes points of the fixed to the moving)',
        ),
      spacingUm: z
        .number()
        .positive()
        .max(1e6)
        .optional()
        .describe('between the vectors of a field; those of its own where left out'),
      memory: byteSizeSchema.default('1GB'),
      out: pathRefSchema,
    }),
    output: z.object({
      out: pathRefSchema,
      bytes: z.number(),
      /** Of one file; null for folders and fields. */
      sha256: z.string().nullable(),
      /** Of a field: how many vectors along x, y, z, and how far what was written leads beside the registration, at samples. */
      field: z
        .object({ size: vec3Schema, spacingUm: vec3Schema, meanErrorUm: z.number(), mostErrorUm: z.number() })
        .nullable(),
    }),
    example: { ...exampleRegistration, out: 'affine.txt' },
  }),
  remove: command({
    doc: 'Take a registration out of the library; volumes made with it stay. Undoable.',
    input: z.object(inRegistration),
    output: z.object({ removed: z.boolean() }),
    example: exampleRegistration,
  }),
};
