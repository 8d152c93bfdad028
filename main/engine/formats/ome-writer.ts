import { LamellaError } from '../../../preload/contract/errors.ts';
import { bytesPerVoxel, type Vec3, type VoxelType } from '../../../preload/contract/space.ts';
import type { ChunkCodecSpec, EncodeBlock } from '../../../native-workers/voxel-tasks.ts';
import { badPlanBlock, blockOf } from './blocks.ts';
import { toJsonBytes } from './checked-json.ts';
import { omeAttributesJson, omeVersion, writtenAxes } from './ome-attributes.ts';
import { gridOf, levelAt, mapAxes } from './pyramid.ts';
import type {
  BlockAt,
  ChunkCodec,
  Part,
  VolumeNotes,
  VolumePlan,
  VolumeWriter,
  WriteChoices,
} from './volume-format.ts';
import { encodeShard } from './zarr/shard-file.ts';
import { arrayJson, type WrittenArray } from './zarr/written-array.ts';

/**
 * How OME-Zarr is written. Without a prefix NGFF 0.5 over Zarr v3 (zstd of level 1 and gzip with a crc32c after them);
 * with "v2-" NGFF 0.4 over Zarr v2, which has no shards: blosc (lz4, bytes shuffled) is what most readers take.
 */
export const omeEncodings = ['zstd', 'gzip', 'raw', 'v2-blosc', 'v2-zstd', 'v2-gzip', 'v2-raw'] as const;
type Encoding = (typeof omeEncodings)[number];

const codecsOf: Readonly<Record<Encoding, (dtype: VoxelType) => readonly ChunkCodecSpec[]>> = {
  zstd: () => [{ name: 'zstd', level: 1 }, { name: 'crc32c' }],
  gzip: () => [{ name: 'gzip', level: 6 }, { name: 'crc32c' }],
  raw: () => [],
  'v2-blosc': (dtype) => [
    { name: 'blosc', cname: 'lz4', clevel: 5, shuffle: 'shuffle', typesize: bytesPerVoxel[dtype] },
  ],
  'v2-zstd': () => [{ name: 'zstd', level: 1 }],
  'v2-gzip': () => [{ name: 'gzip', level: 6 }],
  'v2-raw': () => [],
};

const isEncoding = (name: string): name is Encoding => (omeEncodings as readonly string[]).includes(name);
/** Of a file that holds many chunks. */
const largestShardBytes = 512 * 2 ** 20;

/** Chunks of all 0 are left out; chunks at the far edge are stored in full. A chunk holds one channel and time. */
export function omeZarrWriter(plan: VolumePlan, choices: WriteChoices, codec: ChunkCodec): VolumeWriter {
  const encoding = choices.encoding ?? omeEncodings[0];
  if (!isEncoding(encoding)) throw refused(`the encoding "${encoding}"`, `It has ${omeEncodings.join(', ')}.`);
  const isV2 = encoding.startsWith('v2-');
  if (isV2 && choices.sharded)
    throw refused('shards in Zarr v2', 'Choose zstd, gzip or raw, which write OME-Zarr 0.5.');
  return new OmeZarrWriter(
    writtenPlan(plan, choices.chunkXyz),
    choices,
    codec,
    codecsOf[encoding](plan.dtype),
    isV2 ? 2 : 3,
  );
}

const refused = (what: string, hint: string): LamellaError =>
  new LamellaError('invalid-input', `OME-Zarr does not hold ${what}.`, { hint, fields: {} });

/** As it reads back: keys 0, 1, 2; nothing of spaces outside; origins by way of the centre of the first voxel. */
function writtenPlan(plan: VolumePlan, chunk: Vec3 | undefined): VolumePlan {
  return {
    ...plan,
    secondsPerTime: plan.times > 1 ? plan.secondsPerTime : null,
    transforms: [],
    levels: plan.levels.map((level, i) => {
      const chunkXyz = chunk ?? level.chunkXyz;
      const originNm = mapAxes(
        (axis) => level.originNm[axis] + level.voxelSizeNm[axis] / 2 - level.voxelSizeNm[axis] / 2,
      );
      return { ...level, key: String(i), chunkXyz, gridXyz: gridOf(level.sizeXyz, chunkXyz), originNm };
    }),
  };
}

class OmeZarrWriter implements VolumeWriter {
  readonly plan: VolumePlan;
  readonly #codec: ChunkCodec;
  readonly #codecs: readonly ChunkCodecSpec[];
  readonly #zarrFormat: 2 | 3;
  readonly #sharded: boolean;
  readonly #blocks: readonly Vec3[];

  constructor(
    plan: VolumePlan,
    choices: WriteChoices,
    codec: ChunkCodec,
    codecs: readonly ChunkCodecSpec[],
    zarrFormat: 2 | 3,
  ) {
    this.plan = plan;
    this.#codec = codec;
    this.#codecs = codecs;
    this.#zarrFormat = zarrFormat;
    this.#sharded = choices.sharded;
    const most = Math.min(choices.blockBytes, largestShardBytes);
    this.#blocks = plan.levels.map((level) => blockOf(level, bytesPerVoxel[plan.dtype] * plan.channels.length, most));
  }

  blockXyz(level: number): Vec3 {
    levelAt(this.plan, level);
    return this.#blocks[level] ?? [1, 1, 1];
  }

  async encodeBlock(at: BlockAt, voxels: Uint8Array, signal?: AbortSignal): Promise<readonly Part[]> {
    const level = levelAt(this.plan, at.level);
    const block = this.blockXyz(at.level);
    const size = mapAxes((i) => Math.min(block[i], level.sizeXyz[i] - at.xyz[i] * block[i]));
    const wanted = size[0] * size[1] * size[2] * this.plan.channels.length * bytesPerVoxel[this.plan.dtype];
    if (voxels.byteLength !== wanted || at.time >= this.plan.times) throw badPlanBlock(at, voxels.byteLength, wanted);
    const chunks = await this.#codec.encode(this.#request(size, level.chunkXyz), voxels, signal);
    const inBlock = mapAxes((i) => block[i] / level.chunkXyz[i]);
    if (!this.#sharded)
      return chunks.map(({ at: [x, y, z, c], bytes }) => {
        const xyz: Vec3 = [at.xyz[0] * inBlock[0] + x, at.xyz[1] * inBlock[1] + y, at.xyz[2] * inBlock[2] + z];
        return { key: this.#fileKey(at, xyz, c), bytes };
      });
    const channels = [...new Set(chunks.map((chunk) => chunk.at[3]))].sort((a, b) => a - b);
    return channels.map((c) => ({
      key: this.#fileKey(at, at.xyz, c),
      bytes: encodeShard(
        inBlock,
        chunks.filter((chunk) => chunk.at[3] === c),
      ),
    }));
  }

  async metadata(notes: VolumeNotes): Promise<readonly Part[]> {
    const arrays = this.plan.levels.map((level, i): Part => {
      const key = `${level.key}/${this.#zarrFormat === 3 ? 'zarr.json' : '.zarray'}`;
      return { key, bytes: toJsonBytes(arrayJson(this.#zarrFormat, this.#array(i))) };
    });
    const ome = omeAttributesJson(this.plan, omeVersion[this.#zarrFormat]);
    const lamella = notes.attributes && Object.keys(notes.attributes).length > 0 ? { lamella: notes.attributes } : {};
    if (this.#zarrFormat === 3) {
      const group = { zarr_format: 3, node_type: 'group', attributes: { ome, ...lamella } };
      return [...arrays, { key: 'zarr.json', bytes: toJsonBytes(group) }];
    }
    return [
      ...arrays,
      { key: '.zgroup', bytes: toJsonBytes({ zarr_format: 2 }) },
      { key: '.zattrs', bytes: toJsonBytes({ ...ome, ...lamella }) },
    ];
  }

  #request(size: Vec3, chunk: Vec3): EncodeBlock {
    return {
      dtype: this.plan.dtype,
      size: [...size, this.plan.channels.length, 1],
      chunk: [...chunk, 1, 1],
      edges: 'pad',
      fill: 0,
      skipFill: true,
      order: 'xyzct',
      endian: 'little',
      codecs: [...this.#codecs],
    };
  }

  #array(index: number): WrittenArray {
    const level = levelAt(this.plan, index);
    const axes = writtenAxes(this.plan);
    const along = (space: Vec3, c: number, t: number): readonly number[] => {
      const all = { x: space[0], y: space[1], z: space[2], c, t };
      return axes.map((axis) => all[axis]);
    };
    return {
      axes,
      shape: along(level.sizeXyz, this.plan.channels.length, this.plan.times),
      chunkShape: along(level.chunkXyz, 1, 1),
      shardShape: this.#sharded ? along(this.blockXyz(index), 1, 1) : null,
      dtype: this.plan.dtype,
      codecs: this.#codecs,
    };
  }

  #fileKey(at: BlockAt, [x, y, z]: Vec3, c: number): string {
    const all = { x, y, z, c, t: at.time };
    const indices = writtenAxes(this.plan).map((axis) => all[axis]);
    return [String(at.level), ...(this.#zarrFormat === 3 ? ['c'] : []), ...indices].join('/');
  }
}
