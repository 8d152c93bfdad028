import { z } from 'zod';
import { isSafeKey } from './checked-json.ts';

/** The attributes of an image of NGFF 0.1 to 0.6, as far as reading it needs them. */
const finite = z.number().min(-1e18).max(1e18);
const axisSchema = z.union([
  z
    .string()
    .max(100)
    .transform((name) => ({ name, type: undefined, unit: undefined })),
  z
    .object({
      name: z.string().min(1).max(100),
      type: z.string().max(100).nullish(),
      unit: z.string().max(100).nullish(),
    })
    .transform(({ name, type, unit }) => ({ name, type: type ?? undefined, unit: unit ?? undefined })),
]);
export type OmeAxis = z.output<typeof axisSchema>;

const axes = z.array(axisSchema).min(1).max(5);
const transforms = z.array(z.unknown()).max(64);

/** A coordinate system by its name, or (0.6) by an object that names it. */
const systemName = z
  .union([z.string().max(1000), z.looseObject({ name: z.string().max(1000).optional() }).transform(({ name }) => name)])
  .optional()
  .catch(undefined);
export const linkSchema = z
  .looseObject({ input: systemName, output: systemName })
  .catch({ input: undefined, output: undefined });

const multiscaleSchema = z.object({
  name: z.string().max(1000).nullish().catch(undefined),
  version: z.string().max(40).optional().catch(undefined),
  axes: axes.optional(),
  coordinateSystems: z
    .array(z.object({ name: z.string().max(1000), axes }))
    .min(1)
    .max(64)
    .optional(),
  datasets: z
    .array(
      z.object({
        path: z.string().refine(isSafeKey, 'a path that leads out of the dataset, or is empty'),
        coordinateTransformations: transforms.nullish(),
      }),
    )
    .min(1)
    .max(32),
  coordinateTransformations: transforms.nullish(),
});
export type OmeMultiscale = z.output<typeof multiscaleSchema>;

const channelSchema = z.object({
  label: z
    .union([z.string().max(1000), z.number().transform(String)])
    .optional()
    .catch(undefined),
  color: z
    .string()
    .regex(/^#?[\da-f]{6}$/i)
    .transform((color) => color.replace('#', ''))
    .optional()
    .catch(undefined),
  window: z.object({ start: finite, end: finite }).optional().catch(undefined),
});

export const omeImageSchema = z.object({
  version: z.string().max(40).optional().catch(undefined),
  multiscales: z.array(multiscaleSchema).min(1).max(64),
  omero: z
    .object({ channels: z.array(channelSchema.catch({})).max(10_000) })
    .optional()
    .catch(undefined),
  'image-label': z.looseObject({}).optional().catch(undefined),
});
export type OmeImage = z.output<typeof omeImageSchema>;
