import { z } from 'zod';
import type { ChunkCodecSpec } from '../../../../native-workers/voxel-tasks.ts';
import { bytesPerVoxel, voxelTypeSchema, type VoxelType } from '../../../../preload/contract/space.ts';
import type { ByteSource } from '../byte-store.ts';
import { badFile, readCheckedJson } from '../checked-json.ts';
import { maxChunkBytes } from '../pyramid.ts';

/** `attributes.json` of N5 (github.com/saalfeldlab/n5, specification 4): of a dataset, and of the groups above it. */
const count = z
  .number()
  .int()
  .min(1)
  .max(2 ** 40);
const perAxis = <T extends z.ZodType>(of: T) => z.array(of).min(1).max(5);

const compressionSchema = z.looseObject({ type: z.string() });

const datasetSchema = z
  .object({
    dimensions: perAxis(count),
    blockSize: perAxis(count.max(2 ** 31 - 1)),
    dataType: z.string().pipe(voxelTypeSchema),
    compression: compressionSchema.optional(),
    /** Before version 2. */
    compressionType: z.string().optional(),
  })
  .refine(({ dimensions, blockSize }) => dimensions.length === blockSize.length, {
    path: ['blockSize'],
    message: 'it has another number of axes than dimensions',
  });

const numbers = perAxis(z.number());
/** What says where voxels lie; what can't be read counts as not said. Groups hand it down to what is in them. */
const placeSchema = z.object({
  axes: perAxis(z.string()).optional().catch(undefined),
  units: perAxis(z.string()).optional().catch(undefined),
  resolution: numbers.optional().catch(undefined),
  pixelResolution: z
    .union([numbers, z.object({ unit: z.string().default('um'), dimensions: numbers })])
    .optional()
    .catch(undefined),
  offset: numbers.optional().catch(undefined),
  scales: z.array(numbers).optional().catch(undefined),
  downsamplingFactors: z
    .union([z.array(numbers), numbers])
    .optional()
    .catch(undefined),
  lamella: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
export type N5Place = z.output<typeof placeSchema>;

const anySchema = z.looseObject({ dimensions: z.unknown().optional(), n5: z.unknown().optional() });

export interface N5Attributes {
  readonly isDataset: boolean;
  /** Whether the file says that this is the root of a container. */
  readonly isRoot: boolean;
  readonly place: N5Place;
}

export const keyIn = (path: string, name: string): string => (path === '' ? name : `${path}/${name}`);
const attributesKey = (path: string): string => keyIn(path, 'attributes.json');

/** Undefined where the path has no attributes. */
export async function readAttributes(source: ByteSource, path: string): Promise<N5Attributes | undefined> {
  const found = await readCheckedJson(source, attributesKey(path), anySchema);
  if (!found) return undefined;
  return {
    isDataset: found.dimensions !== undefined,
    isRoot: found.n5 !== undefined,
    place: placeSchema.parse(found),
  };
}

/** One array of voxels. Axes in the order of the file, which is fastest first. */
export interface N5Dataset {
  readonly path: string;
  readonly dimensions: readonly number[];
  readonly blockSize: readonly number[];
  readonly dtype: VoxelType;
  readonly codecs: ChunkCodecSpec[];
  /** "gzip" */
  readonly compression: string;
  readonly place: N5Place;
}

/** Undefined where there is none. Throws 'bad-source' on what Lamella can't read, and on blocks over 512 MiB. */
export async function readDataset(source: ByteSource, path: string): Promise<N5Dataset | undefined> {
  const key = attributesKey(path);
  const attributes = await readAttributes(source, path);
  if (!attributes?.isDataset) return undefined;
  const given = await readCheckedJson(source, key, datasetSchema);
  if (!given) return undefined;
  const { dimensions, blockSize, dataType: dtype } = given;
  const product = (of: readonly number[]): number => of.reduce((a, b) => a * b, 1);
  if (product(blockSize) * bytesPerVoxel[dtype] > maxChunkBytes)
    throw badFile(source, key, `blockSize: its blocks of ${blockSize.join(' x ')} are over 512 MiB`);
  if (product(dimensions) > Number.MAX_SAFE_INTEGER)
    throw badFile(source, key, `dimensions: ${dimensions.join(' x ')} are over 2^53 voxels`);
  const compression = given.compression ?? { type: given.compressionType ?? 'raw' };
  const codecs = codecsOf(compression, bytesPerVoxel[dtype]);
  if (!codecs) throw badFile(source, key, `compression: Lamella does not read "${compression.type.slice(0, 100)}"`);
  return { path, dimensions, blockSize, dtype, codecs, compression: compression.type, place: attributes.place };
}

function codecsOf(compression: z.output<typeof compressionSchema>, typesize: number): ChunkCodecSpec[] | undefined {
  switch (compression.type) {
    case 'raw':
      return [];
    case 'gzip':
      return [{ name: compression['useZlib'] === true ? 'zlib' : 'gzip' }];
    case 'lz4':
      return [{ name: 'lz4-blocks' }];
    case 'blosc':
      return [{ name: 'blosc', typesize }];
    case 'bzip2':
    case 'xz':
    case 'zstd':
      return [{ name: compression.type }];
    default:
      return undefined;
  }
}
