import { z } from 'zod';
import { command, job, query } from './define.ts';
import { idSchema, inLibrary, pathRefSchema, warningSchema } from './reference.ts';
import { affineSchema, dtypeSchema, voxelSizeNmSchema } from './space.ts';

/**
 * Where tile positions come from: `render:FILE` (Render tilespec JSON), `tiles:FILE` (Fiji's TileConfiguration.txt),
 * `temca:FILE` (metadata of a TEMCA; `temca:FILE;z=12` where it does not know the section), or
 * `pattern:TEXT`, a file name with `{row}`, `{col}` and optionally `{z}`, then options after `;`:
 * `pattern:s{z}_r{row}_c{col}.png;overlap=10%`; or `ome:PATTERN`, such as `ome:*.ome.tif`: the stage positions that
 * OME-TIFF images carry. FILE is looked for in the source folder first. `;order=WORDS` at the end
 * reads the places in another order: any of `snake-rows`, `snake-columns`, `exchange`, `flip-x`, `flip-y`, joined by `+`.
 */
export const layoutTextSchema = z
  .string()
  .regex(
    /^(render|tiles|temca|pattern|ome):.+/s,
    'a layout is render:FILE, tiles:FILE, temca:FILE, pattern:TEXT or ome:PATTERN',
  )
  .meta({ pathRef: 'layout' });

export const tileVerdictSchema = z.enum(['ok', 'warn', 'bad']);
export type TileVerdict = z.infer<typeof tileVerdictSchema>;
export const reviewSchema = z.enum(['accepted', 'rejected', 'unreviewed']);
export type Review = z.infer<typeof reviewSchema>;

/** Measured once from all pixels of a tile. Grey levels are in the tile's own units (0-255 or 0-65535). */
export const tileMetricsSchema = z.object({
  mean: z.number(),
  sd: z.number(),
  min: z.number(),
  max: z.number(),
  /** 0.1, 50 and 99.9 % grey levels. */
  percentiles: z.tuple([z.number(), z.number(), z.number()]).readonly(),
  /** Normalised variance of the Laplacian (Pech-Pacheco 2000): higher is sharper; comparable within a dataset. */
  focus: z.number(),
  /** Fraction of pixels at the top / the bottom of the range, 0 to 1. */
  saturated: z.number(),
  black: z.number(),
  /** 1 = no texture at all, 0 = fully textured: fraction of 32 px blocks whose SD is within noise. */
  blankness: z.number(),
});
export type TileMetrics = z.infer<typeof tileMetricsSchema>;
export const tileMetricNames = ['focus', 'mean', 'sd', 'saturated', 'black', 'blankness'] as const;

export const tileSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  section: z.number(),
  fileName: z.string(),
  /** 0, or the mipmap level that served because level 0 is absent. */
  mipmapLevel: z.number().int(),
  widthPx: z.number().int(),
  heightPx: z.number().int(),
  dtype: dtypeSchema,
  stageFromTile: affineSchema,
  sha256: z.string(),
  bytes: z.number(),
  metrics: tileMetricsSchema.nullable(),
  verdict: tileVerdictSchema,
  /** Why the verdict is not ok, in the user's words. */
  reasons: z.array(z.string()),
  review: reviewSchema,
});
export type Tile = z.infer<typeof tileSchema>;

const exampleDataset = { library: 'my-library', dataset: 'dataset-0a1b2c3d4e5f' };
const inDataset = { ...inLibrary, dataset: idSchema };

/** What a folder of tiles becomes a dataset by. */
export const newDataset = {
  ...inLibrary,
  source: pathRefSchema,
  layout: layoutTextSchema,
  name: z.string().max(200).optional(),
  voxelSizeNm: voxelSizeNmSchema
    .default([4, 4, 40])
    .describe('nanometres a pixel along x and y, and from section to section'),
};

export const ingestProcedures = {
  detect: query({
    doc: 'Look into a folder and say which layouts it offers, without reading pixels.',
    input: z.object({
      source: pathRefSchema,
      layout: layoutTextSchema.optional().describe('a layout to try as well, first in the list where it fits'),
    }),
    output: z.object({
      sourceName: z.string(),
      images: z.number(),
      bytes: z.number(),
      candidates: z.array(
        z.object({
          layout: z.string(),
          label: z.string(),
          tiles: z.number(),
          sections: z.number(),
          missing: z.number(),
          /** Nanometres a pixel, where the layout says. */
          pixelNm: z.number().optional(),
        }),
      ),
    }),
    example: { source: 'tiles' },
  }),
  start: job({
    doc: 'Import a folder of tiles: positions, checksums, thumbnails, metrics and a verdict for each. Undoable.',
    input: z.object({
      ...newDataset,
    }),
    output: z.object({ dataset: idSchema, tiles: z.number(), warnings: z.array(warningSchema) }),
    example: { library: 'my-library', source: 'tiles', layout: 'pattern:s{z}_r{row}_c{col}.png;overlap=10%' },
  }),
  again: job({
    doc: 'Import the folder of a dataset again, its places read in another order: what stitch check found. The dataset stays. Undoable.',
    input: z.object({
      ...inDataset,
      order: z
        .string()
        .regex(/^[a-z+-]{1,60}$/)
        .describe('any of snake-rows, snake-columns, exchange, flip-x and flip-y, joined by +'),
    }),
    output: z.object({ dataset: idSchema, tiles: z.number(), warnings: z.array(warningSchema) }),
    example: { ...exampleDataset, order: 'exchange' },
  }),
};

export const tileProcedures = {
  list: query({
    doc: 'The tiles of a dataset with their stage positions, metrics, verdicts and reviews.',
    input: z.object({ ...inDataset, section: z.number().optional() }),
    output: z.object({ tiles: z.array(tileSchema), sections: z.array(z.number()) }),
    example: exampleDataset,
  }),
  thumbnails: query({
    doc: 'Thumbnails (grey 8-bit, contrast as in the tile): the bytes are all of them, one after another.',
    input: z.object({ ...inDataset, tiles: z.array(z.number().int()).min(1).max(256) }),
    output: z.object({
      thumbnails: z.array(z.object({ tile: z.number().int(), widthPx: z.number().int(), heightPx: z.number().int() })),
    }),
    example: { ...exampleDataset, tiles: [1, 2] },
  }),
  histogram: query({
    doc: 'The 256-bin histogram of a tile over its range of grey levels.',
    input: z.object({ ...inDataset, tile: z.number().int() }),
    output: z.object({ counts: z.array(z.number()), range: z.tuple([z.number(), z.number()]) }),
    example: { ...exampleDataset, tile: 1 },
  }),
  review: command({
    doc: 'Accept or reject tiles; rejected tiles stay out of stitching. Undoable.',
    input: z.object({ ...inDataset, tiles: z.array(z.number().int()).min(1).max(100_000), review: reviewSchema }),
    output: z.object({ changed: z.number() }),
    example: { ...exampleDataset, tiles: [7], review: 'rejected' },
  }),
  remove: command({
    doc: 'Take a dataset out of the library; its source files stay. Undoable.',
    input: z.object(inDataset),
    output: z.object({ removed: z.boolean() }),
    example: exampleDataset,
  }),
};

export const sampleProcedures = {
  make: job({
    doc: 'Write the sample acquisition, EM-like sections of overlapping tiles with known truth, into a folder.',
    input: z.object({
      ...inLibrary,
      out: pathRefSchema.optional().describe('where the tiles go; inside the library where left out'),
      seed: z.number().int().default(20181),
      sections: z.number().int().min(1).max(64).default(6),
      rows: z.number().int().min(2).max(16).default(4),
      cols: z.number().int().min(2).max(16).default(4),
      tilePx: z.number().int().min(128).max(4096).default(512),
    }),
    output: z.object({
      folder: z.string(),
      source: pathRefSchema,
      layout: layoutTextSchema,
      tiles: z.number(),
      truth: z.string(),
    }),
    example: { library: 'my-library' },
  }),
};
