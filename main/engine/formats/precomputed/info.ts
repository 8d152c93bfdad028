import { z } from 'zod';
import { bytesPerVoxel, voxelTypeSchema, type Vec3 } from '../../../../preload/contract/space.ts';
import type { ByteSource } from '../byte-store.ts';
import { badFile, isSafeKey, readCheckedJson } from '../checked-json.ts';
import { gridOf, mapAxes, maxChunkBytes, plainImage, voxelsIn } from '../pyramid.ts';
import type { VolumeLevelPlan, VolumePlan } from '../volume-format.ts';
import { mortonAxes } from './morton.ts';
import { shardingSchema, type Sharding } from './sharding.ts';

/** The `info` file of a volume: google/neuroglancer, src/datasource/precomputed/volume.rst and frontend.ts. */
const encodings = ['raw', 'jpeg', 'png', 'jxl', 'compressed_segmentation', 'compresso'] as const;
export type PrecomputedEncoding = (typeof encodings)[number];

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 300) ?? 'nothing';

const whole = z
  .number()
  .int()
  .min(-(2 ** 31))
  .max(2 ** 31 - 1);
const extent = z
  .number()
  .int()
  .min(1)
  .max(2 ** 31 - 1);
const three = <T extends z.ZodType>(of: T) => z.tuple([of, of, of]).readonly();

/** Neuroglancer compares these names without case. */
const anyCase = <T extends z.ZodType>(of: T) =>
  z.preprocess((name) => (typeof name === 'string' ? name.toLowerCase() : name), of);

const scaleSchema = z.object({
  key: z.string().refine(isSafeKey, 'a key that leads out of the dataset, or is empty'),
  size: three(extent),
  voxel_offset: three(whole).default([0, 0, 0]),
  chunk_sizes: z.array(three(extent)).min(1).max(64),
  resolution: three(z.number().positive().max(1e18)),
  encoding: anyCase(
    z.enum(encodings, { error: (issue) => `Lamella reads ${encodings.join(', ')} (given: ${shown(issue.input)})` }),
  ),
  compressed_segmentation_block_size: three(extent.max(256)).default([8, 8, 8]),
  sharding: shardingSchema.nullish(),
});

const infoSchema = z.object({
  // First, so that it is what is said of an info that has nothing else.
  redirect: z.undefined({ error: (issue) => `it leads to ${shown(issue.input)}; open that place instead` }).optional(),
  '@type': z.literal('neuroglancer_multiscale_volume').optional(),
  type: anyCase(z.enum(['image', 'segmentation'])),
  data_type: anyCase(voxelTypeSchema),
  num_channels: z.number().int().min(1).max(65_536).default(1),
  scales: z.array(scaleSchema).min(1).max(64),
  /** A folder below. */
  segment_properties: z.string().max(1024).optional().catch(undefined),
  lamella: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

export type Info = z.output<typeof infoSchema>;
export type Scale = z.output<typeof scaleSchema>;

/** One scale, with what reading its chunks needs. */
export interface OpenScale {
  readonly offset: Vec3;
  readonly encoding: PrecomputedEncoding;
  readonly segmentationBlock: Vec3;
  readonly sharding: Sharding | null;
}

/** Throws 'bad-source' that names the field, and on a redirect, which is never followed. */
export async function readInfo(source: ByteSource): Promise<Info> {
  const info = await readCheckedJson(source, 'info', infoSchema);
  if (!info) throw badFile(source, 'info', 'there is no such file, so this is no precomputed volume');
  for (const scale of info.scales) checkScale(source, info, scale);
  return info;
}

function checkScale(source: ByteSource, info: Info, scale: Scale): void {
  const bytes = voxelsIn(chunkOf(scale)) * bytesPerVoxel[info.data_type] * info.num_channels;
  const why = bytes > maxChunkBytes ? 'has chunks over 512 MiB' : whyUnreadable(info, scale);
  if (why) throw badFile(source, 'info', `scale "${scale.key}" ${why}`);
}

function whyUnreadable(info: Info, scale: Scale): string | undefined {
  const { data_type: dtype, num_channels: channels } = info;
  const { encoding, size, sharding } = scale;
  if (sharding && mortonAxes(gridOf(size, chunkOf(scale))).length > 64) return 'has more chunks than keys of 64 bits';
  if (voxelsIn(size) > Number.MAX_SAFE_INTEGER) return 'has over 2^53 voxels';
  const fits = holds(encoding, dtype, channels);
  return fits ? undefined : `says ${encoding}, which can't hold ${channels} channel(s) of ${dtype}`;
}

/** Which types and how many channels an encoding can hold. */
export function holds(encoding: PrecomputedEncoding, dtype: Info['data_type'], channels: number): boolean {
  switch (encoding) {
    case 'raw':
      return true;
    case 'jpeg':
      return dtype === 'uint8' && (channels === 1 || channels === 3);
    case 'jxl':
      return dtype === 'uint8' && [1, 3, 4].includes(channels);
    case 'png':
      return (dtype === 'uint8' || dtype === 'uint16') && channels <= 4;
    case 'compressed_segmentation':
      return dtype === 'uint32' || dtype === 'uint64';
    case 'compresso':
      return dtype.startsWith('uint') && channels === 1;
  }
}

/** The first of several sizes, as other readers take it. */
const chunkOf = (scale: Scale): Vec3 => scale.chunk_sizes[0] ?? scale.size;

export function planOf(name: string, info: Info): VolumePlan {
  const channel = { name: '', color: null, window: null };
  return {
    ...plainImage,
    name,
    kind: info.type,
    dtype: info.data_type,
    channels: Array.from({ length: info.num_channels }, () => channel),
    levels: info.scales.map((scale, i) => levelOf(scale, info.scales[i - 1])),
  };
}

function levelOf(scale: Scale, before: Scale | undefined): VolumeLevelPlan {
  const chunkXyz = chunkOf(scale);
  return {
    key: scale.key,
    sizeXyz: scale.size,
    chunkXyz,
    gridXyz: gridOf(scale.size, chunkXyz),
    voxelSizeNm: scale.resolution,
    // The outer corner of voxel 0; `+ 0` because -0 is no origin.
    originNm: mapAxes((i) => scale.voxel_offset[i] * scale.resolution[i] + 0),
    stepXyz: mapAxes((i) => (before ? Math.max(1, Math.round(scale.resolution[i] / before.resolution[i])) : 1)),
  };
}

export const openScaleOf = (scale: Scale): OpenScale => ({
  offset: scale.voxel_offset,
  encoding: scale.encoding,
  segmentationBlock: scale.compressed_segmentation_block_size,
  sharding: scale.sharding ?? null,
});
