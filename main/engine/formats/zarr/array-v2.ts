import { z } from 'zod';
import type { ChunkCodecSpec } from '../../../../native-workers/voxel-tasks.ts';
import type { VoxelType } from '../../../../preload/contract/space.ts';
import { numCodec, type NumCodec } from './codecs-v2.ts';
import { fillBytes } from './fill-value.ts';
import { maxExtent, sizeComplaint, type ElementType, type ZarrArray } from './zarr-array.ts';

/** `.zarray` of Zarr v2 (zarr-specs, v2). */
const extents = z.array(z.number().int().min(1).max(maxExtent)).min(1).max(5);
const codec = z.looseObject({ id: z.string().max(100) });

export const arrayV2Schema = z
  .object({
    zarr_format: z.literal(2),
    shape: extents,
    chunks: extents,
    dtype: z.string({ error: 'Lamella reads arrays of numbers' }).max(100),
    compressor: codec.nullish(),
    filters: z.array(codec).max(6).nullish(),
    fill_value: z.unknown(),
    order: z.enum(['C', 'F']),
    dimension_separator: z.enum(['.', '/']).default('.'),
  })
  .transform((raw, context): ZarrArray => {
    const complain = (path: string, message: string): never => {
      context.addIssue({ code: 'custom', message, path: [path] });
      return z.NEVER;
    };
    const type = elementOf(raw.dtype);
    if (!type) return complain('dtype', 'Lamella reads |b1, and u, i and f of 1 to 8 bytes');
    const sizes = sizeComplaint(raw.shape, raw.chunks, type);
    if (sizes !== undefined) return complain('chunks', sizes);
    const fill = fillBytes(raw.fill_value, type);
    if (typeof fill === 'string') return complain('fill_value', fill);
    const codecs = codecsOf([...(raw.filters ?? []), ...(raw.compressor ? [raw.compressor] : [])], raw.dtype);
    if (typeof codecs === 'string') return complain(raw.filters?.length ? 'filters' : 'compressor', codecs);
    const dims = raw.shape.map((_, i) => i);
    return {
      zarrFormat: 2,
      shape: raw.shape,
      chunkShape: raw.chunks,
      type,
      fill: fill.some((byte) => byte !== 0) ? fill : null,
      endian: raw.dtype.startsWith('>') ? 'big' : 'little',
      codecs,
      storedDims: raw.order === 'C' ? dims : [...dims].reverse(),
      shards: [],
      dimensionNames: null,
      attributes: {},
      fileKey: (indices) => indices.join(raw.dimension_separator),
    };
  });

const kinds: ReadonlyMap<string, VoxelType> = new Map<string, VoxelType>([
  ['u1', 'uint8'],
  ['i1', 'int8'],
  ['u2', 'uint16'],
  ['i2', 'int16'],
  ['u4', 'uint32'],
  ['i4', 'int32'],
  ['u8', 'uint64'],
  ['i8', 'int64'],
  ['f4', 'float32'],
  ['f8', 'float64'],
]);

function elementOf(dtype: string): ElementType | undefined {
  if (dtype === '|b1') return { dtype: 'uint8', storedAs: 'bool' };
  if (/^[<>]f2$/.test(dtype)) return { dtype: 'float32', storedAs: 'float16' };
  const known = /^(?:[<>]|\|(?=.1))([uif][1248])$/.exec(dtype)?.[1];
  const type = kinds.get(known ?? '');
  return type && { dtype: type, storedAs: undefined };
}

function codecsOf(given: readonly NumCodec[], dtype: string): readonly ChunkCodecSpec[] | string {
  const elements = new Set([dtype, ...(dtype.endsWith('1') ? [`|${dtype.slice(1)}`] : [])]);
  const codecs = given.map((one) => numCodec(one, elements));
  const wrong = codecs.find((one) => typeof one === 'string');
  return wrong ?? codecs.filter((one) => typeof one !== 'string');
}
