import { z } from 'zod';
import { affineSchema } from '../preload/contract/space.ts';
import { point, size2 } from './tile-image.ts';

/** Kernels that align sections to each other. Pictures are 8 bits a pixel, 0 = nothing there. */

const frame = z.object({
  sizePx: size2,
  /** Section-space corner of the first pixel. */
  originPx: point,
  /** Section-space pixels a pixel of the picture. */
  stepPx: z.number().positive(),
});
export type PictureFrame = z.infer<typeof frame>;

/** `edges`: bright and dark may be swapped between the pictures. */
export const contrastSchema = z.enum(['levels', 'edges']);
const contrast = contrastSchema.default('levels');

/** Nodes lie every `spacingPx` over a section, x fastest; an input says where they come to. */
export const sectionMeshSchema = z.object({
  originPx: point,
  spacingPx: z.number().positive(),
  columns: z.number().int().min(4),
  rows: z.number().int().min(4),
});

const sectionMap = z.object({ affine: affineSchema, mesh: sectionMeshSchema.optional() });

export const sectionTasks = {
  'section-features': {
    version: 1,
    doc: 'Find features of a section: extrema of differences of Gaussians with descriptors of 128 numbers. inputs[0] = picture. outputs[0] = features, 144 bytes each.',
    input: z.object({ frame, contrast, most: z.number().int().min(1).max(20_000).default(1500) }),
    output: z.object({
      features: z.number().int(),
      /** Part of the picture that is there, 0 to 1. */
      covered: z.number(),
    }),
  },
  'match-sections-rough': {
    version: 1,
    doc: 'Find section b in section a, turned by any angle or upside down: features that agree propose, else a search over rotations; the correlation of the pictures there must stand out. inputs: pictures of a and b, features of a and b.',
    input: z.object({ a: frame, b: frame, contrast, mirrored: z.boolean().default(true) }),
    output: z.object({
      /** Section b's place of a place of section a; null where nothing was found. */
      bFromA: affineSchema.nullable(),
      mirrored: z.boolean(),
      /** Features that agree, of those that looked alike. */
      inliers: z.number().int(),
      candidates: z.number().int(),
      ncc: z.number(),
      /** How far the correlation stands out from those of wrong places, in their standard deviations. */
      significance: z.number(),
      foundBy: z.enum(['features', 'rotations', '']),
      reason: z.string(),
    }),
  },
  'match-sections-fine': {
    version: 1,
    doc: 'Match blocks of section a in section b from a rough map, in two passes: correlation at sub-pixel peaks, with filters for ambiguous peaks, ridges and blocks that moved otherwise than their neighbours. inputs: pictures of a and b. outputs[0] = f64[matched][5]: place in a, place in b, correlation.',
    input: z.object({
      a: frame,
      b: frame,
      contrast,
      bFromA: affineSchema,
      /** Section-space pixels of a: between blocks, side of a block, how far off the rough map may be. */
      spacingPx: z.number().positive(),
      blockPx: z.number().positive(),
      searchPx: z.number().positive(),
      leastNcc: z.number().default(0.2),
    }),
    output: z.object({
      /** Blocks by fate: matched, empty, weak, ambiguous, ridge, alone, outside. */
      fates: z.array(z.number().int()).length(7),
      /** Median correlation of the matched. */
      ncc: z.number(),
      /** How far the matched lie from one affine map, RMS; and by how much that map stretches areas beside the rough one. */
      scatterPx: z.number(),
      stretch: z.number(),
      /** Part of the matched of the first pass whose correlation only one block in twenty reaches where it does not belong. */
      significant: z.number(),
    }),
  },
  'place-sections': {
    version: 1,
    doc: 'Rigid or affine maps of all sections at once, robust. inputs: f64[sections][4] bounds (x0, y0, x1, y1); f64[m][7] matches (section a, section b, place in a, place in b, weight), sections in the order of z; f64[sections] z. outputs: [0] f64[sections][6] alignedFromSection; [1] f64[m] miss, px; [2] i32[sections] part, -1 = joined to none.',
    input: z.object({
      model: z.enum(['rigid', 'affine']),
      sections: z.number().int().min(1),
      linearPrior: z.number().min(0).default(0.02),
      keepTrend: z.boolean().default(false),
    }),
    output: z.object({ medianPx: z.number(), components: z.number().int() }),
  },
  'relax-sections': {
    version: 1,
    doc: 'Elastic maps of all sections at once: meshes that resist bending, drawn together by what they share. inputs: bounds and matches as of place-sections around f64[sections][6] alignedFromSection to begin with (bounds, maps, matches), nodes of a coarser level or nothing, f64[sections] z. outputs: [0] f64[nodes][2] where all nodes of all sections come to; [1] f64[m] miss, px.',
    input: z.object({
      sections: z.number().int().min(1),
      spacingPx: z.number().positive(),
      /** Deformations of wavelengths below this are taken for noise, px. */
      cutoffPx: z.number().positive(),
      startSpacingPx: z.number().positive().nullable().default(null),
      keepTrend: z.boolean().default(false),
    }),
    output: z.object({
      meshes: z.array(sectionMeshSchema.omit({ spacingPx: true })),
      steps: z.number().int(),
      medianPx: z.number(),
      /** The steepest tilt that was left in place, px a unit of z. */
      trendPx: z.number(),
    }),
  },
  'compare-sections': {
    version: 1,
    doc: 'How alike two sections are where maps lay them over each other. inputs: pictures of a and b, f64[n][2] nodes of the meshes of a and b (empty where a map is affine).',
    input: z.object({ a: frame, b: frame, contrast, mapA: sectionMap, mapB: sectionMap }),
    output: z.object({
      /** Of the pixels that both have, lightly blurred and less their local mean. */
      ncc: z.number(),
      /** Those, as a part of the smaller picture. */
      overlap: z.number(),
    }),
  },
} as const;
