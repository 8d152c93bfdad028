import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { ByteSource } from '../byte-store.ts';
import { badFile } from '../checked-json.ts';
import type { StoredChunk } from '../volume-format.ts';
import { Remembered } from './remembered.ts';
import { shardIndexBytes, shardName, shardPlaceOf, type Sharding } from './sharding.ts';

/** A part of the index at the start of a shard; null where there is no such shard. */
interface IndexWindow {
  readonly bytes: DataView;
  /** Where the data lie: the shard itself, or its `.data` in the older pair of files. */
  readonly dataKey: string;
  /** In that file; what the index says counts from here. */
  readonly dataStart: number;
}

/** Chunks of a minishard by id; the ends count as the starts do. */
interface Minishard {
  readonly ids: BigUint64Array;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

/** Longer shard indices are read in parts of this size. */
const windowBytes = 2 ** 20;
const maxMinishardBytes = 64 * 2 ** 20;
const rememberedBytes = 64 * 2 ** 20;
const none: Minishard = { ids: new BigUint64Array(), starts: new Float64Array(), ends: new Float64Array() };

/** Finds chunks in shards. Indices are read once, by range, and kept up to 64 MiB. */
export class ShardReader {
  readonly #source: ByteSource;
  readonly #folder: string;
  readonly #sharding: Sharding;
  readonly #windows = new Remembered<IndexWindow | null>(rememberedBytes / 4, (w) => 200 + (w?.bytes.byteLength ?? 0));
  readonly #minishards = new Remembered<Minishard>(rememberedBytes, (m) => 200 + m.ids.byteLength * 3);

  /** `folder`: without a slash at its end; '' for that of the source. */
  constructor(source: ByteSource, folder: string, sharding: Sharding) {
    this.#source = source;
    this.#folder = folder;
    this.#sharding = sharding;
  }

  /** Where the chunk lies, or undefined where none is stored. Throws 'bad-source' on an index that makes no sense. */
  async find(id: bigint): Promise<StoredChunk | undefined> {
    const { shard, minishard } = shardPlaceOf(this.#sharding, id);
    const window = await this.#window(shard, minishard);
    if (!window) return undefined;
    const key = `${shard}/${minishard}`;
    const { ids, starts, ends } = await this.#minishards.get(key, () => this.#readMinishard(window, minishard));
    const at = ids.indexOf(id);
    if (at < 0) return undefined;
    const start = starts[at] ?? 0;
    return { key: window.dataKey, offset: window.dataStart + start, bytes: (ends[at] ?? 0) - start };
  }

  /** Every id in a shard. Throws 'bad-source' as `find` does. */
  async *ids(shard: bigint): AsyncGenerator<bigint> {
    for (let minishard = 0; minishard < 2 ** this.#sharding.minishard_bits; minishard++) {
      const window = await this.#window(shard, minishard);
      if (!window) return;
      const make = (): Promise<Minishard> => this.#readMinishard(window, minishard);
      yield* (await this.#minishards.get(`${shard}/${minishard}`, make)).ids;
    }
  }

  /** The part of the shard's index that has this minishard. */
  #window(shard: bigint, minishard: number): Promise<IndexWindow | null> {
    const offset = Math.floor((minishard * 16) / windowBytes) * windowBytes;
    return this.#windows.get(`${shard}/${offset}`, () => this.#readWindow(shard, offset));
  }

  async #readWindow(shard: bigint, offset: number): Promise<IndexWindow | null> {
    const base = `${this.#folder === '' ? '' : `${this.#folder}/`}${shardName(this.#sharding, shard)}`;
    const indexBytes = shardIndexBytes(this.#sharding);
    const length = Math.min(windowBytes, indexBytes - offset);
    for (const [ending, dataEnding, dataStart] of [
      ['.shard', '.shard', indexBytes],
      ['.index', '.data', 0],
    ] as const) {
      const bytes = await this.#source.get(base + ending, { offset, length });
      if (!bytes) continue;
      if (bytes.byteLength < length)
        throw badFile(this.#source, base + ending, `it ends before its shard index of ${indexBytes} bytes does`);
      const view = viewOf(bytes);
      if (length === indexBytes && isEmpty(view)) await this.#checkEmpty(base + dataEnding, dataStart);
      return { bytes: view, dataKey: base + dataEnding, dataStart };
    }
    return null;
  }

  /** A file that was lost to zeros (or to any byte repeated) would pass for a shard without chunks. */
  async #checkEmpty(key: string, dataStart: number): Promise<void> {
    const size = (await this.#source.sizeOf(key)) ?? 0;
    if (size > dataStart)
      throw badFile(this.#source, key, `its index names no chunk, and ${size - dataStart} bytes follow it`);
  }

  async #readMinishard(window: IndexWindow, minishard: number): Promise<Minishard> {
    const at = (minishard * 16) % windowBytes;
    const [start, end] = [window.bytes.getBigUint64(at, true), window.bytes.getBigUint64(at + 8, true)];
    if (start === end) return none;
    const bad = (why: string, cause?: unknown) =>
      badFile(this.#source, window.dataKey, `the index of minishard ${minishard} ${why}`, cause);
    if (start > end || end > BigInt(Number.MAX_SAFE_INTEGER)) throw bad(`lies at bytes ${start} to ${end}`);
    const length = Number(end - start);
    if (length > maxMinishardBytes) throw bad(`has ${length} bytes, over 64 MiB`);
    const bytes = await this.#source.get(window.dataKey, { offset: window.dataStart + Number(start), length });
    if (bytes?.byteLength !== length) throw bad('lies behind the end of the file');
    const raw = await this.#unpack(bytes, bad);
    if (raw.byteLength % 24 !== 0) throw bad(`has ${raw.byteLength} bytes, not 24 for each chunk`);
    return parseMinishard(raw, bad);
  }

  async #unpack(bytes: Uint8Array, bad: (why: string, cause?: unknown) => Error): Promise<Uint8Array> {
    if (this.#sharding.minishard_index_encoding === 'raw') return bytes;
    try {
      return await promisify(gunzip)(bytes, { maxOutputLength: maxMinishardBytes });
    } catch (cause) {
      throw bad('is not whole gzip data, or unpacks to over 64 MiB', cause);
    }
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Whether no minishard of a shard's index holds anything. */
function isEmpty(index: DataView): boolean {
  for (let at = 0; at < index.byteLength; at += 16)
    if (index.getBigUint64(at, true) !== index.getBigUint64(at + 8, true)) return false;
  return true;
}

/** uint64[3][n]: ids, each less the one before; starts, each less the end before; sizes. Sums wrap at 2^64. */
function parseMinishard(raw: Uint8Array, bad: (why: string) => Error): Minishard {
  const n = raw.byteLength / 24;
  const view = viewOf(raw);
  const at = (row: number, i: number): bigint => view.getBigUint64((row * n + i) * 8, true);
  const [ids, starts, ends] = [new BigUint64Array(n), new Float64Array(n), new Float64Array(n)];
  let [id, end] = [0n, 0n];
  for (let i = 0; i < n; i++) {
    id = BigInt.asUintN(64, id + at(0, i));
    const start = BigInt.asUintN(64, end + at(1, i));
    end = start + at(2, i);
    if (end > BigInt(Number.MAX_SAFE_INTEGER)) throw bad(`puts chunk ${id} at bytes ${start} to ${end}`);
    ids[i] = id;
    starts[i] = Number(start);
    ends[i] = Number(end);
  }
  return { ids, starts, ends };
}
