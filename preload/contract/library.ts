import { z } from 'zod';
import { command, query } from './define.ts';
import { idSchema, inLibrary, isoTimeSchema } from './reference.ts';
import { vec3Schema, voxelSizeNmSchema, voxelTypeSchema } from './space.ts';
import { matrix34Schema } from './view-state.ts';

export const datasetSummarySchema = z.object({
  id: idSchema,
  name: z.string(),
  sourceName: z.string(),
  layout: z.string(),
  tiles: z.number(),
  sections: z.number(),
  flagged: z.number(),
  rejected: z.number(),
  bytes: z.number(),
  voxelSizeNm: voxelSizeNmSchema,
  createdAt: isoTimeSchema,
});
export type DatasetSummary = z.infer<typeof datasetSummarySchema>;

/** What a solve may do to a tile. */
export const solveModelSchema = z.enum(['translation', 'rigid', 'similarity', 'affine', 'polynomial']);
/** `imported`: as another program placed it; `elastic`: sections bent to fit each other. */
export const stackModelSchema = z.enum([...solveModelSchema.options, 'imported', 'elastic']);
/** The kind of step that made a stack version. */
export const stackMakerSchema = z.enum(['stitch', 'import', 'align', 'channels', 'intensity', 'edit']);
export const verdictSchema = z.enum(['pass', 'warn', 'fail']);
/** Render's life cycle of a stack version. */
export const stackStateSchema = z.enum(['LOADING', 'COMPLETE', 'READ_ONLY', 'OFFLINE']);

export const stackSummarySchema = z.object({
  id: idSchema,
  dataset: idSchema,
  version: z.number().int(),
  /** '' where nobody named it. */
  name: z.string(),
  madeBy: stackMakerSchema,
  /** The version that it was made of. */
  parent: idSchema.nullable(),
  model: stackModelSchema,
  state: stackStateSchema,
  tiles: z.number(),
  links: z.number(),
  dropped: z.number(),
  rmsPx: z.number(),
  maxPx: z.number(),
  verdict: verdictSchema,
  reasons: z.array(z.string()),
  job: z.string(),
  createdAt: isoTimeSchema,
});
export type StackSummary = z.infer<typeof stackSummarySchema>;

export const volumeLevelSchema = z.object({
  /** Voxels along x, y, z. */
  size: vec3Schema,
  /** Voxels of a brick along x, y, z. */
  brick: vec3Schema,
  voxelSizeNm: voxelSizeNmSchema,
  /** Outer corner of voxel 0,0,0 of this level. */
  originNm: vec3Schema,
});

export const channelSchema = z.object({
  /** '' where the dataset does not name it. */
  name: z.string(),
  /** RRGGBB, or null where the dataset gives none. */
  color: z.string().nullable(),
  /** Suggested display window in grey levels: the dataset's, or 0.1 to 99.9 % of the non-empty voxels. */
  window: z.tuple([z.number(), z.number()]).readonly(),
});

export const volumeSchema = z.object({
  id: idSchema,
  /** The stack that it was fused from; null for a volume that was added. */
  stack: idSchema.nullable(),
  name: z.string(),
  kind: z.enum(['image', 'segmentation']),
  dtype: voxelTypeSchema,
  levels: z.array(volumeLevelSchema),
  channels: z.array(channelSchema).min(1),
  times: z.number().int().min(1),
  /** The stack-space pixel and section at voxel 0,0,0. */
  originVoxel: vec3Schema,
  /** true: nobody said how large its voxels are, and its nanometres count them. */
  unsized: z.boolean().optional(),
  /**
   * From its nanometres to those of the space that its dataset places it in, where it lies turned, sheared or mirrored
   * there; null where it does not. Its layers lie so where nobody places them otherwise.
   */
  worldFromVolume: matrix34Schema.nullable(),
  /** Window of the first channel. */
  window: z.tuple([z.number(), z.number()]).readonly(),
  /**
   * What bricks are sent as. `range`: the grey values that 0 and the largest value of `dtype` stand for (the same
   * numbers where voxels are sent as they are). `labels`: indexed bricks (`brick.ts`), whose labels the window numbers in
   * 32 bits; `dtype` is uint32 for these alone.
   */
  display: z.object({
    dtype: z.enum(['uint8', 'uint16', 'uint32']),
    range: z.tuple([z.number(), z.number()]).readonly(),
    labels: z.boolean(),
  }),
  /** Where its voxels are. `text`: a path or an address, to show. */
  source: z.object({ kind: z.enum(['library', 'local', 'remote']), format: z.string(), text: z.string() }),
  /** Of a volume that is another one seen through maps (`warp.ts`), and made when it is read. */
  warp: z
    .object({
      /** The volume that is seen. */
      source: idSchema,
      steps: z.array(z.enum(['affine', 'landmarks', 'field'])),
      /** Another wherever its maps or its grid are: what was drawn of another stamp is drawn anew. */
      stamp: z.string(),
    })
    .optional(),
  favourite: z.boolean(),
  /** Last looked at, or null. */
  openedAt: isoTimeSchema.nullable(),
  /** On disk, where that is known. */
  bytes: z.number().nullable(),
  createdAt: isoTimeSchema,
});
export type Volume = z.infer<typeof volumeSchema>;

export const publicationSummarySchema = z.object({
  id: idSchema,
  volume: idSchema,
  format: z.enum(['precomputed', 'ome-zarr']),
  target: z.enum(['folder']),
  title: z.string(),
  folderName: z.string(),
  parts: z.number(),
  bytes: z.number(),
  manifestSha256: z.string(),
  verifiedAt: isoTimeSchema,
});
export type PublicationSummary = z.infer<typeof publicationSummarySchema>;

export const librarySchema = z.object({
  /** The id to name the library by in every later call. */
  library: z.string(),
  name: z.string(),
  folder: z.string(),
  readOnly: z.boolean(),
  datasets: z.array(datasetSummarySchema),
  stacks: z.array(stackSummarySchema),
  volumes: z.array(volumeSchema),
  publications: z.array(publicationSummarySchema),
  annotations: z.number(),
  /** What undo and redo would do now, or null. */
  undo: z.string().nullable(),
  redo: z.string().nullable(),
});
export type Library = z.infer<typeof librarySchema>;

export const historyEntrySchema = z.object({
  id: z.number(),
  label: z.string(),
  at: isoTimeSchema,
  undone: z.boolean(),
});

const exampleLibrary = { library: 'my-library' };

export const libraryProcedures = {
  open: command({
    doc: 'Open a library folder, making it where none is.',
    input: z.object({ ...inLibrary, create: z.boolean().default(true) }),
    output: librarySchema,
    example: exampleLibrary,
  }),
  info: query({
    doc: 'Everything that a library holds, in summary.',
    input: z.object(inLibrary),
    output: librarySchema,
    example: exampleLibrary,
  }),
  close: command({
    doc: 'Close a library; running jobs pause and resume at the next opening.',
    input: z.object(inLibrary),
    output: z.object({ closed: z.boolean() }),
    example: exampleLibrary,
  }),
  undo: command({
    doc: 'Undo the last change; survives a restart.',
    input: z.object(inLibrary),
    output: z.object({ label: z.string().nullable() }),
    example: exampleLibrary,
  }),
  redo: command({
    doc: 'Redo the change undone last.',
    input: z.object(inLibrary),
    output: z.object({ label: z.string().nullable() }),
    example: exampleLibrary,
  }),
  history: query({
    doc: 'The named steps of a library, newest first.',
    input: z.object({ ...inLibrary, limit: z.number().int().min(1).max(1000).default(100) }),
    output: z.object({ entries: z.array(historyEntrySchema) }),
    example: exampleLibrary,
  }),
  sweep: command({
    doc: 'Delete the files below volumes/, fields/ and meshes/ that nothing of the library and no unfinished job needs. Not undoable.',
    input: z.object({
      ...inLibrary,
      alsoRemoved: z
        .boolean()
        .default(false)
        .describe('also the files of what was removed or undone: undo and redo cannot bring it back then'),
      dryRun: z.boolean().default(false).describe('say what would go, and delete nothing'),
    }),
    output: z.object({ files: z.number(), bytes: z.number(), folders: z.array(z.string()) }),
    example: { library: 'my-library', dryRun: true },
  }),
  check: query({
    doc: 'Check the integrity of a library: database, and volumes against their records.',
    input: z.object(inLibrary),
    output: z.object({ ok: z.boolean(), problems: z.array(z.string()) }),
    example: exampleLibrary,
  }),
};

const recentSchema = z.object({
  library: z.string(),
  name: z.string(),
  folder: z.string(),
  openedAt: isoTimeSchema,
  present: z.boolean(),
});

export const homeProcedures = {
  recent: query({
    doc: 'Libraries opened lately, newest first.',
    input: z.object({}),
    output: z.object({ libraries: z.array(recentSchema) }),
    example: {},
  }),
  forget: command({
    doc: 'Take a library off the list of recent ones; its files stay.',
    input: z.object(inLibrary),
    output: z.object({ forgotten: z.boolean() }),
    example: exampleLibrary,
  }),
};
