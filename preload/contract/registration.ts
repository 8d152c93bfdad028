import { z } from 'zod';
import { command, job, query } from './define.ts';
import { solveModelSchema, verdictSchema } from './library.ts';
import { idSchema, inLibrary, pathRefSchema, warningSchema } from './reference.ts';
import { affineSchema } from './space.ts';
import { transformListSchema } from './transform.ts';

export const linkStateSchema = z.enum(['kept', 'outlier', 'weak']);

/** What pairwise matching and the solve say of one overlapping pair of tiles. */
export const linkSchema = z.object({
  tileA: z.number().int(),
  tileB: z.number().int(),
  section: z.number(),
  /** That of tile b, where it is another. */
  sectionB: z.number().optional(),
  /** Normalised cross-correlation over the true overlap, -1 to 1; the weakest point of the link. */
  ncc: z.number(),
  /** First peak over second, 1 = ambiguous. */
  peakRatio: z.number(),
  points: z.number().int(),
  /** RMS distance of the link's points after the solve, stack-space pixels. */
  residualPx: z.number(),
  state: linkStateSchema,
  reason: z.string(),
});
export type Link = z.infer<typeof linkSchema>;

export const placementSchema = z.object({
  tile: z.number().int(),
  /** Of a tile that `transforms` place: the affine map nearest to them over the tile. */
  stackFromTile: affineSchema,
  /** From tile to stack, first to last; left out where `stackFromTile` is all. */
  transforms: transformListSchema.optional(),
  /** RMS over the kept points of the tile, pixels; 0 for a tile placed by the stage. */
  rmsPx: z.number(),
  /**
   * `stage`: unlinked, so the tile follows its neighbours' mean shift from the stage. `import`: by another program.
   * `user`: moved by hand, and held there as firmly as by a good match.
   */
  placedBy: z.enum(['links', 'stage', 'import', 'user']),
  /** Pinned by the user: solves leave the tile exactly where it is. */
  fixed: z.boolean().optional(),
});
export type Placement = z.infer<typeof placementSchema>;

/** One way to read the layout, tried on a sample of overlaps. */
export const triedOrderSchema = z.object({
  /** `;order=` of the layout; '' as written. */
  order: z.string(),
  label: z.string(),
  pairs: z.number().int(),
  matched: z.number().int(),
  /** Median correlation where each matched best, of the pairs beside or above each other, whichever is lower; -1 to 1. */
  ncc: z.number(),
});
export type TriedOrder = z.infer<typeof triedOrderSchema>;

const overlapSchema = z.object({
  /** Part of a tile that neighbours share, 0 to 1, as the stage says and as they match. */
  said: z.number(),
  measured: z.number(),
  /** One-sigma error of `measured`. */
  error: z.number(),
});

/** The middle of a tile, stage pixels: as the layout says, and as the sampled overlaps do (the same where they say nothing else). */
export const checkedPlaceSchema = z.object({
  tile: z.number().int(),
  asWritten: z.tuple([z.number(), z.number()]).readonly(),
  asItFits: z.tuple([z.number(), z.number()]).readonly(),
});
export type CheckedPlace = z.infer<typeof checkedPlaceSchema>;

export const layoutCheckSchema = z.object({
  /** `reorder`: the places are right in another order. `spacing`: they are too close or too far. */
  verdict: z.enum(['fits', 'reorder', 'spacing', 'unclear']),
  finding: z.string(),
  /** The layout to import again with; '' where there is nothing to mend. */
  fix: z.string(),
  tried: z.array(triedOrderSchema),
  overlap: z.object({ x: overlapSchema.nullable(), y: overlapSchema.nullable() }),
  /** Missing, double and repeated tiles, each named. */
  faults: z.array(warningSchema),
  /** Up to a hundred tiles of one section, from its corner on: enough to draw both readings. */
  places: z.array(checkedPlaceSchema),
});
export type LayoutCheck = z.infer<typeof layoutCheckSchema>;

const rectSchema = z.object({ minX: z.number(), minY: z.number(), maxX: z.number(), maxY: z.number() });

/** Beside it, 8 bit each, one after the other: what tile a shows, what tile b shows, their difference about grey 128. */
export const seamSchema = z.object({
  widthPx: z.number().int(),
  heightPx: z.number().int(),
  /** Pixels of the picture a pixel of the stack. */
  scale: z.number(),
  /** Correlation of the two pictures as placed, -1 to 1. */
  ncc: z.number(),
  /** The overlap, and the part of it that is shown, stack pixels. */
  overlap: rectSchema,
  shown: rectSchema,
});
export type Seam = z.infer<typeof seamSchema>;

const inStack = { ...inLibrary, stack: idSchema };
const exampleStack = { library: 'my-library', stack: 'stack-0a1b2c3d4e5f' };

export const stitchProcedures = {
  check: job({
    doc: 'Match a sample of overlaps before stitching: does the layout fit as it was read, or with x and y exchanged, flipped or run through as a snake? Names missing, double and repeated tiles, and a wrong overlap.',
    input: z.object({ ...inLibrary, dataset: idSchema }),
    output: layoutCheckSchema,
    example: { library: 'my-library', dataset: 'dataset-0a1b2c3d4e5f' },
  }),
  start: job({
    doc: 'Match every overlapping pair and solve all placements at once, into a new stack version. Undoable.',
    input: z.object({
      ...inLibrary,
      dataset: idSchema,
      model: solveModelSchema.default('translation'),
      searchPx: z
        .number()
        .min(1)
        .max(2000)
        .optional()
        .describe('how far a tile may lie from its stage position, pixels; from the overlap where left out'),
      minNcc: z.number().min(0).max(1).default(0.3).describe('links below this correlation are not used'),
      trustLayout: z
        .boolean()
        .default(false)
        .describe('go on even where a sample of overlaps says that the layout was read in the wrong order'),
    }),
    output: z.object({
      stack: idSchema,
      tiles: z.number(),
      links: z.number(),
      rmsPx: z.number(),
      maxPx: z.number(),
      verdict: verdictSchema,
    }),
    example: { library: 'my-library', dataset: 'dataset-0a1b2c3d4e5f', model: 'translation' },
  }),
  links: query({
    doc: 'The links of a stack version: correlation, residual, kept or dropped and why.',
    input: z.object(inStack),
    output: z.object({ links: z.array(linkSchema) }),
    example: exampleStack,
  }),
  seam: query({
    doc: 'What two tiles show of their overlap as a stack version places them, brought to one contrast, and their difference: 8 bit, at most 512 px a side.',
    input: z.object({
      ...inStack,
      tileA: z.number().int(),
      tileB: z.number().int(),
      along: z.number().min(0).max(1).default(0.5).describe('which part of a long overlap, 0 to 1'),
      whole: z.boolean().default(false).describe('all of the overlap, scaled down, rather than a part at full size'),
    }),
    output: seamSchema,
    example: { ...exampleStack, tileA: 1, tileB: 2 },
  }),
  report: command({
    doc: 'Write what is known of a stack version as one HTML page: verdict, map of links, histograms, the worst links as pictures. Opens anywhere, offline.',
    input: z.object({ ...inStack, out: pathRefSchema }),
    output: z.object({ file: z.string(), links: z.number(), sha256: z.string() }),
    example: { ...exampleStack, out: 'stitching.html' },
  }),
  placements: query({
    doc: 'Where a stack version puts each tile.',
    input: z.object(inStack),
    output: z.object({ placements: z.array(placementSchema) }),
    example: exampleStack,
  }),
  export: command({
    doc: 'Write the placements of a stack version as Render tilespec JSON.',
    input: z.object({ ...inStack, format: z.enum(['render']).default('render'), out: pathRefSchema }),
    output: z.object({ file: z.string(), tiles: z.number(), sha256: z.string() }),
    example: { ...exampleStack, format: 'render', out: 'stack.json' },
  }),
  fuse: job({
    doc: 'Blend the tiles of a stack version straight into a multi-resolution OME-Zarr 0.5 volume. Undoable.',
    input: z.object({ ...inStack, name: z.string().max(200).optional() }),
    output: z.object({ volume: idSchema, bytes: z.number(), levels: z.number() }),
    example: exampleStack,
  }),
  remove: command({
    doc: 'Take a stack version out of the library. Undoable.',
    input: z.object(inStack),
    output: z.object({ removed: z.boolean() }),
    example: exampleStack,
  }),
};
