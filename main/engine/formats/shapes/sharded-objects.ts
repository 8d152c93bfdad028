import type { ByteSource } from '../byte-store.ts';
import { badFile } from '../checked-json.ts';
import { ShardReader } from '../precomputed/shard-reader.ts';
import type { Sharding } from '../precomputed/sharding.ts';
import type { StoredChunk } from '../volume-format.ts';
import { mostObjectBytes, unpacked } from './stored-file.ts';

/** Objects by id in the shards of a folder. */
export class ShardedObjects {
  readonly #source: ByteSource;
  readonly #sharding: Sharding;
  readonly #reader: ShardReader;

  constructor(source: ByteSource, sharding: Sharding) {
    this.#source = source;
    this.#sharding = sharding;
    this.#reader = new ShardReader(source, '', sharding);
  }

  /** Where the bytes of an object lie; undefined where there is none. */
  find(id: bigint): Promise<StoredChunk | undefined> {
    return this.#reader.find(id);
  }

  /** The object, unpacked; undefined where there is none. */
  async get(id: bigint, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const found = await this.find(id);
    return found && this.read(found, signal);
  }

  async read({ key, offset, bytes: length }: StoredChunk, signal?: AbortSignal): Promise<Uint8Array> {
    const what = `the object at byte ${offset}`;
    if (length > mostObjectBytes) throw badFile(this.#source, key, `${what} says it has ${length} bytes`);
    const bytes = await this.#source.get(key, { offset, length }, signal);
    if (bytes?.byteLength !== length)
      throw badFile(this.#source, key, `${what} should have ${length} bytes, and the file ends before`);
    return unpacked(this.#source, key, bytes, this.#sharding.data_encoding === 'gzip' ? '.gz' : '');
  }

  /** The ids in all shards of a folder on this computer; null elsewhere, where that would take many requests. */
  async ids(): Promise<readonly string[] | null> {
    if (this.#source.pathOf === undefined) return null;
    const entries = (await this.#source.children('')) ?? [];
    const shards = entries.flatMap(({ name }) => /^([0-9a-f]{1,16})\.(shard|index)$/.exec(name)?.[1] ?? []);
    const ids: string[] = [];
    for (const shard of shards)
      for await (const id of this.#reader.ids(BigInt(`0x${shard}`))) {
        if (ids.length === mostIds) return ids;
        ids.push(String(id));
      }
    return ids;
  }
}

/** More make no list that anyone looks through; each can still be asked for. */
const mostIds = 1_000_000;
