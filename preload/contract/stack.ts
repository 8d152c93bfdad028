import { z } from 'zod';
import { annotationSchema } from './annotation.ts';
import { command, job, query } from './define.ts';
import { stackStateSchema, stackSummarySchema } from './library.ts';
import { idSchema, inLibrary, isoTimeSchema, pathRefSchema, warningSchema } from './reference.ts';
import { vec3Schema, voxelSizeNmSchema } from './space.ts';

const inStack = { ...inLibrary, stack: idSchema };
const exampleStack = { library: 'my-library', stack: 'stack-0a1b2c3d4e5f' };
const otherStack = 'stack-5f4e3d2c1b0a';

/** Render's StackStats. Pixels of stack space; sections along z. */
export const stackStatsSchema = z.object({
  bounds: z
    .object({
      minX: z.number(),
      minY: z.number(),
      minZ: z.number(),
      maxX: z.number(),
      maxY: z.number(),
      maxZ: z.number(),
    })
    .nullable(),
  sectionCount: z.number().int(),
  nonIntegralSectionCount: z.number().int(),
  tileCount: z.number().int(),
  transformCount: z.number().int(),
  minTileWidth: z.number().int(),
  maxTileWidth: z.number().int(),
  minTileHeight: z.number().int(),
  maxTileHeight: z.number().int(),
  /** '' is the tiles' own picture where it has no name. */
  channelNames: z.array(z.string()),
});
export type StackStats = z.infer<typeof stackStatsSchema>;

/** Render's StackVersion: what people say of a version. Left out = not said. */
export const stackFactsSchema = z.object({
  versionNotes: z.string().max(10_000).optional(),
  cycleNumber: z.number().int().optional(),
  cycleStepNumber: z.number().int().optional(),
  stackResolutionX: z.number().positive().optional(),
  stackResolutionY: z.number().positive().optional(),
  stackResolutionZ: z.number().positive().optional(),
  materializedBoxRootPath: z.string().max(4096).optional(),
  mipmapPathBuilder: z.record(z.string(), z.unknown()).optional(),
  alignmentQuality: z.number().optional(),
  defaultChannel: z.string().max(200).optional(),
});

/** A step that a version came by, the version itself first. */
export const lineageStepSchema = z.object({
  stack: idSchema,
  version: z.number().int(),
  madeBy: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  job: z.string(),
  /** Of the Lamella that made it. */
  lamella: z.string(),
  /** Kernels and their versions. */
  kernels: z.record(z.string(), z.unknown()),
  createdAt: isoTimeSchema,
  /** SHA-256 over the names and checksums of the dataset's images. */
  inputsSha256: z.string(),
  /** SHA-256 over where it puts its tiles and their links: equal where two versions are. */
  contentSha256: z.string(),
  removed: z.boolean(),
});

const placeSchema = z.object({
  /** Stack space, pixels. */
  x: z.number(),
  y: z.number(),
  section: z.number(),
});

const inTileSchema = z.object({
  tile: z.number().int(),
  /** The tile's name: Render's tileId. */
  name: z.string(),
  /** Level-0 pixels of the tile. */
  x: z.number(),
  y: z.number(),
  /** The one that is drawn on top there. */
  visible: z.boolean(),
});

const pointsSchema = z.array(placeSchema).min(1).max(200_000);

/** Why a point has no place there, in plain words; left out where it has one. */
const reason = z.string().optional();

export const stackProcedures = {
  list: query({
    doc: 'The stack versions of a dataset, or of the whole library, newest first.',
    input: z.object({ ...inLibrary, dataset: idSchema.optional() }),
    output: z.object({ stacks: z.array(stackSummarySchema) }),
    example: { library: 'my-library' },
  }),
  describe: query({
    doc: "A stack version: its bounds and counts (Render's StackStats), its notes, and every step that it came by.",
    input: z.object(inStack),
    output: z.object({
      stack: stackSummarySchema,
      stats: stackStatsSchema,
      facts: stackFactsSchema,
      lineage: z.array(lineageStepSchema),
    }),
    example: exampleStack,
  }),
  setState: command({
    doc: "Move a stack version along Render's life cycle: LOADING, COMPLETE, READ_ONLY, OFFLINE. Undoable.",
    input: z.object({ ...inStack, state: stackStateSchema }),
    output: z.object({ state: stackStateSchema }),
    example: { ...exampleStack, state: 'READ_ONLY' },
  }),
  note: command({
    doc: 'Name a stack version and say more of it: notes, cycle, resolution, quality. Undoable.',
    input: z.object({ ...inStack, name: z.string().max(200).optional(), facts: stackFactsSchema.optional() }),
    output: z.object({ name: z.string(), facts: stackFactsSchema }),
    example: { ...exampleStack, name: 'rough', facts: { versionNotes: 'before the second session' } },
  }),
  import: job({
    doc: "Read placed tiles (Render's JSON, a TrakEM2 project, TileConfiguration.txt) as a new stack version of a dataset, or as a new dataset, also where the images are not here. Undoable.",
    input: z.object({
      ...inLibrary,
      source: pathRefSchema,
      transforms: pathRefSchema
        .optional()
        .describe("Render's shared transforms, where they lie in a file of their own"),
      dataset: idSchema
        .optional()
        .describe('place the tiles of this dataset, by their names; a new one where left out'),
      images: pathRefSchema.optional().describe("the folder of the images of a new dataset; the file's where left out"),
      name: z.string().max(200).optional(),
      voxelSizeNm: voxelSizeNmSchema.default([4, 4, 40]).describe('of a new dataset'),
    }),
    output: z.object({
      stack: idSchema,
      dataset: idSchema,
      /** Tiles that the version places. */
      tiles: z.number().int(),
      /** Tiles of the dataset that the file does not name, and of the file that the dataset lacks. */
      unplaced: z.number().int(),
      unknown: z.number().int(),
      warnings: z.array(warningSchema),
    }),
    example: { library: 'my-library', source: 'aligned.json', dataset: 'dataset-0a1b2c3d4e5f' },
  }),
  export: command({
    doc: "Write a stack version for other programs: Render's tilespecs (JSON), TrakEM2 (XML) or TileConfiguration.txt.",
    input: z.object({
      ...inStack,
      format: z.enum(['render', 'trakem2', 'tiles']).default('render'),
      out: pathRefSchema,
    }),
    output: z.object({
      file: z.string(),
      tiles: z.number().int(),
      sha256: z.string(),
      /** What the format could not say. */
      warnings: z.array(warningSchema),
    }),
    example: { ...exampleStack, format: 'trakem2', out: 'stack.xml' },
  }),
  worldToLocal: query({
    doc: 'The tiles under points of a stack version, and where in them: several tiles where they overlap, the one on top marked.',
    input: z.object({ ...inStack, points: pointsSchema }),
    output: z.object({ points: z.array(z.object({ tiles: z.array(inTileSchema), reason })) }),
    example: { ...exampleStack, points: [{ x: 1024, y: 512, section: 0 }] },
  }),
  localToWorld: query({
    doc: 'Where a stack version puts points of tiles.',
    input: z.object({
      ...inStack,
      points: z
        .array(z.object({ name: z.string().describe("the tile's name"), x: z.number(), y: z.number() }))
        .min(1)
        .max(200_000),
    }),
    output: z.object({ points: z.array(z.object({ place: placeSchema.nullable(), reason })) }),
    example: { ...exampleStack, points: [{ name: 'tile-1', x: 100, y: 100 }] },
  }),
  carryPoints: query({
    doc: 'Lead points from one stack version to another through the tiles that show them; says of each why it could not be carried.',
    input: z.object({ ...inStack, to: idSchema, points: pointsSchema }),
    output: z.object({
      carried: z.number().int(),
      points: z.array(z.object({ place: placeSchema.nullable(), through: z.string().nullable(), reason })),
    }),
    example: { ...exampleStack, to: otherStack, points: [{ x: 1024, y: 512, section: 0 }] },
  }),
  carry: command({
    doc: 'Carry the annotations of a fused volume to a volume of another stack version; lists those that could not be carried and why. Undoable.',
    input: z.object({
      ...inLibrary,
      from: idSchema.describe('the volume that has the annotations'),
      to: idSchema.describe('the volume that gets them'),
      annotations: z.array(idSchema).max(100_000).optional().describe('all of them where left out'),
    }),
    output: z.object({
      carried: z.array(annotationSchema),
      left: z.array(z.object({ annotation: idSchema, name: z.string(), pointNm: vec3Schema, reason: z.string() })),
    }),
    example: { library: 'my-library', from: 'volume-0a1b2c3d4e5f', to: 'volume-5f4e3d2c1b0a' },
  }),
};
