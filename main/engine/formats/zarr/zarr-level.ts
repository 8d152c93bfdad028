import { LamellaError, isLamellaError } from '../../../../preload/contract/errors.ts';
import { bytesPerVoxel } from '../../../../preload/contract/space.ts';
import type { DecodeVoxels } from '../../../../native-workers/voxel-tasks.ts';
import type { ByteSource } from '../byte-store.ts';
import { badFile } from '../checked-json.ts';
import { decodedChunks } from '../decoded-chunks.ts';
import type { ChunkAt, ChunkCodec, ChunkRecipe, StoredChunk } from '../volume-format.ts';
import { alongAxes, inDimensions, storedOrder, type AxisRole, type Size5 } from './axes.ts';
import { ShardIndex, type FilePart } from './shard-index.ts';
import { product, storedBytesPerVoxel, under, type ZarrArray } from './zarr-array.ts';

/** Of opened volumes: where they read, and what decodes. */
export interface ZarrReading {
  readonly source: ByteSource;
  readonly codec: ChunkCodec;
  /** Sets the volume apart in caches of the process. */
  readonly token: string;
}

const zeros: Size5 = [0, 0, 0, 0, 0];

/** Reads the chunks of an array whose dimensions are known as x, y, z, channel and time. */
export class ZarrLevel {
  readonly array: ZarrArray;
  readonly size: Size5;
  readonly chunk: Size5;
  readonly #path: string;
  readonly #axes: readonly AxisRole[];
  readonly #reading: ZarrReading;
  readonly #index: ShardIndex;
  /** How a chunk lies in its file, and no more than that. */
  readonly #stored: DecodeVoxels;

  constructor(array: ZarrArray, path: string, axes: readonly AxisRole[], reading: ZarrReading) {
    this.array = array;
    this.size = alongAxes(axes, array.shape, 1);
    this.chunk = alongAxes(axes, array.chunkShape, 1);
    this.#path = path;
    this.#axes = axes;
    this.#reading = reading;
    this.#index = new ShardIndex(reading.source, reading.token);
    this.#stored = {
      dtype: array.type.dtype,
      ...(array.type.storedAs && { storedAs: array.type.storedAs }),
      shape: this.chunk,
      order: storedOrder(axes, array.storedDims),
      endian: array.endian,
      codecs: [...array.codecs],
    };
  }

  async locate(at: ChunkAt, signal?: AbortSignal): Promise<StoredChunk | undefined> {
    const part = await this.#locate(this.#indices(at), signal);
    if (!part) return undefined;
    const bytes = part.bytes ?? (await this.#reading.source.sizeOf(part.key, signal));
    return bytes === undefined ? undefined : { key: part.key, offset: part.offset, bytes };
  }

  async recipe(at: ChunkAt, signal?: AbortSignal): Promise<ChunkRecipe | undefined> {
    const { source } = this.#reading;
    const part = source.pathOf && (await this.#locate(this.#indices(at), signal));
    if (!source.pathOf || !part) return undefined;
    const { dtype: _dtype, shape, ...stored } = this.#stored;
    const from: Size5 = [0, 0, 0, at.channel % this.chunk[3], at.time % this.chunk[4]];
    return { path: source.pathOf(part.key), offset: part.offset, bytes: part.bytes, shape, from, stored };
  }

  async read(at: ChunkAt, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const indices = this.#indices(at);
    const valid = this.#validSize(indices);
    const planeBytes = valid[0] * valid[1] * valid[2] * bytesPerVoxel[this.array.type.dtype];
    const planes = valid[3] * valid[4];
    if (planes === 1) return (await this.#decoded(indices, valid, signal)) ?? this.#filled(planeBytes);
    // Many planes to a chunk: it is decoded once for all of them. Empty stands for a chunk that is not there.
    const key = `${this.#reading.token}${this.#path}/${indices.join('.')}`;
    const all = await decodedChunks.get(
      key,
      planeBytes * planes,
      async () => (await this.#decoded(indices, valid, signal)) ?? new Uint8Array(),
    );
    if (all.byteLength === 0) return this.#filled(planeBytes);
    const plane = (at.time % this.chunk[4]) * valid[3] + (at.channel % this.chunk[3]);
    return all.slice(plane * planeBytes, (plane + 1) * planeBytes);
  }

  /** Of the chunk, along x, y, z, channel, time. */
  #indices({ xyz: [x, y, z], channel, time }: ChunkAt): Size5 {
    const [, , , c, t] = this.chunk;
    const indices: Size5 = [x, y, z, Math.floor(channel / c), Math.floor(time / t)];
    const inside = [x, y, z, channel, time].every((n) => Number.isSafeInteger(n) && n >= 0);
    if (
      inside &&
      channel < this.size[3] &&
      time < this.size[4] &&
      indices.every((n, i) => n * (this.chunk[i] ?? 1) < (this.size[i] ?? 0))
    )
      return indices;
    throw new LamellaError(
      'invalid-input',
      `"${this.#path}" has no chunk ${[x, y, z].join(', ')} of channel ${channel} and time ${time}.`,
      {
        hint: 'Ask for chunks inside the grid of the level.',
        fields: { file: this.#path },
      },
    );
  }

  #validSize(indices: Size5): Size5 {
    const along = (i: 0 | 1 | 2 | 3 | 4): number => Math.min(this.chunk[i], this.size[i] - indices[i] * this.chunk[i]);
    return [along(0), along(1), along(2), along(3), along(4)];
  }

  async #locate(indices: Size5, signal?: AbortSignal): Promise<FilePart | undefined> {
    const inDims = inDimensions(this.#axes, indices);
    const { shards, chunkShape, fileKey } = this.array;
    const chunksOfFile = shards[0]?.shape.map((n, i) => n / (chunkShape[i] ?? 1)) ?? inDims.map(() => 1);
    const file = inDims.map((n, i) => Math.floor(n / (chunksOfFile[i] ?? 1)));
    let part: FilePart | undefined = { key: under(this.#path, fileKey(file)), offset: 0, bytes: undefined };
    for (const [depth, shard] of shards.entries()) {
      const below = shards[depth + 1]?.shape ?? chunkShape;
      const at = inDims.map((n, i) => Math.floor((n * (chunkShape[i] ?? 1)) / (below[i] ?? 1)) % (shard.grid[i] ?? 1));
      part = await this.#index.find(shard, part, at, signal);
      if (!part) return undefined;
    }
    return part;
  }

  /** The chunk, cropped to what the volume has of it, with all its channels and times. */
  async #decoded(indices: Size5, valid: Size5, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const found = await this.#bytes(indices, signal);
    if (!found) return undefined;
    const { bytes, part } = found;
    const isWhole = valid.every((n, i) => n === this.chunk[i]);
    if (isWhole && this.#isPlain()) return this.#plain(bytes, part);
    try {
      const request = isWhole ? this.#stored : { ...this.#stored, crop: { at: zeros, size: valid } };
      return await this.#reading.codec.decode(request, bytes, signal);
    } catch (error) {
      if (isLamellaError(error, 'bad-source', 'invalid-input', 'over-budget'))
        throw this.#bad(part, reasonOf(error), error);
      throw error;
    }
  }

  async #bytes(
    indices: Size5,
    signal?: AbortSignal,
  ): Promise<{ readonly bytes: Uint8Array; readonly part: FilePart } | undefined> {
    const part = await this.#locate(indices, signal);
    if (!part) return undefined;
    const most = Math.ceil(this.#storedBytes() * 1.05) + 65_536;
    if (part.bytes === 0) throw this.#bad(part, 'it is empty');
    if (part.bytes !== undefined && part.bytes > most) throw this.#bad(part, 'it is larger than a chunk can be');
    const bytes = await this.#reading.source.get(
      part.key,
      { offset: part.offset, length: part.bytes ?? most + 1 },
      signal,
    );
    if (!bytes && part.bytes === undefined) return undefined;
    if (!bytes) throw this.#bad(part, 'the file is gone');
    if (bytes.byteLength === 0) throw this.#bad(part, 'it is empty');
    if (bytes.byteLength > most) throw this.#bad(part, 'it is larger than a chunk can be');
    if (part.bytes !== undefined && bytes.byteLength < part.bytes)
      throw this.#bad(part, `the file ends after ${bytes.byteLength} of its ${part.bytes} bytes`);
    return { bytes, part };
  }

  #storedBytes(): number {
    return product(this.chunk) * storedBytesPerVoxel(this.array.type);
  }

  /** Whether stored bytes are the voxels: nothing encoded, little-endian, x fastest. */
  #isPlain(): boolean {
    const { codecs, endian, type } = this.array;
    if (codecs.length > 0 || type.storedAs || (endian === 'big' && bytesPerVoxel[type.dtype] > 1)) return false;
    const order = [...(this.#stored.order ?? '')].map((role) => 'xyzct'.indexOf(role));
    const places = order.filter((i) => (this.chunk[i] ?? 1) > 1);
    return places.every((place, i) => i === 0 || place > (places[i - 1] ?? 0));
  }

  #plain(bytes: Uint8Array, part: FilePart): Uint8Array {
    const wanted = this.#storedBytes();
    if (bytes.byteLength !== wanted)
      throw this.#bad(part, `it holds ${bytes.byteLength} bytes of voxels, not ${wanted}`);
    return bytes;
  }

  #filled(bytes: number): Uint8Array | undefined {
    const { fill } = this.array;
    if (!fill) return undefined;
    const voxels = new Uint8Array(bytes);
    voxels.set(fill);
    for (let done = fill.byteLength; done < bytes; done *= 2) voxels.copyWithin(done, 0, Math.min(done, bytes - done));
    return voxels;
  }

  #bad(part: FilePart, why: string, cause?: unknown): LamellaError {
    const inShard = this.array.shards.length > 0;
    return badFile(this.#reading.source, part.key, inShard ? `the chunk at byte ${part.offset}: ${why}` : why, cause);
  }
}

/** A kernel's sentence as the end of one of ours. */
function reasonOf({ message }: LamellaError): string {
  const [first = '', ...rest] = message.replace(/\.$/, '');
  return first.toLowerCase() + rest.join('');
}
