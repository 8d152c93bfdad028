import { z } from 'zod';
import { job } from './define.ts';
import { verdictSchema } from './library.ts';
import { idSchema, inLibrary, pathRefSchema } from './reference.ts';
import { comparedInput } from './register-planes.ts';

/** Registrations that other programs found: affine transforms and fields of displacements of ITK, in the patient's space. */
const share = z.number().min(0).max(1);

export const mostTransforms = 12;
const transforms = z.array(pathRefSchema).max(mostTransforms);
const inverted = z.array(z.boolean()).max(mostTransforms).optional();

const importedFileSchema = z.object({
  name: z.string(),
  /** Types of ITK, the one that is done first first; or `displacement field`. */
  kinds: z.array(z.string()),
  bytes: z.number(),
  sha256: z.string(),
  inverted: z.boolean(),
});

/** What an imported registration was made of. */
export const importedNumbersSchema = z.object({
  /** From the fixed volume to the moving one, the one that is done first first. */
  transforms: z.array(importedFileSchema),
  /** The way back; null: the other way around, fields by a search. */
  back: z.array(importedFileSchema).nullable(),
  /** Shares of the fixed volume: what is led into the moving one, and over what the first field lies; null where none comes first. */
  seen: share,
  covered: share.nullable(),
});
export type ImportedNumbers = z.infer<typeof importedNumbersSchema>;

export const registrationImportProcedures = {
  import: job({
    doc: "Take over a registration that ANTs, SimpleITK, elastix or 3D Slicer found: affine transforms of ITK (.mat, .txt, .tfm) and fields of displacements (NIfTI, NRRD), in the patient's space. Fields are copied into the library. Undoable.",
    input: z.object({
      ...inLibrary,
      fixed: idSchema.describe('the volume that the moving one was registered to'),
      moving: idSchema.describe('the volume that was registered'),
      name: z.string().min(1).max(200).optional(),
      transforms: transforms
        .min(1)
        .describe('files in the order of antsApplyTransforms -t: the first leads points of the fixed volume first'),
      invert: inverted.describe('which of them are done the other way around, as ANTs writes [FILE,1]: one for each'),
      back: transforms
        .min(1)
        .optional()
        .describe('files that resample the fixed volume onto the moving one, in that order; computed where left out'),
      invertBack: inverted,
      ...comparedInput,
    }),
    output: z.object({ registration: idSchema, verdict: verdictSchema, reasons: z.array(z.string()) }),
    example: {
      library: 'my-library',
      fixed: 'volume-0a1b2c3d4e5f',
      moving: 'volume-1a1b2c3d4e5f',
      transforms: ['1Warp.nii.gz', '0GenericAffine.mat'],
      back: ['0GenericAffine.mat', '1InverseWarp.nii.gz'],
      invertBack: [true, false],
    },
  }),
};
