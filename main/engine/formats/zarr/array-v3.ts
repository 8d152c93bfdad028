import { z } from 'zod';
import { voxelTypeSchema } from '../../../../preload/contract/space.ts';
import { chunkStorage, namedCodecs } from './codecs-v3.ts';
import { fillBytes } from './fill-value.ts';
import { maxExtent, sizeComplaint, type ElementType, type ZarrArray } from './zarr-array.ts';

/** `zarr.json` of an array (zarr-specs, core v3.0 and 3.1: names alone stand for objects without a configuration). */
const extents = z.array(z.number().int().min(1).max(maxExtent)).min(1).max(5);
const separator = z.enum(['/', '.']);

const keyEncoding = z.union([
  z.enum(['default', 'v2']).transform((name) => ({ name, separator: name === 'default' ? ('/' as const) : '.' })),
  z
    .object({
      name: z.enum(['default', 'v2']),
      configuration: z.object({ separator: separator.optional() }).optional(),
    })
    .transform(({ name, configuration }) => ({
      name,
      separator: configuration?.separator ?? (name === 'default' ? '/' : '.'),
    })),
]);

export const arrayV3Schema = z
  .object({
    zarr_format: z.literal(3),
    node_type: z.literal('array'),
    shape: extents,
    data_type: z.string({ error: 'Lamella reads arrays of numbers' }).max(100),
    chunk_grid: z.object({
      name: z.literal('regular', { error: 'Lamella reads regular grids' }),
      configuration: z.object({ chunk_shape: extents }),
    }),
    chunk_key_encoding: keyEncoding,
    fill_value: z.unknown(),
    codecs: z.unknown(),
    dimension_names: z.array(z.string().max(1000).nullable()).nullish(),
    storage_transformers: z.array(z.unknown()).max(0, 'storage transformers are not known to Lamella').optional(),
    attributes: z.record(z.string(), z.unknown()).optional(),
  })
  .transform((raw, context): ZarrArray => {
    const complain = (path: string, message: string): never => {
      context.addIssue({ code: 'custom', message, path: [path] });
      return z.NEVER;
    };
    const type = elementOf(raw.data_type);
    if (!type) return complain('data_type', 'Lamella reads bool, and int, uint and float of 8 to 64 bits');
    const outer = raw.chunk_grid.configuration.chunk_shape;
    if (outer.length !== raw.shape.length) return complain('chunk_grid', 'it has another rank than the shape');
    if (raw.dimension_names && raw.dimension_names.length !== raw.shape.length)
      return complain('dimension_names', 'one name a dimension is needed');
    const named = namedCodecs(raw.codecs);
    if (!named) return complain('codecs', 'it must be a list of 1 to 8 codecs');
    const storage = chunkStorage(named, outer);
    if (typeof storage === 'string') return complain('codecs', storage);
    if (storage.codecs.length > 8) return complain('codecs', 'there are more than 8');
    const sizes = sizeComplaint(raw.shape, storage.chunkShape, type);
    if (sizes !== undefined) return complain('chunk_grid', sizes);
    const fill = fillBytes(raw.fill_value, type);
    if (typeof fill === 'string') return complain('fill_value', fill);
    return {
      ...storage,
      zarrFormat: 3,
      shape: raw.shape,
      type,
      fill: fill.some((byte) => byte !== 0) ? fill : null,
      dimensionNames: raw.dimension_names ?? null,
      attributes: raw.attributes ?? {},
      fileKey: keyMaker(raw.chunk_key_encoding),
    };
  });

function elementOf(name: string): ElementType | undefined {
  if (name === 'bool') return { dtype: 'uint8', storedAs: 'bool' };
  if (name === 'float16') return { dtype: 'float32', storedAs: 'float16' };
  const known = voxelTypeSchema.safeParse(name);
  return known.success ? { dtype: known.data, storedAs: undefined } : undefined;
}

function keyMaker(encoding: z.output<typeof keyEncoding>): ZarrArray['fileKey'] {
  return encoding.name === 'v2'
    ? (indices) => indices.join(encoding.separator)
    : (indices) => ['c', ...indices].join(encoding.separator);
}
