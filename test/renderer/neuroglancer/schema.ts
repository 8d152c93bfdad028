import { z } from 'zod';

/**
 * docs/json_schema/viewer_state.yml and layer.yml of google/neuroglancer, in zod: what an exported state must be. Where the
 * schema leaves a thing open that the viewer's own parsers check, the parsers' rule is here (coordinate_transform.ts,
 * layer_groups_layout.ts, segmentation/index.ts).
 */
const quaternion = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const positive = z.number().positive();
const unit = z.string().regex(/^$|^(da|[YZEPTGMkhdcmuµnpfazy])?(m|s|Hz|rad\/s)$/);
/** Names as isValidDimensionName takes them. */
const dimensions = z.record(z.string().regex(/^[a-zA-Z][a-zA-Z_0-9]*['^]?$/), z.tuple([positive, unit]));

const panels = z.enum(['4panel-alt', '4panel', 'xy', 'xz', 'yz', '3d', 'xy-3d', 'xz-3d', 'yz-3d']);
const dataPanel = z.strictObject({ type: panels, orthographicProjection: z.boolean().optional() });
const own = <S extends z.ZodType>(value: S) =>
  z.strictObject({ link: z.enum(['linked', 'relative', 'unlinked']), value }).optional();
const viewer = z.strictObject({
  type: z.literal('viewer'),
  flex: z.number().optional(),
  layers: z.array(z.string()),
  layout: z.union([panels, dataPanel]),
  crossSectionOrientation: own(quaternion),
  crossSectionScale: own(positive),
  projectionOrientation: own(quaternion),
  projectionScale: own(positive),
});
const stack: z.ZodType = z.lazy(() =>
  z.strictObject({
    type: z.enum(['row', 'column']),
    flex: z.number().optional(),
    children: z.array(z.union([viewer, stack, dataPanel])).min(1),
  }),
);

const matrix = z.array(z.array(z.number()));
const transform = z
  .strictObject({ matrix: matrix.optional(), outputDimensions: dimensions, inputDimensions: dimensions.optional() })
  .refine(({ matrix: m, outputDimensions: out }) => {
    const rank = Object.keys(out).length;
    return m === undefined || (m.length === rank && m.every((row) => row.length === rank + 1));
  }, 'a matrix has a row for each output dimension, and one column more');
const source = z.union([
  z.string().min(1),
  z.strictObject({ url: z.string().min(1), transform: transform.optional() }),
]);

const layerBase = {
  name: z.string().min(1),
  visible: z.boolean().optional(),
  source: z.union([source, z.array(source)]),
};
const alpha = z.number().min(0).max(1);
const colour = z.string().regex(/^#[0-9a-f]{6}$/);
const uint64 = z.string().regex(/^\d{1,20}$/);
const invlerp = z.strictObject({
  range: z.tuple([z.number(), z.number()]),
  channel: z.array(z.number().int()).optional(),
});
const layer = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('image'),
    ...layerBase,
    localDimensions: dimensions.optional(),
    localPosition: z.array(z.number()).optional(),
    opacity: alpha,
    blend: z.enum(['default', 'additive']),
    shader: z.string().includes('void main()').optional(),
    shaderControls: z.record(z.string(), z.union([invlerp, colour, z.number()])).optional(),
    volumeRendering: z.enum(['off', 'on', 'max', 'min']).optional(),
  }),
  z.strictObject({
    type: z.literal('segmentation'),
    ...layerBase,
    segments: z.array(uint64).optional(),
    selectedAlpha: alpha.optional(),
    notSelectedAlpha: alpha.optional(),
    ignoreNullVisibleSet: z.boolean().optional(),
    colorSeed: z.number().int().min(0).max(0xffffffff).optional(),
    segmentColors: z.record(uint64, colour).optional(),
  }),
  z.strictObject({ type: z.literal('mesh'), ...layerBase }),
  z.strictObject({
    type: z.literal('annotation'),
    ...layerBase,
    annotationColor: colour.optional(),
    annotations: z.array(
      z.union([
        z.strictObject({
          id: z.string(),
          type: z.literal('point'),
          point: z.array(z.number()),
          description: z.string().optional(),
        }),
        z.strictObject({
          id: z.string(),
          type: z.literal('line'),
          pointA: z.array(z.number()),
          pointB: z.array(z.number()),
          description: z.string().optional(),
        }),
      ]),
    ),
  }),
]);

export const viewerStateRules = z
  .strictObject({
    dimensions,
    position: z.array(z.number()),
    crossSectionOrientation: quaternion,
    crossSectionScale: positive,
    projectionOrientation: quaternion,
    projectionScale: positive.optional(),
    layers: z.array(layer),
    selectedLayer: z.strictObject({ visible: z.boolean(), layer: z.string() }).optional(),
    showAxisLines: z.boolean(),
    showSlices: z.boolean(),
    layout: z.union([panels, dataPanel, stack]),
  })
  .refine(
    ({ dimensions: d, position }) => Object.keys(d).length === position.length,
    'a position has one number a dimension',
  )
  .refine(({ layers }) => new Set(layers.map(({ name }) => name)).size === layers.length, 'names of layers are unique');
