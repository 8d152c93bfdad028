import { z } from 'zod';
import { idSchema } from './reference.ts';
import { shapeKeySchema } from './shape.ts';
import { vec3Schema } from './space.ts';

/**
 * Everything that a view is: what a session restores, a named view keeps, and the drawing worker draws. Plain JSON.
 * Positions and lengths are nanometres of world space; a layer's own space is mapped to it by `worldFromLayer`.
 */

/** x, y, z, w; of unit length. */
export const quaternionSchema = z.tuple([z.number(), z.number(), z.number(), z.number()]).readonly();
export type Quaternion = z.infer<typeof quaternionSchema>;

/** Row-major 3 x 4: world nm = m · [x, y, z, 1] in the layer's nm. */
export const matrix34Schema = z.array(z.number()).length(12).readonly();
export type Matrix34 = z.infer<typeof matrix34Schema>;

const unit = z.number().min(0).max(1);
const hexColour = z.string().regex(/^#[0-9a-f]{6}$/, 'a colour looks like #3fb6a8');
const rangeSchema = z.tuple([z.number(), z.number()]).readonly();

/**
 * How a layer's colour c with opacity a meets what is below it, d, per channel in 0 to 1: additive d + a c; over
 * d + a (c - d); max max(d, a c); min min(d, 1 + a (c - 1)); multiply d (1 + a (c - 1)); difference |d - a c|. The lowest
 * layer that is shown lies over the background: of it, min and multiply are over.
 */
export const blendSchema = z.enum(['additive', 'over', 'max', 'min', 'multiply', 'difference']);
export type Blend = z.infer<typeof blendSchema>;

const layerBase = {
  id: z.string().min(1).max(80),
  name: z.string().max(200),
  visible: z.boolean().default(true),
  opacity: unit.default(1),
  blend: blendSchema.default('over'),
  /** Null: the layer's nanometres are the world's. */
  worldFromLayer: matrix34Schema.nullable().default(null),
};

/** Opacity at positions of the window, 0 to 1, sorted by position; linear between. */
export const transferSchema = z
  .array(z.tuple([unit, unit]).readonly())
  .min(2)
  .max(32)
  .readonly();
export const volumeModeSchema = z.enum(['off', 'max', 'min', 'average', 'attenuated', 'translucent', 'surface']);
export type VolumeMode = z.infer<typeof volumeModeSchema>;

export const imageLayerSchema = z.object({
  ...layerBase,
  type: z.literal('image'),
  volume: idSchema,
  channel: z.number().int().min(0).default(0),
  /** Grey values drawn at 0 and 1: (v - lo) / (hi - lo), clipped, then to the power gamma. */
  window: rangeSchema,
  gamma: z.number().min(0.05).max(20).default(1),
  inverted: z.boolean().default(false),
  /** Black to this colour; or a map by its name (`ui/colour-maps`). */
  colour: z
    .union([z.object({ tint: hexColour }).readonly(), z.object({ map: z.string().max(40) }).readonly()])
    .default({ tint: '#ffffff' }),
  /** The layer is drawn where (column + row) of a board of `squarePx` is even, odd, or everywhere. */
  checker: z.enum(['all', 'even', 'odd']).default('all'),
  /** How the 3-D panes draw it. */
  volumeMode: volumeModeSchema.default('max'),
  /** translucent: how opacity rises with the windowed value. */
  transfer: transferSchema.default([
    [0, 0],
    [0.25, 0],
    [1, 0.5],
  ]),
  /** surface: the windowed value that it lies at. */
  surfaceAt: unit.default(0.5),
  /** attenuated: how fast what lies behind fades. */
  attenuation: z.number().min(0).max(20).default(1),
});

export const segmentationLayerSchema = z.object({
  ...layerBase,
  type: z.literal('segmentation'),
  volume: idSchema,
  /** Ids in decimal, exact. */
  selected: z
    .array(z.string().regex(/^\d{1,20}$/))
    .max(100_000)
    .default([]),
  /** What is drawn: every label with the selected ones brighter, or the selected ones alone. */
  shows: z.enum(['all', 'selected']).default('all'),
  outlines: z.boolean().default(false),
  /** Changes all colours at once; the same seed always gives the same colours. */
  colourSeed: z.number().int().min(0).max(0xffffffff).default(0),
  colours: z.record(z.string().regex(/^\d{1,20}$/), hexColour).default({}),
  volumeMode: z.enum(['off', 'on']).default('on'),
});

/** A layer of labels: shapes of those that are selected there are drawn, in their colours. Null: what `shown` says. */
const followsSchema = z.string().min(1).max(80).nullable().default(null);

export const meshLayerSchema = z.object({
  ...layerBase,
  type: z.literal('mesh'),
  /** A set of shapes of the library: `shape.list`. */
  shape: idSchema,
  /** Which are drawn; null: all, up to `mostShown`. */
  shown: z.array(shapeKeySchema).max(100_000).nullable().default(null),
  follows: followsSchema,
  /** Null: each by its id. */
  colour: hexColour.nullable().default(null),
  wireframe: z.boolean().default(false),
  /** Darkens towards the rim, 0 to 8. */
  silhouette: z.number().min(0).max(8).default(0),
  /** Outlines where meshes cut the slice panes. */
  outlines: z.boolean().default(true),
});

export const skeletonLayerSchema = z.object({
  ...layerBase,
  type: z.literal('skeleton'),
  shape: idSchema,
  shown: z.array(shapeKeySchema).max(100_000).nullable().default(null),
  follows: followsSchema,
  colour: hexColour.nullable().default(null),
  lineWidthPx: z.number().min(1).max(12).default(2),
  /** Discs of the nodes' radii in slice panes. */
  radii: z.boolean().default(true),
});

export const annotationLayerSchema = z.object({
  ...layerBase,
  type: z.literal('annotation'),
  volume: idSchema,
  colour: hexColour.nullable().default(null),
});

/** A channel of the tiles of a stack where the stitching put them, or of a dataset where the stage did. */
export const mosaicLayerSchema = z.object({
  ...layerBase,
  type: z.literal('mosaic'),
  dataset: idSchema,
  stack: idSchema.nullable().default(null),
  /** 0: the tiles' own pictures. */
  channel: z.number().int().min(0).default(0),
  window: rangeSchema,
  gamma: z.number().min(0.05).max(20).default(1),
  inverted: z.boolean().default(false),
  colour: z
    .union([z.object({ tint: hexColour }).readonly(), z.object({ map: z.string().max(40) }).readonly()])
    .default({ tint: '#ffffff' }),
  borders: z.boolean().default(false),
});

export const layerSchema = z
  .discriminatedUnion('type', [
    imageLayerSchema,
    segmentationLayerSchema,
    meshLayerSchema,
    skeletonLayerSchema,
    annotationLayerSchema,
    mosaicLayerSchema,
  ])
  .readonly();
export type Layer = z.infer<typeof layerSchema>;
export type LayerType = Layer['type'];
export type LayerOf<T extends LayerType> = Extract<Layer, { readonly type: T }>;

export const mostLayers = 500;

/** A direction to look in. `yaw` turns about y, `pitch` tilts, `roll` turns the picture; radians. */
export const orbitSchema = z
  .object({
    yaw: z.number(),
    pitch: z.number(),
    roll: z.number().default(0),
    /** 1: all of the visible layers fit the pane. */
    zoom: z.number().positive().max(1e6),
    /** Null: the middle of what is visible. */
    centreNm: vec3Schema.nullable().default(null),
  })
  .readonly();
export type Orbit = z.infer<typeof orbitSchema>;

export const paneKindSchema = z.enum(['xy', 'xz', 'yz', '3d']);
export type PaneKind = z.infer<typeof paneKindSchema>;

export const paneSchema = z
  .object({ id: z.string().min(1).max(40), kind: paneKindSchema, group: z.string().max(40) })
  .readonly();
export type PaneSpec = z.infer<typeof paneSchema>;

/** Panes that share a camera. The cross-hair is shared by all; what is null follows the view's own camera. */
export const groupSchema = z
  .object({
    id: z.string().min(1).max(40),
    name: z.string().max(80),
    nmPerPx: z.number().positive().nullable().default(null),
    rotation: quaternionSchema.nullable().default(null),
    orbit: orbitSchema.nullable().default(null),
  })
  .readonly();
export type PaneGroup = z.infer<typeof groupSchema>;

/** What is not drawn in 3-D panes: outside the box, and on the far side of the plane (n · x > distance). World nm. */
export const clipSchema = z
  .object({
    box: z.object({ min: vec3Schema, max: vec3Schema }).readonly().nullable().default(null),
    plane: z.object({ normal: vec3Schema, distanceNm: z.number() }).readonly().nullable().default(null),
  })
  .readonly();
export type Clip = z.infer<typeof clipSchema>;

export const viewDocumentSchema = z.object({
  version: z.literal(1),
  positionNm: vec3Schema,
  time: z.number().int().min(0),
  nmPerPx: z.number().positive(),
  /** Whether the scale follows the size of the panes. */
  fitted: z.boolean(),
  /** Turns the three slice planes together: their right, down and normal are the turned axes. */
  rotation: quaternionSchema,
  orbit: orbitSchema,
  /** Bottom first. */
  layers: z.array(layerSchema).max(mostLayers).readonly(),
  selectedLayer: z.string().nullable(),
  panes: z.array(paneSchema).min(1).max(24).readonly(),
  groups: z.array(groupSchema).min(1).max(8).readonly(),
  activePane: z.string(),
  /** A pane that is shown alone. */
  alone: z.string().nullable(),
  clip: clipSchema,
  slicesIn3d: z.boolean(),
  crossHair: z.boolean(),
  checkerPx: z.number().int().min(4).max(1024),
});
export type ViewDocument = z.infer<typeof viewDocumentSchema>;

export const noRotation: Quaternion = [0, 0, 0, 1];

export const fourPanes: Pick<ViewDocument, 'panes' | 'groups' | 'activePane' | 'alone'> = {
  panes: [
    { id: 'xy', kind: 'xy', group: 'main' },
    { id: '3d', kind: '3d', group: 'main' },
    { id: 'xz', kind: 'xz', group: 'main' },
    { id: 'yz', kind: 'yz', group: 'main' },
  ],
  groups: [{ id: 'main', name: 'Main', nmPerPx: null, rotation: null, orbit: null }],
  activePane: 'xy',
  alone: null,
};

export const freshDocument: ViewDocument = {
  version: 1,
  positionNm: [0, 0, 0],
  time: 0,
  nmPerPx: 1,
  fitted: true,
  rotation: noRotation,
  orbit: { yaw: -0.6, pitch: 0.75, roll: 0, zoom: 1, centreNm: null },
  layers: [],
  selectedLayer: null,
  ...fourPanes,
  clip: { box: null, plane: null },
  slicesIn3d: false,
  crossHair: true,
  checkerPx: 64,
};
