import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { ByteSource } from '../byte-store.ts';

const blockBytes = 16 * 2 ** 10;
const keptBlocks = 512;

/**
 * A file read by ranges. Small reads (tags, tables) come from blocks of 16 KiB, of which the last 512 are kept, so that
 * walking a directory far away costs few requests; voxels are read as they lie.
 */
export class FileBytes {
  /** What to call it in messages. */
  readonly name: string;
  readonly key: string;
  /** Of the file. */
  readonly size: number;
  readonly #source: ByteSource;
  readonly #blocks = new Map<number, Promise<Uint8Array>>();

  private constructor(source: ByteSource, key: string, size: number) {
    this.#source = source;
    this.key = key;
    this.size = size;
    this.name = fileName(source, key);
  }

  /** Undefined where there is no such file. */
  static async open(source: ByteSource, key: string): Promise<FileBytes | undefined> {
    const size = await source.sizeOf(key);
    return size === undefined ? undefined : new FileBytes(source, key, size);
  }

  /** Exactly these bytes, small ones from blocks that are kept. Throws 'bad-source' where the file ends before. */
  async bytes(offset: number, length: number): Promise<Uint8Array> {
    this.#check(offset, length);
    if (length > 4 * blockBytes) return this.voxels(offset, length);
    const first = Math.floor(offset / blockBytes);
    const last = Math.floor((offset + Math.max(length, 1) - 1) / blockBytes);
    const start = offset - first * blockBytes;
    if (first === last) return whole(this, (await this.#block(first)).subarray(start, start + length), offset, length);
    const blocks: Promise<Uint8Array>[] = [];
    for (let index = first; index <= last; index++) blocks.push(this.#block(index));
    return whole(this, joined(await Promise.all(blocks)).subarray(start, start + length), offset, length);
  }

  /** Exactly these bytes, read once and not kept. Throws 'bad-source' where the file ends before. */
  async voxels(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    this.#check(offset, length);
    const bytes = await this.#source.get(this.key, { offset, length }, signal);
    return whole(this, bytes ?? new Uint8Array(0), offset, length);
  }

  /** Starts to read where one will soon look. */
  prefetch(offsets: readonly number[]): void {
    for (const offset of offsets) {
      if (offset < 0 || offset >= this.size) continue;
      this.#block(Math.floor(offset / blockBytes)).catch(() => undefined);
    }
  }

  #block(index: number): Promise<Uint8Array> {
    const kept = this.#blocks.get(index);
    if (kept) this.#blocks.delete(index);
    const block = kept ?? this.#load(index);
    this.#blocks.set(index, block);
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= keptBlocks) break;
      this.#blocks.delete(oldest);
    }
    return block;
  }

  async #load(index: number): Promise<Uint8Array> {
    const offset = index * blockBytes;
    try {
      const length = Math.min(blockBytes, this.size - offset);
      return (await this.#source.get(this.key, { offset, length })) ?? new Uint8Array(0);
    } catch (error) {
      this.#blocks.delete(index);
      throw error;
    }
  }

  #check(offset: number, length: number): void {
    if (offset >= 0 && length >= 0 && Number.isSafeInteger(offset + length) && offset + length <= this.size) return;
    throw cutShort(this, offset, length);
  }
}

const fileName = (source: ByteSource, key: string): string => (key === '' ? source.name : `${source.name}/${key}`);

function whole(file: FileBytes, bytes: Uint8Array, offset: number, length: number): Uint8Array {
  if (bytes.length === length) return bytes;
  throw cutShort(file, offset, length);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return all;
}

function cutShort(file: FileBytes, offset: number, length: number): LamellaError {
  return new LamellaError(
    'bad-source',
    `"${file.name}" has ${file.size} bytes, but something of ${length} bytes should lie at byte ${offset}.`,
    { hint: 'The file is damaged or was cut short: copy it again.', fields: { file: file.name, offset, length } },
  );
}
