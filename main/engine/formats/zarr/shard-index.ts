import type { ByteSource } from '../byte-store.ts';
import { badFile } from '../checked-json.ts';
import { crc32cOf } from '../crc32c.ts';
import { DecodedChunks } from '../decoded-chunks.ts';
import { bytesOfIndex, maxIndexBytes, type ShardLayout } from './zarr-array.ts';

/** Bytes of a file: a shard, or a shard in a shard. */
export interface FilePart {
  readonly key: string;
  readonly offset: number;
  /** undefined: to the end of the file, which is not known yet. */
  readonly bytes: number | undefined;
}

/** Of the process: indices that were read, checked. Empty arrays stand for files that are not there. */
const indices = new DecodedChunks(maxIndexBytes);
const missing = 2n ** 64n - 1n;

/** Where chunks lie in shards. `token` keeps the volumes of a process apart. */
export class ShardIndex {
  readonly #source: ByteSource;
  readonly #token: string;

  constructor(source: ByteSource, token: string) {
    this.#source = source;
    this.#token = token;
  }

  /** The part of a shard that is chunk `at` (of the shard, by dimension); undefined where none is stored. */
  async find(
    shard: ShardLayout,
    part: FilePart,
    at: readonly number[],
    signal?: AbortSignal,
  ): Promise<FilePart | undefined> {
    const bytes = bytesOfIndex(shard);
    const key = `${this.#token}${part.key}@${part.offset}+${part.bytes ?? 'all'}`;
    const index = await indices.get(key, bytes, () => this.#read(shard, part, bytes, signal));
    if (index.byteLength === 0) return undefined;
    const linear = shard.dims.reduce((sum, dim) => sum * (shard.grid[dim] ?? 1) + (at[dim] ?? 0), 0);
    return this.#entry(shard, part, index, linear);
  }

  #entry(shard: ShardLayout, part: FilePart, index: Uint8Array, linear: number): FilePart | undefined {
    const view = new DataView(index.buffer, index.byteOffset, index.byteLength);
    const little = shard.indexEndian === 'little';
    const [offset, length] = [view.getBigUint64(linear * 16, little), view.getBigUint64(linear * 16 + 8, little)];
    if (offset === missing && length === missing) return undefined;
    const end = offset + length;
    const within = part.bytes ?? Number.MAX_SAFE_INTEGER;
    if (end > BigInt(within))
      throw badFile(
        this.#source,
        part.key,
        `the index of the shard places chunk ${linear} at ${offset} to ${end}, outside of it`,
      );
    return { key: part.key, offset: part.offset + Number(offset), bytes: Number(length) };
  }

  async #read(shard: ShardLayout, part: FilePart, bytes: number, signal?: AbortSignal): Promise<Uint8Array> {
    const start = shard.indexAtEnd ? await this.#startOfIndex(part, bytes, signal) : part.offset;
    if (start === undefined) return new Uint8Array();
    const index = await this.#source.get(part.key, { offset: start, length: bytes }, signal);
    if (!index) return new Uint8Array();
    if (index.byteLength === 0) throw badFile(this.#source, part.key, 'the file is empty');
    if (index.byteLength < bytes) throw this.#tooShort(part, index.byteLength, bytes);
    return shard.indexHasCrc32c ? this.#checked(part, index) : index;
  }

  async #startOfIndex(part: FilePart, bytes: number, signal?: AbortSignal): Promise<number | undefined> {
    const size = part.bytes ?? (await this.#source.sizeOf(part.key, signal));
    if (size === undefined) return undefined;
    if (size === 0) throw badFile(this.#source, part.key, 'the file is empty');
    if (size < bytes) throw this.#tooShort(part, size, bytes);
    return part.offset + size - bytes;
  }

  #checked(part: FilePart, index: Uint8Array): Uint8Array {
    const body = index.subarray(0, index.byteLength - 4);
    const stored = new DataView(index.buffer, index.byteOffset + body.byteLength, 4).getUint32(0, true);
    if (crc32cOf(body) !== stored) throw badFile(this.#source, part.key, 'the checksum (crc32c) of its index is wrong');
    return body;
  }

  #tooShort(part: FilePart, size: number, bytes: number): Error {
    return badFile(this.#source, part.key, `it has ${size} bytes, too few for the ${bytes} bytes of its index`);
  }
}
