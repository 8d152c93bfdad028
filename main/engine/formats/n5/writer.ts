import type { ChunkCodecSpec } from '../../../../native-workers/voxel-tasks.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { bytesPerVoxel, type Vec3, type VoxelType } from '../../../../preload/contract/space.ts';
import { badPlanBlock, blockOf } from '../blocks.ts';
import { toJsonBytes } from '../checked-json.ts';
import { gridOf, levelAt, mapAxes, maxChunkBytes, voxelsIn } from '../pyramid.ts';
import type {
  BlockAt,
  ChunkCodec,
  Part,
  VolumeNotes,
  VolumePlan,
  VolumeWriter,
  WriteChoices,
} from '../volume-format.ts';
import { blockHeader } from './block.ts';
import type { AxisNames } from './geometry.ts';
import { blockKey, orderOf } from './volume.ts';

/** Neuroglancer reads gzip, blosc and raw; the others are those of n5's own libraries. */
export const writtenCompressions = ['gzip', 'zstd', 'blosc', 'lz4', 'bzip2', 'xz', 'raw'] as const;
type Compression = (typeof writtenCompressions)[number];

interface Packing {
  /** As attributes.json says it. */
  readonly said: Readonly<Record<string, unknown>>;
  readonly codecs: ChunkCodecSpec[];
}

function packingOf(compression: Compression, dtype: VoxelType): Packing {
  const typesize = bytesPerVoxel[dtype];
  const packings: Readonly<Record<Compression, Packing>> = {
    raw: { said: { type: 'raw' }, codecs: [] },
    gzip: { said: { type: 'gzip', level: 6, useZlib: false }, codecs: [{ name: 'gzip', level: 6 }] },
    zstd: { said: { type: 'zstd', level: 3 }, codecs: [{ name: 'zstd', level: 3 }] },
    lz4: { said: { type: 'lz4', blockSize: 65_536 }, codecs: [{ name: 'lz4-blocks' }] },
    bzip2: { said: { type: 'bzip2', blockSize: 9 }, codecs: [{ name: 'bzip2', level: 9 }] },
    xz: { said: { type: 'xz', preset: 6 }, codecs: [{ name: 'xz', level: 6 }] },
    blosc: {
      said: { type: 'blosc', cname: 'lz4', clevel: 5, shuffle: 1, blocksize: 0 },
      codecs: [{ name: 'blosc', cname: 'lz4', clevel: 5, shuffle: 'shuffle', typesize }],
    },
  };
  return packings[compression];
}

/**
 * A group of levels s0, s1, … as n5-viewer and Neuroglancer read them. Axes are x, y, z, then channel and time where
 * there are several. Throws 'invalid-input' on what the format can't hold.
 */
export function n5Writer(plan: VolumePlan, choices: WriteChoices, codec: ChunkCodec): VolumeWriter {
  const name = choices.encoding ?? writtenCompressions[0];
  const compression = writtenCompressions.find((one) => one === name);
  if (!compression) throw refusal(`the compression "${name}"`, `Choose one of ${writtenCompressions.join(', ')}.`);
  if (choices.sharded) throw refusal('several chunks to a file', 'Leave out --sharded, or write OME-Zarr.');
  const adapted = adapt(plan, choices.chunkXyz ?? [64, 64, 64]);
  const tooLarge = adapted.levels.find((level) => voxelsIn(level.chunkXyz) * bytesPerVoxel[plan.dtype] > maxChunkBytes);
  if (tooLarge) throw refusal(`chunks of ${tooLarge.chunkXyz.join(' x ')} of over 512 MiB`, 'Choose smaller ones.');
  return new N5Writer(adapted, { packing: packingOf(compression, plan.dtype), blockBytes: choices.blockBytes }, codec);
}

const refusal = (what: string, hint: string): LamellaError =>
  new LamellaError('invalid-input', `N5 can't hold ${what}.`, { hint });

/** N5 has one origin for all levels, no names or colours of channels, and no kind. */
function adapt(plan: VolumePlan, chunkXyz: Vec3): VolumePlan {
  const originNm = plan.levels[0]?.originNm ?? [0, 0, 0];
  return {
    ...plan,
    kind: 'image',
    channels: plan.channels.map(() => ({ name: '', color: null, window: null })),
    secondsPerTime: plan.times > 1 ? (plan.secondsPerTime ?? 1) : null,
    transforms: [],
    levels: plan.levels.map((level, i) => ({
      ...level,
      key: `s${i}`,
      chunkXyz,
      gridXyz: gridOf(level.sizeXyz, chunkXyz),
      originNm,
    })),
  };
}

class N5Writer implements VolumeWriter {
  readonly plan: VolumePlan;
  readonly #choices: { readonly packing: Packing; readonly blockBytes: number };
  readonly #codec: ChunkCodec;
  readonly #axes: AxisNames;

  constructor(
    plan: VolumePlan,
    choices: { readonly packing: Packing; readonly blockBytes: number },
    codec: ChunkCodec,
  ) {
    this.plan = plan;
    this.#choices = choices;
    this.#codec = codec;
    const isLong = { c: plan.channels.length > 1, t: plan.times > 1 };
    this.#axes = ['x', 'y', 'z', ...(['c', 't'] as const).filter((axis) => isLong[axis])];
  }

  blockXyz(level: number): Vec3 {
    const bytes = bytesPerVoxel[this.plan.dtype] * this.plan.channels.length;
    return blockOf(levelAt(this.plan, level), bytes, this.#choices.blockBytes);
  }

  /** Blocks of zeros are left out: readers of N5 take what is absent for zeros. */
  async encodeBlock(at: BlockAt, voxels: Uint8Array, signal?: AbortSignal): Promise<readonly Part[]> {
    const level = levelAt(this.plan, at.level);
    const block = this.blockXyz(at.level);
    const min = mapAxes((i) => at.xyz[i] * block[i]);
    const size = mapAxes((i) => Math.min(block[i], level.sizeXyz[i] - min[i]));
    const wanted = voxelsIn(size) * bytesPerVoxel[this.plan.dtype] * this.plan.channels.length;
    if (voxels.byteLength !== wanted) throw badPlanBlock(at, voxels.byteLength, wanted);
    const encoded = await this.#codec.encode(
      {
        dtype: this.plan.dtype,
        size: [...size, this.plan.channels.length, 1],
        chunk: [...level.chunkXyz, 1, 1],
        edges: 'cut',
        skipFill: true,
        order: orderOf(this.#axes),
        endian: 'big',
        codecs: this.#choices.packing.codecs,
      },
      voxels,
      signal,
    );
    return encoded.map(({ at: chunk, bytes }) => {
      const from = mapAxes((i) => chunk[i] * level.chunkXyz[i]);
      const extent = mapAxes((i) => Math.min(level.chunkXyz[i], size[i] - from[i]));
      const xyz = mapAxes((i) => min[i] / level.chunkXyz[i] + chunk[i]);
      const header = blockHeader(
        this.#axes.map((axis) => ({ x: extent[0], y: extent[1], z: extent[2], c: 1, t: 1 })[axis]),
      );
      return { key: blockKey(level.key, this.#axes, { xyz, c: chunk[3], t: at.time }), bytes: joined(header, bytes) };
    });
  }

  async metadata({ attributes }: VolumeNotes): Promise<readonly Part[]> {
    const { levels } = this.plan;
    const factors = levels.map((_, i) => this.#factor(i));
    const datasets = levels.map((level, i) => ({
      key: `${level.key}/attributes.json`,
      bytes: toJsonBytes({
        dimensions: this.#perAxis(level.sizeXyz, [this.plan.channels.length, this.plan.times]),
        blockSize: this.#perAxis(level.chunkXyz, [1, 1]),
        dataType: this.plan.dtype,
        compression: this.#choices.packing.said,
        downsamplingFactors: factors[i],
      }),
    }));
    const [base] = levels;
    const origin = base?.originNm ?? [0, 0, 0];
    const group = {
      n5: '4.0.0',
      axes: this.#axes,
      units: this.#axes.map((axis) => ({ x: 'nm', y: 'nm', z: 'nm', c: '', t: 's' })[axis]),
      resolution: this.#perAxis(base?.voxelSizeNm ?? [1, 1, 1], [1, this.plan.secondsPerTime ?? 1]),
      ...(origin.some((value) => value !== 0) && { offset: this.#perAxis(origin, [0, 0]) }),
      multiScale: true,
      scales: factors,
      ...(attributes && { lamella: attributes }),
    };
    // The finest level last: a group with levels and without that one is seen to be unfinished.
    return [{ key: 'attributes.json', bytes: toJsonBytes(group) }, ...datasets.toReversed()];
  }

  /** Voxels of level 0 to one of this level, along each axis of the file. */
  #factor(level: number): readonly number[] {
    const steps = this.plan.levels.slice(1, level + 1).map(({ stepXyz }) => stepXyz);
    return this.#perAxis(
      mapAxes((i) => steps.reduce((factor, step) => factor * step[i], 1)),
      [1, 1],
    );
  }

  #perAxis([x, y, z]: Vec3, [c, t]: readonly [number, number]): readonly number[] {
    return this.#axes.map((axis) => ({ x, y, z, c, t })[axis]);
  }
}

function joined(head: Uint8Array, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(head.byteLength + data.byteLength);
  out.set(head);
  out.set(data, head.byteLength);
  return out;
}
