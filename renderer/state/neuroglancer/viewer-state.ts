import { z } from 'zod';

/**
 * What Lamella reads of a viewer state of Neuroglancer, its forks and its forebears. Anything else may be there; what is
 * of another shape than Neuroglancer takes is left out and named by the readers, so every field is optional and loose.
 */
const numbers = z.array(z.coerce.number());
const loose = <S extends z.ZodType>(schema: S) => schema.optional().catch(undefined);

/** Name → [size of a unit, unit], or labels instead of a scale. */
export const dimensionsSchema = z.record(
  z.string(),
  z.union([z.tuple([z.number(), z.string()]), z.object({ coordinates: z.array(z.unknown()) })]),
);
export type Dimensions = z.infer<typeof dimensionsSchema>;

export const transformSchema = z.object({
  matrix: loose(z.array(numbers)),
  outputDimensions: loose(dimensionsSchema),
  inputDimensions: loose(dimensionsSchema),
});
export type SourceTransform = z.infer<typeof transformSchema>;

export const sourceSchema = z.union([
  z.string(),
  z.looseObject({ url: z.string(), transform: loose(transformSchema) }),
]);

const annotationSchema = z.looseObject({
  type: loose(z.string()),
  point: loose(numbers),
  pointA: loose(numbers),
  pointB: loose(numbers),
  description: loose(z.string()),
});
export type NgAnnotation = z.infer<typeof annotationSchema>;

export const ngLayerSchema = z.looseObject({
  type: loose(z.string()),
  name: loose(z.string()),
  visible: loose(z.boolean()),
  archived: loose(z.boolean()),
  source: loose(z.union([sourceSchema, z.array(sourceSchema)])),
  /** Of before 2019: 4 x 4. */
  transform: z.unknown().optional(),
  localDimensions: loose(dimensionsSchema),
  localPosition: loose(numbers),
  // image
  opacity: loose(z.number()),
  blend: loose(z.string()),
  shader: loose(z.string()),
  shaderControls: loose(z.record(z.string(), z.unknown())),
  volumeRendering: loose(z.union([z.boolean(), z.string()])),
  // image, of NDViz
  color: loose(z.string()),
  min: loose(z.number()),
  max: loose(z.number()),
  // segmentation
  segments: loose(z.array(z.union([z.string(), z.number()]))),
  segmentColors: loose(z.record(z.string(), z.unknown())),
  colorSeed: loose(z.number()),
  selectedAlpha: loose(z.number()),
  notSelectedAlpha: loose(z.number()),
  ignoreNullVisibleSet: loose(z.boolean()),
  hideSegmentZero: loose(z.boolean()),
  equivalences: loose(z.array(z.unknown())),
  mesh: loose(z.string().nullable()),
  skeletons: loose(z.string().nullable()),
  // annotation
  annotations: loose(z.array(annotationSchema)),
  points: loose(z.array(z.unknown())),
  annotationColor: loose(z.string()),
});
export type NgLayer = z.infer<typeof ngLayerSchema>;

const quaternion = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const linked = z.union([z.looseObject({ link: loose(z.string()), value: z.unknown() }), quaternion, z.number()]);

interface LayoutObject {
  readonly type: string;
  readonly [key: string]: unknown;
}
export const layoutSchema = z.union([z.string(), z.looseObject({ type: z.string() })]);
export type NgLayout = string | LayoutObject;

export const viewerLayoutSchema = z.looseObject({
  layers: loose(z.array(z.string())),
  layout: loose(layoutSchema),
  position: z.unknown().optional(),
  crossSectionOrientation: loose(linked),
  crossSectionScale: loose(linked),
  projectionOrientation: loose(linked),
  projectionScale: loose(linked),
});
export type ViewerLayout = z.infer<typeof viewerLayoutSchema>;

export const viewerStateSchema = z.looseObject({
  dimensions: loose(dimensionsSchema),
  relativeDisplayScales: loose(numbers),
  displayDimensions: loose(z.array(z.string())),
  position: loose(numbers),
  crossSectionOrientation: loose(quaternion),
  crossSectionScale: loose(z.number().positive()),
  projectionOrientation: loose(quaternion),
  projectionScale: loose(z.number().positive()),
  layers: loose(z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())])),
  selectedLayer: loose(z.looseObject({ layer: loose(z.string()) })),
  showAxisLines: loose(z.boolean()),
  showSlices: loose(z.boolean()),
  layout: loose(layoutSchema),
  // Of before 2019
  navigation: loose(
    z.looseObject({
      pose: loose(
        z.looseObject({
          position: loose(z.looseObject({ voxelSize: loose(numbers), voxelCoordinates: loose(numbers) })),
          orientation: loose(quaternion),
        }),
      ),
      zoomFactor: loose(z.number().positive()),
    }),
  ),
  perspectiveOrientation: loose(quaternion),
  perspectiveZoom: loose(z.number().positive()),
});
export type ViewerState = z.infer<typeof viewerStateSchema>;
