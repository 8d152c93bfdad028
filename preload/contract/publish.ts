import { z } from 'zod';
import { job, query } from './define.ts';
import { idSchema, inLibrary, isoTimeSchema, pathRefSchema } from './reference.ts';
import { voxelSizeNmSchema } from './space.ts';

export const modalities = ['EM', 'AT', 'Ophys', 'XCT', 'LM', 'CL', 'MR'] as const;

export const creatorSchema = z.object({
  name: z
    .string()
    .trim()
    .regex(/^[^,]+, *[^,]+$/, 'a creator is written "Family, Given"'),
  orcid: z
    .string()
    .regex(/^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$/, 'an ORCID looks like 0000-0002-1825-0097')
    .refine(hasOrcidChecksum, 'the last digit of the ORCID does not fit the others')
    .optional(),
});

/** What a dataset says of itself when it leaves. Strict, so that a mistyped key is named and not lost. */
export const metadataSchema = z.strictObject({
  title: z.string().trim().min(1, 'a title is needed').max(150),
  creators: z.array(creatorSchema).min(1, 'at least one creator is needed'),
  licence: z.string().min(1, 'an SPDX licence id is needed, such as CC-BY-4.0'),
  modality: z.enum(modalities),
  species: z.string().trim().min(1, 'a species is needed, such as Mus musculus'),
  voxelSizeNm: voxelSizeNmSchema,
  description: z.string().max(3000).default(''),
});
export type Metadata = z.infer<typeof metadataSchema>;

/** ISO 7064 mod 11-2 over the first 15 digits. */
function hasOrcidChecksum(orcid: string): boolean {
  const digits = orcid.replaceAll('-', '');
  const total = [...digits.slice(0, 15)].reduce((sum, digit) => (sum + Number(digit)) * 2, 0);
  const check = (12 - (total % 11)) % 11;
  return digits[15] === (check === 10 ? 'X' : String(check));
}

export const publishFormatSchema = z.enum(['precomputed', 'ome-zarr']);

/** One file of a published dataset. `path` is relative, with forward slashes. */
export const partSchema = z.object({ path: z.string(), bytes: z.number(), sha256: z.string() });
export type Part = z.infer<typeof partSchema>;

export const receiptSchema = z.object({
  publication: idSchema,
  volume: idSchema,
  format: publishFormatSchema,
  target: z.enum(['folder']),
  /** Where the dataset is, and the receipt and manifest beside it. */
  out: z.string(),
  receiptFile: z.string(),
  manifestFile: z.string(),
  /** SHA-256 of the manifest, which lists path, bytes and SHA-256 of every part. */
  manifestSha256: z.string(),
  parts: z.number(),
  bytes: z.number(),
  metadata: metadataSchema,
  /** Every part was read back from the target and its SHA-256 compared. */
  verified: z.boolean(),
  verifiedAt: isoTimeSchema,
  lamellaVersion: z.string(),
});
export type Receipt = z.infer<typeof receiptSchema>;

const metadataOrFile = z.union([metadataSchema, pathRefSchema]).describe('the metadata, or a JSON FILE with it');
const what = {
  ...inLibrary,
  volume: idSchema,
  target: z.enum(['folder']).default('folder'),
  format: publishFormatSchema,
  metadata: metadataOrFile,
  out: pathRefSchema,
};
const example = {
  library: 'my-library',
  volume: 'volume-0a1b2c3d4e5f',
  format: 'precomputed' as const,
  metadata: 'metadata.json',
  out: 'published',
};

export const publishProcedures = {
  plan: query({
    doc: 'Dry run: what would be written, how many parts and bytes, what is wrong with the metadata; writes nothing.',
    input: z.object({ ...what, metadata: z.unknown() }),
    output: z.object({
      parts: z.number(),
      /** Upper bound before compression. */
      bytesAtMost: z.number(),
      freeBytes: z.number().nullable(),
      levels: z.array(z.object({ key: z.string(), parts: z.number() })),
      problems: z.array(z.object({ field: z.string(), message: z.string() })),
    }),
    example,
  }),
  start: job({
    doc: 'Write a volume to a target, hash every part, read every part back, and leave a receipt. Resumes.',
    input: z.object(what),
    output: z.object({ receipt: receiptSchema }),
    example,
  }),
  verify: query({
    doc: 'Read a published dataset back against its manifest.',
    input: z.object({
      ...inLibrary,
      publication: idSchema,
      folder: pathRefSchema.optional().describe('where the dataset lies now; where it was published if left out'),
    }),
    output: z.object({ ok: z.boolean(), parts: z.number(), problems: z.array(z.string()) }),
    example: { library: 'my-library', publication: 'publication-0a1b2c3d4e5f' },
  }),
};
