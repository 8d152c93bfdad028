import { z } from 'zod';
import { bytesPerVoxel, dtypeSchema, type Vec3 } from '../../../preload/contract/space.ts';
import type { ByteSource } from './byte-store.ts';
import { badFile, isSafeKey, readCheckedJson, toJsonBytes } from './checked-json.ts';
import { chunkExtent, gridOf, levelAt, mapAxes, maxChunkBytes, voxelsIn } from './pyramid.ts';
import type { OpenVolume, VolumeFormat, VolumeLevelPlan, VolumeNotes, VolumePlan } from './volume-format.ts';

/**
 * Neuroglancer precomputed image volumes (google/neuroglancer, src/datasource/precomputed/volume.md): one channel, raw
 * chunks, unsharded files `key/xBegin-xEnd_yBegin-yEnd_zBegin-zEnd` that count from voxel_offset, the last cut short.
 *
 * Levels sit at whole voxels from the origin of space, and voxel_offset is their outer corner, as Lamella's originNm is.
 * Where originNm is no whole number of voxels of a level, that level is placed at the nearest: off by less than a voxel
 * of its own. `alignToLevels` of pyramid.ts gives volumes without that.
 */
export const precomputed: VolumeFormat = {
  id: 'precomputed',
  metadataKey: 'info',
  adapt: (plan) => ({ ...plan, levels: plan.levels.map((level) => ({ ...level, key: scaleKey(level.voxelSizeNm) })) }),
  chunkKey: (plan, level, xyz) => chunkKeyOf(levelAt(plan, level), offsetOf(plan, level), xyz),
  encodeChunk: async (_plan, _level, _xyz, voxels) => voxels,
  metadata: (plan, notes) => [{ key: 'info', bytes: toJsonBytes(infoOf(plan, notes)) }],
  open: openPrecomputed,
};

/** `8_8_40`: the voxel size in nanometres, as the format's own tools name scales. */
const scaleKey = (voxelSizeNm: Vec3): string => voxelSizeNm.map((nm) => String(Number(nm.toPrecision(12)))).join('_');

function chunkKeyOf(level: VolumeLevelPlan, offset: Vec3, xyz: Vec3): string {
  const { min, size } = chunkExtent(level, xyz);
  const ranges = ([0, 1, 2] as const).map((i) => `${offset[i] + min[i]}-${offset[i] + min[i] + size[i]}`);
  return `${level.key}/${ranges.join('_')}`;
}

/** Outer corner of the level in its own voxels; `+ 0` because JSON has a -0 that other readers trip over. */
function offsetOf(plan: VolumePlan, level: number): Vec3 {
  const { voxelSizeNm } = levelAt(plan, level);
  return mapAxes((i) => Math.round(plan.originNm[i] / voxelSizeNm[i]) + 0);
}

function infoOf(plan: VolumePlan, { attributes }: VolumeNotes): unknown {
  return {
    '@type': 'neuroglancer_multiscale_volume',
    type: 'image',
    data_type: plan.dtype,
    num_channels: 1,
    scales: plan.levels.map((level, i) => ({
      key: level.key,
      size: level.sizeXyz,
      voxel_offset: offsetOf(plan, i),
      chunk_sizes: [level.chunkXyz],
      resolution: level.voxelSizeNm,
      encoding: 'raw',
    })),
    ...(attributes && { lamella: attributes }),
  };
}

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

const scaleSchema = z.object({
  key: z.string().refine(isSafeKey, 'a key that leads out of the dataset, or is empty'),
  size: three(extent),
  voxel_offset: three(whole).default([0, 0, 0]),
  chunk_sizes: z.array(three(extent)).min(1).max(16),
  resolution: three(z.number().positive().max(1e18)),
  encoding: z.literal('raw', { error: 'Lamella reads the encoding "raw"' }),
  sharding: z.null({ error: 'Lamella reads unsharded scales' }).optional(),
});

export const infoSchema = z.object({
  '@type': z.literal('neuroglancer_multiscale_volume').optional(),
  type: z.enum(['image', 'segmentation']),
  data_type: dtypeSchema,
  num_channels: z.literal(1, { error: 'Lamella reads volumes of one channel' }),
  scales: z.array(scaleSchema).min(1).max(32),
  lamella: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

type Scale = z.output<typeof scaleSchema>;

/** Opens the scales of an image of one channel, uint8 or uint16. Throws 'bad-source' naming the file and the field. */
export async function openPrecomputed(source: ByteSource): Promise<OpenVolume> {
  const info = await readCheckedJson(source, 'info', infoSchema);
  if (!info) throw badFile(source, 'info', 'there is no such file, so this is not a precomputed volume');
  const tooLarge = info.scales.find(
    (scale) =>
      voxelsIn(chunkOf(scale)) * bytesPerVoxel[info.data_type] > maxChunkBytes ||
      voxelsIn(scale.size) > Number.MAX_SAFE_INTEGER,
  );
  if (tooLarge) throw badFile(source, 'info', `scale "${tooLarge.key}" has chunks over 512 MiB, or over 2^53 voxels`);
  const [first] = info.scales;
  const originNm = first ? mapAxes((i) => first.voxel_offset[i] * first.resolution[i]) : ([0, 0, 0] as const);
  const plan: VolumePlan = {
    name: source.name,
    dtype: info.data_type,
    originNm,
    levels: info.scales.map((scale, i) => levelOf(scale, info.scales[i - 1])),
  };
  return new PrecomputedVolume(
    source,
    plan,
    { attributes: info.lamella ?? {} },
    info.scales.map((scale) => scale.voxel_offset),
  );
}

const chunkOf = (scale: Scale): Vec3 => scale.chunk_sizes[0] ?? scale.size;

function levelOf(scale: Scale, before: Scale | undefined): VolumeLevelPlan {
  const stepXyz = mapAxes((i) => (before ? Math.max(1, Math.round(scale.resolution[i] / before.resolution[i])) : 1));
  const chunkXyz = chunkOf(scale);
  return {
    key: scale.key,
    sizeXyz: scale.size,
    chunkXyz,
    gridXyz: gridOf(scale.size, chunkXyz),
    voxelSizeNm: scale.resolution,
    stepXyz,
  };
}

class PrecomputedVolume implements OpenVolume {
  readonly plan: VolumePlan;
  readonly notes: VolumeNotes;
  readonly #source: ByteSource;
  readonly #offsets: readonly Vec3[];

  constructor(source: ByteSource, plan: VolumePlan, notes: VolumeNotes, offsets: readonly Vec3[]) {
    this.plan = plan;
    this.notes = notes;
    this.#source = source;
    this.#offsets = offsets;
  }

  chunkKey(level: number, xyz: Vec3): string {
    return chunkKeyOf(levelAt(this.plan, level), this.#offsets[level] ?? [0, 0, 0], xyz);
  }

  async readStored(level: number, xyz: Vec3): Promise<Uint8Array | undefined> {
    const key = this.chunkKey(level, xyz);
    const stored = await this.#source.get(key, { offset: 0, length: this.#bytesOf(level, xyz) + 1 });
    if (stored?.byteLength === 0) throw badFile(this.#source, key, 'the file is empty');
    return stored;
  }

  async decode(level: number, xyz: Vec3, stored: Uint8Array): Promise<Uint8Array> {
    const wanted = this.#bytesOf(level, xyz);
    if (stored.byteLength === wanted) return stored;
    throw badFile(
      this.#source,
      this.chunkKey(level, xyz),
      `it holds ${stored.byteLength > wanted ? 'more' : `${stored.byteLength}`} bytes, not the ${wanted} of its voxels`,
    );
  }

  async readChunk(level: number, xyz: Vec3): Promise<Uint8Array | undefined> {
    const stored = await this.readStored(level, xyz);
    return stored && this.decode(level, xyz, stored);
  }

  #bytesOf(level: number, xyz: Vec3): number {
    return voxelsIn(chunkExtent(levelAt(this.plan, level), xyz).size) * bytesPerVoxel[this.plan.dtype];
  }
}
