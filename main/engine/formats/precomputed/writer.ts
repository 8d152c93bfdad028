import { LamellaError } from '../../../../preload/contract/errors.ts';
import { bytesPerVoxel, type Vec3 } from '../../../../preload/contract/space.ts';
import { badPlanBlock, blockOf } from '../blocks.ts';
import { toJsonBytes } from '../checked-json.ts';
import { gridOf, levelAt, mapAxes, maxChunkBytes, plainImage, voxelsIn } from '../pyramid.ts';
import type {
  BlockAt,
  ChunkCodec,
  Part,
  VolumeLevelPlan,
  VolumeNotes,
  VolumePlan,
  VolumeWriter,
  WriteChoices,
} from '../volume-format.ts';
import { codecsOf } from './chunk-codecs.ts';
import { holds, type PrecomputedEncoding } from './info.ts';
import { layOutShards, makeShard, type ShardLayout } from './shard-writer.ts';
import { chunkKeyOf } from './volume.ts';

export const writtenEncodings = ['raw', 'compressed_segmentation', 'jpeg', 'png'] as const;
type WrittenEncoding = (typeof writtenEncodings)[number];

const segmentationBlock: Vec3 = [8, 8, 8];

/** Throws 'invalid-input' on what the format can't hold. */
export function precomputedWriter(plan: VolumePlan, choices: WriteChoices, codec: ChunkCodec): VolumeWriter {
  const encoding = encodingOf(choices.encoding);
  const adapted = adapt(plan, choices.chunkXyz);
  checkWritable(plan, adapted, encoding);
  return new PrecomputedWriter(adapted, { ...choices, encoding }, codec);
}

interface Choices extends WriteChoices {
  readonly encoding: WrittenEncoding;
}

class PrecomputedWriter implements VolumeWriter {
  readonly plan: VolumePlan;
  readonly #choices: Choices;
  readonly #codec: ChunkCodec;
  /** By level; null where chunks are files. */
  readonly #shards: readonly (ShardLayout | null)[];

  constructor(plan: VolumePlan, choices: Choices, codec: ChunkCodec) {
    this.plan = plan;
    this.#choices = choices;
    this.#codec = codec;
    this.#shards = plan.levels.map((level) => (choices.sharded ? shardsOf(level, plan, choices) : null));
  }

  blockXyz(level: number): Vec3 {
    const bytes = bytesPerVoxel[this.plan.dtype] * this.plan.channels.length;
    const shards = this.#shards[level];
    return shards ? shards.blockXyz : blockOf(levelAt(this.plan, level), bytes, this.#choices.blockBytes);
  }

  async encodeBlock(at: BlockAt, voxels: Uint8Array, signal?: AbortSignal): Promise<readonly Part[]> {
    const level = levelAt(this.plan, at.level);
    const block = this.blockXyz(at.level);
    const min = mapAxes((i) => at.xyz[i] * block[i]);
    const size = mapAxes((i) => Math.min(block[i], level.sizeXyz[i] - min[i]));
    const wanted = voxelsIn(size) * bytesPerVoxel[this.plan.dtype] * this.plan.channels.length;
    if (voxels.byteLength !== wanted) throw badPlanBlock(at, voxels.byteLength, wanted);
    const first = mapAxes((i) => min[i] / level.chunkXyz[i]);
    const inLevel = (chunk: readonly number[]): Vec3 => mapAxes((i) => first[i] + (chunk[i] ?? 0));
    const shards = this.#shards[at.level];
    if (shards) return [await this.#encodeShard(shards, { level, size, inLevel }, voxels, signal)];
    const offset = offsetOf(level);
    // All chunks are written, those of zeros too: cloud-volume takes a missing one for an error.
    const keyAt = (chunk: readonly number[]): string =>
      chunkKeyOf(
        level,
        offset,
        mapAxes((i) => first[i] + (chunk[i] ?? 0)),
      );
    if (this.#choices.encoding === 'raw' && size.every((n, i) => n <= (level.chunkXyz[i] ?? 0)))
      return [{ key: keyAt([0, 0, 0]), bytes: voxels }];
    const chunks = await this.#codec.encode(this.#request(level, size, false), voxels, signal);
    return chunks.map(({ at: chunk, bytes }) => ({ key: keyAt(chunk), bytes }));
  }

  async #encodeShard(
    shards: ShardLayout,
    block: { level: VolumeLevelPlan; size: Vec3; inLevel: (chunk: readonly number[]) => Vec3 },
    voxels: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<Part> {
    const request = this.#request(block.level, block.size, shards.sharding.data_encoding === 'gzip');
    const encoded = await this.#codec.encode(request, voxels, signal);
    const chunks = encoded.map(({ at, bytes }) => ({ xyz: block.inLevel(at), bytes }));
    const { name, bytes } = await makeShard(shards, chunks);
    return { key: `${block.level.key}/${name}`, bytes };
  }

  #request(level: VolumeLevelPlan, size: Vec3, gzip: boolean) {
    const { encoding, quality } = this.#choices;
    const channels = this.plan.channels.length;
    return {
      dtype: this.plan.dtype,
      size: [...size, channels, 1] as const,
      chunk: [...level.chunkXyz, channels, 1] as const,
      edges: 'cut' as const,
      codecs: codecsOf({ encoding, segmentationBlock }, { gzip, quality }),
    };
  }

  async metadata({ attributes }: VolumeNotes): Promise<readonly Part[]> {
    const { plan } = this;
    const info = {
      '@type': 'neuroglancer_multiscale_volume',
      type: plan.kind,
      data_type: plan.dtype,
      num_channels: plan.channels.length,
      scales: plan.levels.map((level, i) => this.#scale(level, this.#shards[i])),
      ...(attributes && { lamella: attributes }),
    };
    return [{ key: 'info', bytes: toJsonBytes(info) }];
  }

  #scale(level: VolumeLevelPlan, shards: ShardLayout | null | undefined): unknown {
    const { encoding, quality } = this.#choices;
    return {
      key: level.key,
      size: level.sizeXyz,
      voxel_offset: offsetOf(level),
      chunk_sizes: [level.chunkXyz],
      resolution: level.voxelSizeNm,
      encoding,
      ...(encoding === 'compressed_segmentation' && { compressed_segmentation_block_size: segmentationBlock }),
      ...(encoding === 'jpeg' && quality !== undefined && { jpeg_quality: quality }),
      ...(shards && { sharding: shards.sharding }),
    };
  }
}

function shardsOf(level: VolumeLevelPlan, { dtype, channels }: VolumePlan, choices: Choices): ShardLayout {
  const layout = layOutShards(level, {
    bytesPerPoint: bytesPerVoxel[dtype] * channels.length,
    blockBytes: choices.blockBytes,
    // Pictures are packed already.
    gzipped: choices.encoding === 'raw' || choices.encoding === 'compressed_segmentation',
  });
  if (layout) return layout;
  throw refusal(`${level.gridXyz.join(' x ')} chunks in shards`, 'Choose larger chunks: keys have 64 bits.');
}

function encodingOf(name: string | undefined): WrittenEncoding {
  const found = writtenEncodings.find((encoding) => encoding === (name ?? writtenEncodings[0]));
  if (found) return found;
  throw refusal(`the encoding "${name}"`, `Choose one of ${writtenEncodings.join(', ')}.`);
}

/**
 * What the format keeps of a plan. Levels lie at whole voxels from the origin of space, and voxel_offset is their outer
 * corner, as originNm is. A level whose origin is no whole number of its voxels is placed at the nearest: off by less
 * than one of them. `alignToLevels` of pyramid.ts gives volumes without that.
 */
function adapt(plan: VolumePlan, chosen: Vec3 | undefined): VolumePlan {
  const chunkXyz = chosen ?? usualChunk(plan.levels[0]?.sizeXyz[2] ?? 1);
  const keys = new Set<string>();
  const integer = !plan.dtype.startsWith('float');
  return {
    ...plainImage,
    name: plan.name,
    kind: plan.kind === 'segmentation' && plan.channels.length === 1 && integer ? 'segmentation' : 'image',
    dtype: plan.dtype,
    channels: plan.channels.map(() => ({ name: '', color: null, window: null })),
    levels: plan.levels.map((level) => ({
      ...level,
      key: scaleKey(level.voxelSizeNm, keys),
      chunkXyz,
      gridXyz: gridOf(level.sizeXyz, chunkXyz),
      originNm: placed(level),
    })),
  };
}

/** 64 x 64 x 64 voxels, or as many in fewer sections. */
function usualChunk(sections: number): Vec3 {
  const z = Math.min(64, 2 ** Math.ceil(Math.log2(sections)));
  const side = 2 ** Math.floor(Math.log2(Math.sqrt(64 ** 3 / z)));
  return [side, side, z];
}

/** `8_8_40`: the voxel size in nanometres, as the format's own tools name scales. */
function scaleKey(voxelSizeNm: Vec3, taken: Set<string>): string {
  const name = voxelSizeNm.map((nm) => String(Number(nm.toPrecision(12)))).join('_');
  const free = taken.has(name) ? `${name}_${taken.size}` : name;
  taken.add(free);
  return free;
}

/** Outer corner of the level in its own voxels; `+ 0` because JSON has a -0 that other readers trip over. */
const offsetOf = ({ originNm, voxelSizeNm }: VolumeLevelPlan): Vec3 =>
  mapAxes((i) => Math.round(originNm[i] / voxelSizeNm[i]) + 0);

const placed = (level: VolumeLevelPlan): Vec3 => {
  const offset = offsetOf(level);
  return mapAxes((i) => offset[i] * level.voxelSizeNm[i] + 0);
};

function checkWritable(given: VolumePlan, adapted: VolumePlan, encoding: WrittenEncoding): void {
  const { dtype, channels } = adapted;
  const inOther = 'Write it as OME-Zarr, or choose other types.';
  if (given.times > 1) throw refusal(`${given.times} time points`, 'Choose one time point, or write OME-Zarr.');
  if (dtype === 'int64' || dtype === 'float64') throw refusal(`voxels of ${dtype}`, inOther);
  if (!holds(encoding satisfies PrecomputedEncoding, dtype, channels.length))
    throw refusal(`${channels.length} channel(s) of ${dtype} as ${encoding}`, 'Choose the encoding raw.');
  for (const level of adapted.levels) checkLevel(level, bytesPerVoxel[dtype] * channels.length, encoding);
}

function checkLevel(level: VolumeLevelPlan, bytes: number, encoding: WrittenEncoding): void {
  const [x, y, z] = level.chunkXyz;
  const chunk = `chunks of ${level.chunkXyz.join(' x ')}`;
  const far = offsetOf(level).find((from, i) => Math.abs(from) + (level.sizeXyz[i] ?? 0) >= 2 ** 31);
  if (far !== undefined) throw refusal(`a level that begins at voxel ${far}`, 'Its voxels are counted in 31 bits.');
  if (voxelsIn(level.chunkXyz) * bytes > maxChunkBytes)
    throw refusal(`${chunk} of over 512 MiB`, 'Choose smaller ones.');
  if (encoding === 'jpeg' && (x > 65_535 || y * z > 65_535))
    throw refusal(`${chunk} as jpeg`, 'Neither x nor y * z may be over 65535: choose smaller chunks.');
}

const refusal = (what: string, hint: string): LamellaError =>
  new LamellaError('invalid-input', `Neuroglancer precomputed can't hold ${what}.`, { hint });
