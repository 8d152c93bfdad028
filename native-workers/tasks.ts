import { z } from 'zod';
import { tileMetricsSchema } from '../preload/contract/dataset.ts';
import { affineSchema, dtypeSchema } from '../preload/contract/space.ts';
import { blockTasks } from './block-tasks.ts';
import { lightTasks } from './light-tasks.ts';
import { registerTasks } from './register-tasks.ts';
import { renderTasks } from './render-tasks.ts';
import { scopeTasks } from './scope-tasks.ts';
import { sectionTasks } from './section-tasks.ts';
import { shapeTasks } from './shape-tasks.ts';
import { surfaceTasks } from './surface-tasks.ts';
import { point, size2, tileImageSchema } from './tile-image.ts';
import { voxelTasks } from './voxel-tasks.ts';
import { warpTasks } from './warp-tasks.ts';

/**
 * The table of kernels. A kernel takes a header (validated on both sides) and byte inputs, and gives a header and byte
 * outputs. It is a pure function of them and of the files that the header names, so its name, version, header and
 * input hashes key a ledger unit. Raise `version` whenever the same input may give another output.
 *
 * Multi-byte numbers are little-endian; images are rows of pixels, x fastest; volumes x fastest, then y, then z.
 */
export interface Task<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly version: number;
  readonly doc: string;
  readonly input: I;
  readonly output: O;
}

const task = <I extends z.ZodType, O extends z.ZodType>(t: Task<I, O>): Task<I, O> => t;

/** Limits that a decoder checks against the header before it allocates. */
export const decodeBudgetSchema = z.object({
  maxPixels: z
    .number()
    .int()
    .positive()
    .default(1 << 28),
  maxFileBytes: z
    .number()
    .int()
    .positive()
    .default(2 ** 29),
});

export const tasks = {
  ...voxelTasks,
  ...shapeTasks,
  ...warpTasks,
  ...renderTasks,
  ...scopeTasks,
  ...blockTasks,
  ...lightTasks,
  ...sectionTasks,
  ...registerTasks,
  ...surfaceTasks,
  'inspect-tile': task({
    version: 1,
    doc: 'Read an image file once: checksum, decode, metrics, 256-bin histogram, grey thumbnail. outputs[0] = thumbnail pixels (u8, stretched from 0.5 to 99.5 % for u16, as is for u8). PNG, TIFF (first picture) and JPEG, told by their first bytes; 8 or 16 bit unsigned, 1 to 4 bit stretched to 8; colour becomes luminance (BT.601), alpha is left out. A file that ends early keeps what it still holds.',
    input: z.object({
      path: z.string(),
      thumbnailPx: z.number().int().min(8).max(512).default(128),
      budget: decodeBudgetSchema.prefault({}),
    }),
    output: z.object({
      format: z.enum(['png', 'tiff', 'jpeg']),
      sizePx: size2,
      dtype: dtypeSchema,
      channels: z.number().int(),
      fileBytes: z.number().int(),
      sha256: z.string(),
      /** SHA-256 of dtype, size and decoded pixels: equal for the same picture in another file format. */
      pixelSha256: z.string(),
      thumbnailSize: size2,
      ...tileMetricsSchema.shape,
      histogram: z.array(z.number().int()).length(256),
      /** First and last grey level of the histogram: 0 and 255 for u8; those present, at least 256 apart, for u16. */
      histogramRange: z.tuple([z.number(), z.number()]).readonly(),
      /**
       * The file ended before its pixels did. What is missing is zero: rows of a PNG or a baseline JPEG; strips and tiles
       * of a TIFF (rows where it is not compressed). A progressive JPEG is whole but coarse.
       */
      truncated: z.boolean(),
      /** Fraction of the pixels that were decoded, 0 to 1. */
      decodedFraction: z.number(),
      /** Further pages, which are not read; smaller copies of the first are not counted. */
      morePictures: z.boolean().default(false),
    }),
  }),
  'decode-tile': task({
    version: 1,
    doc: 'Decode an image file to grey pixels. outputs[0] = pixels.',
    input: z.object({ path: z.string(), budget: decodeBudgetSchema.prefault({}) }),
    output: z.object({ sizePx: size2, dtype: dtypeSchema }),
  }),
  'correlate-pair': task({
    version: 8,
    doc: 'Match two overlapping tiles: phase correlation proposes (of pictures at a fraction of their size where that leaves no doubt), NCC over the true overlap decides (of pixels lightly blurred and less their local mean), and where enough of it bears that, not a grain of dust on another, sub-pixel by least squares with gain and offset free. One point for translation; several cells along the overlap for rigid and affine, also where the tiles are turned by a few degrees more than the stage says. Black or white frames of a picture are left out.',
    input: z.object({
      a: tileImageSchema,
      b: tileImageSchema,
      /** The stage's word: tile b's pixel of a pixel of tile a. Its linear part pre-warps b. */
      bFromA: affineSchema,
      /** How far the true place may lie from the stage's, level-0 pixels along each axis. */
      searchPx: z.number().positive(),
      model: z.enum(['translation', 'rigid', 'affine']),
      /** Least overlap that counts, as a fraction of the smaller tile's area; never under 64 x 64 px (4 % of a small tile). */
      minOverlap: z.number().min(0).max(1).default(0.01),
    }),
    output: z.object({
      /** Tile-space level-0 pixels of both tiles that show the same thing, one-sigma error in `sigmaPx`. Empty when nothing matched. */
      points: z.array(z.object({ a: point, b: point, ncc: z.number(), peakRatio: z.number(), sigmaPx: z.number() })),
      /** Of the best whole-overlap candidate, also where it was not good enough. */
      ncc: z.number(),
      /** Significance of the best peak over that of the second, at least 1. */
      peakRatio: z.number(),
      /** Level-0 pixels. */
      overlapPx: z.number(),
      /** '' or why there is no match: 'too little overlap', 'no texture', 'no significant peak', 'several places fit alike'. */
      reason: z.string(),
    }),
  }),
  'solve-stack': task({
    version: 4,
    doc: 'Robust regularised global least squares. inputs: [0] priors f64[tiles][6] (stackFromTile, AffineModel2D order); [1] sizes f64[tiles][2]; [2] matches f64[m][8] (tileA, tileB, ax, ay, bx, by, weight, link); [3] may be left out: holds f64[tiles], how firmly each tile is held to its prior (1 as usual, Infinity exactly). outputs: [0] solved f64[tiles][6], of polynomials the nearest affine maps; [1] residual f64[m], px; [2] kept u8[m]; [3] component i32[tiles] (-1 = unlinked, follows the stage); [4] polynomials f64[tiles][2][terms]: all coefficients of x, then of y, of 1, x, y, x², xy, y², … in tile pixels; empty for the other models.',
    input: z.object({
      model: z.enum(['translation', 'rigid', 'similarity', 'affine', 'polynomial']),
      /** Of the polynomial model. */
      order: z.number().int().min(2).max(3).default(2),
      tiles: z.number().int().min(1),
      matches: z.number().int().min(0),
      /** Expected stage error, px: how strongly the prior holds translation. */
      stageSigmaPx: z.number().positive().default(10),
      /** Prior strength on shear, scale and rotation (per unit, over the tile's extent), relative to one match, where matches call for them; firmer by as much as they do not. */
      linearPrior: z.number().min(0).default(0.01),
      /** How much more firmly than usual everything is held to the prior. */
      lambda: z.number().positive().default(1),
      robust: z.boolean().default(true),
    }),
    output: z.object({
      iterations: z.number().int(),
      /** ||Kx - b|| / ||b|| of what is given out, x counted from the prior. */
      relativeResidual: z.number(),
      /** Robust scale of the kept residuals, px. */
      sigmaPx: z.number(),
      components: z.number().int(),
    }),
  }),
  'synthesize-tile': task({
    version: 2,
    doc: 'Write one tile of the sample tissue as PNG: seeded EM-like texture, continuous over the section and from section to section; then gain, offset, vignetting, shot noise.',
    input: z.object({
      path: z.string(),
      seed: z.number().int(),
      section: z.number().int(),
      sizePx: size2,
      /** Tissue-space place of the tile's corner, pixels, sub-pixel. */
      tissueFromTile: affineSchema,
      gain: z.number().default(1),
      offset: z.number().default(0),
      /** Darkening at the corners, 0 to 1. */
      vignette: z.number().min(0).max(1).default(0),
      noiseSd: z.number().min(0).default(3),
      noiseSeed: z.number().int().default(0),
      kind: z.enum(['tissue', 'blank']).default('tissue'),
      dtype: dtypeSchema.default('uint8'),
    }),
    output: z.object({ sha256: z.string() }),
  }),
} as const;

export type TaskName = keyof typeof tasks;
export type TaskInput<T extends TaskName> = z.input<(typeof tasks)[T]['input']>;
export type TaskOutput<T extends TaskName> = z.output<(typeof tasks)[T]['output']>;

/** What a worker thread is started with: the path of the compiled kernels (`lamella-kernels.node`). */
export interface WorkerStart {
  readonly kernels: string;
}

/** Words of `WorkerRequest.cancel`, an `Int32Array` on a `SharedArrayBuffer`. */
export const cancelWords = { stop: 0, beat: 1, length: 2 } as const;

/**
 * To a worker. Inputs may lie on `SharedArrayBuffer`s; nobody writes to them until the answer is there.
 *
 * `cancel[cancelWords.stop]`: set it to 1 and the kernel ends within about 50 ms with the error `cancelled`; 0 at the start.
 * `cancel[cancelWords.beat]`: the kernel adds to it (wrapping) each time it polls, at least every 50 ms, so a pool that
 * sees the same number for several seconds while a request is out has a hung worker. While idle a worker does not beat.
 */
export interface WorkerRequest {
  readonly id: number;
  readonly task: TaskName;
  readonly header: unknown;
  readonly inputs: readonly Uint8Array[];
  readonly cancel: Int32Array;
}

/** From a worker. `error` is a `WireError`; `outputs` lie on buffers of their own, transferred. */
export type WorkerResponse =
  | { readonly t: 'ready' }
  | { readonly t: 'done'; readonly id: number; readonly header: unknown; readonly outputs: readonly Uint8Array[] }
  | { readonly t: 'failed'; readonly id: number; readonly error: unknown };
