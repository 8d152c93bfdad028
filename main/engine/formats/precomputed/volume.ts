import { brotliDecompress } from 'node:zlib';
import { promisify } from 'node:util';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { ByteSource } from '../byte-store.ts';
import { badFile } from '../checked-json.ts';
import { decodedChunks, nextVolumeToken } from '../decoded-chunks.ts';
import { decodeStored } from '../decode-stored.ts';
import type { NamedLabel } from '../named-label.ts';
import { chunkExtent, levelAt, mapAxes } from '../pyramid.ts';
import type {
  ChunkAt,
  ChunkCodec,
  ChunkRecipe,
  OpenVolume,
  StoredChunk,
  VolumeLevelPlan,
  VolumeNotes,
  VolumePlan,
} from '../volume-format.ts';
import { bytesOfChunk, codecsOf, decodeRequest, maxStoredBytes, type ChunkShape } from './chunk-codecs.ts';
import type { OpenScale } from './info.ts';
import { mortonAxes, mortonCode } from './morton.ts';
import { readSegmentProperties } from './segment-properties.ts';
import { ShardReader } from './shard-reader.ts';

/** How a file was packed by whoever put it there, beside the encoding of the format. */
type Packing = 'raw' | 'gzip' | 'br';
interface Found {
  readonly key: string;
  readonly offset: number;
  readonly packing: Packing;
}
interface Fetched extends Found {
  readonly bytes: Uint8Array;
}

/** What servers would send as Content-Encoding; cloud-volume puts these endings on the files of a folder. */
const packings = [
  { ending: '.gz', packing: 'gzip' },
  { ending: '.br', packing: 'br' },
] as const;

/** Chunks of one scale after another, each a file. */
export class PrecomputedVolume implements OpenVolume {
  readonly plan: VolumePlan;
  readonly notes: VolumeNotes;
  readonly #source: ByteSource;
  readonly #scales: readonly OpenScale[];
  readonly #segmentProperties: string | null;
  /** By level; null where its chunks are files. */
  readonly #shards: readonly (ShardReader | null)[];
  readonly #codec: ChunkCodec;
  readonly #token = nextVolumeToken();
  /** Whether files have endings of their own: where nothing lists, a server says Content-Encoding instead. */
  #canList: Promise<boolean> | undefined;

  constructor(
    source: ByteSource,
    codec: ChunkCodec,
    opened: {
      readonly plan: VolumePlan;
      readonly notes: VolumeNotes;
      readonly scales: readonly OpenScale[];
      /** The folder of the names of its segments. */
      readonly segmentProperties: string | null;
    },
  ) {
    this.plan = opened.plan;
    this.notes = opened.notes;
    this.#scales = opened.scales;
    this.#segmentProperties = opened.segmentProperties;
    this.#source = source;
    this.#codec = codec;
    this.#shards = opened.scales.map(({ sharding }, i) =>
      sharding ? new ShardReader(source, levelAt(opened.plan, i).key, sharding) : null,
    );
  }

  labels(): Promise<readonly NamedLabel[]> {
    const folder = this.#segmentProperties;
    return folder === null ? Promise.resolve([]) : readSegmentProperties(this.#source, folder);
  }

  async locate(at: ChunkAt, signal?: AbortSignal): Promise<StoredChunk | undefined> {
    const { level, scale } = this.#at(at);
    const shards = this.#shards[at.level];
    if (shards) return shards.find(mortonCode(mortonAxes(level.gridXyz), at.xyz));
    const key = chunkKeyOf(level, scale.offset, at.xyz);
    const bytes = await this.#source.sizeOf(key, signal);
    if (bytes !== undefined) return { key, offset: 0, bytes };
    const packed = await this.#findPacked(key, signal);
    return packed && { key: packed.key, offset: 0, bytes: (await this.#source.sizeOf(packed.key, signal)) ?? 0 };
  }

  async readChunk(at: ChunkAt, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const { level, scale } = this.#at(at);
    const shape = {
      dtype: this.plan.dtype,
      sizeXyz: chunkExtent(level, at.xyz).size,
      channels: this.plan.channels.length,
    };
    const stored = scale.sharding
      ? await this.#fetchFromShard(at, scale.sharding.data_encoding, shape, signal)
      : await this.#fetch(chunkKeyOf(level, scale.offset, at.xyz), shape, signal);
    return stored && this.#voxelsOf(stored, scale, shape, at, signal);
  }

  async recipe(at: ChunkAt, signal?: AbortSignal): Promise<ChunkRecipe | undefined> {
    const { level, scale } = this.#at(at);
    const source = this.#source;
    if (!source.pathOf) return undefined;
    const chunk = {
      shape: [...chunkExtent(level, at.xyz).size, this.plan.channels.length, 1] as const,
      from: [0, 0, 0, at.channel, 0] as const,
      stored: { codecs: codecsOf(scale, { gzip: scale.sharding?.data_encoding === 'gzip' }) },
    };
    if (!scale.sharding)
      return { ...chunk, path: source.pathOf(chunkKeyOf(level, scale.offset, at.xyz)), offset: 0, bytes: undefined };
    const found = await this.locate(at, signal);
    return found && { ...chunk, path: source.pathOf(found.key), offset: found.offset, bytes: found.bytes };
  }

  async #voxelsOf(
    stored: Fetched,
    scale: OpenScale,
    shape: ChunkShape,
    { channel }: ChunkAt,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    if (shape.channels === 1) return this.#decode(stored, scale, shape, signal);
    const bytes = bytesOfChunk(shape);
    const all = await decodedChunks.get(`${this.#token}${stored.key}@${stored.offset}`, bytes, () =>
      this.#decode(stored, scale, shape, signal),
    );
    const one = bytes / shape.channels;
    return all.slice(channel * one, (channel + 1) * one);
  }

  async #decode(stored: Fetched, scale: OpenScale, shape: ChunkShape, signal?: AbortSignal): Promise<Uint8Array> {
    if (stored.bytes.byteLength === 0) throw badFile(this.#source, stored.key, 'the file is empty');
    const bytes = stored.packing === 'br' ? await this.#unpackBrotli(stored, shape) : stored.bytes;
    const gzip = stored.packing === 'gzip';
    // Little-endian voxels, x fastest, are what chunks of raw are already.
    if (scale.encoding === 'raw' && !gzip) return this.#checkRaw(stored.key, bytes, shape);
    const request = decodeRequest(shape, codecsOf(scale, { gzip }));
    return decodeStored(this.#codec, { source: this.#source, key: stored.key }, request, bytes, signal);
  }

  #checkRaw(key: string, bytes: Uint8Array, shape: ChunkShape): Uint8Array {
    const wanted = bytesOfChunk(shape);
    if (bytes.byteLength === wanted) return bytes;
    const holds =
      bytes.byteLength > wanted ? `more than the ${wanted} bytes` : `${bytes.byteLength} bytes, not the ${wanted}`;
    throw badFile(this.#source, key, `it holds ${holds} of its voxels`);
  }

  async #unpackBrotli({ key, bytes }: Fetched, shape: ChunkShape): Promise<Uint8Array> {
    try {
      return new Uint8Array(await promisify(brotliDecompress)(bytes, { maxOutputLength: maxStoredBytes(shape) }));
    } catch (cause) {
      throw badFile(this.#source, key, 'it is not whole brotli data, or far more than its voxels', cause);
    }
  }

  async #fetch(key: string, shape: ChunkShape, signal?: AbortSignal): Promise<Fetched | undefined> {
    const range = { offset: 0, length: maxStoredBytes(shape) };
    const bytes = await this.#source.get(key, range, signal);
    if (bytes) return { key, offset: 0, packing: 'raw', bytes };
    const found = await this.#findPacked(key, signal);
    const packed = found && (await this.#source.get(found.key, range, signal));
    return found && packed && { ...found, bytes: packed };
  }

  async #fetchFromShard(
    at: ChunkAt,
    packing: 'raw' | 'gzip',
    shape: ChunkShape,
    signal?: AbortSignal,
  ): Promise<Fetched | undefined> {
    const found = await this.locate(at, signal);
    if (!found) return undefined;
    const { key, offset, bytes: length } = found;
    const what = `chunk ${at.xyz.join(', ')} at byte ${offset}`;
    if (length === 0) throw badFile(this.#source, key, `${what} is empty`);
    if (length > maxStoredBytes(shape)) throw badFile(this.#source, key, `${what} says it has ${length} bytes`);
    const bytes = await this.#source.get(key, { offset, length }, signal);
    if (bytes?.byteLength === length) return { key, offset, packing, bytes };
    throw badFile(
      this.#source,
      key,
      `${what} should have ${length} bytes, and the file ends after ${bytes?.byteLength ?? 0}`,
    );
  }

  async #findPacked(key: string, signal?: AbortSignal): Promise<Found | undefined> {
    this.#canList ??= this.#source.children('').then((entries) => entries !== undefined);
    if (!(await this.#canList)) return undefined;
    const sizes = await Promise.all(packings.map(async ({ ending }) => this.#source.sizeOf(key + ending, signal)));
    const at = sizes.findIndex((size) => size !== undefined);
    const found = packings[at];
    return found && { key: key + found.ending, offset: 0, packing: found.packing };
  }

  #at(at: ChunkAt): { readonly level: VolumeLevelPlan; readonly scale: OpenScale } {
    const level = levelAt(this.plan, at.level);
    const scale = this.#scales[at.level];
    const inside = at.xyz.every((value, i) => value >= 0 && value < (level.gridXyz[i] ?? 0));
    if (scale && inside && at.time === 0 && at.channel < this.plan.channels.length) return { level, scale };
    throw new LamellaError('invalid-input', `"${this.plan.name}" has no chunk ${at.xyz.join(', ')}.`, {
      hint: `Level ${at.level} has ${level.gridXyz.join(' x ')} chunks, ${this.plan.channels.length} channel(s) and one time.`,
      fields: { level: at.level, channel: at.channel, time: at.time },
    });
  }
}

/** `key/xBegin-xEnd_yBegin-yEnd_zBegin-zEnd`, counted from voxel_offset, the last cut short. */
export function chunkKeyOf(level: VolumeLevelPlan, offset: Vec3, xyz: Vec3): string {
  const { min, size } = chunkExtent(level, xyz);
  const begin = mapAxes((i) => offset[i] + min[i]);
  return `${level.key}/${begin.map((from, i) => `${from}-${from + (size[i] ?? 0)}`).join('_')}`;
}
