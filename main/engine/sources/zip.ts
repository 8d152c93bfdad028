import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { ByteRange, ByteSource, Entry } from '../formats/byte-store.ts';
import { crc32Of } from '../../../native-workers/crc32.ts';
import { checkRange, checkSignal } from './keys.ts';
import {
  end64Bytes,
  endBytes,
  findEnd,
  locatorBytes,
  readDirectory,
  readEnd,
  readEnd64,
  readLocator,
  viewOf,
  type DirectoryPlace,
  type Fail,
  type ZipEntry,
} from './zip-directory.ts';

const inflate = promisify(inflateRaw);

/** Deflate packs 1,032 to 1 at best; that is fine for an empty chunk, and a bomb for more. */
const maxRatio = 100;
const freeBytes = 64 << 20;
const maxBytes = 2 ** 30;
const headerBytes = 30;

/**
 * The files of a zip, or of a zip64, which lies in any source that does ranges: stored and deflated ones. The directory
 * is kept in memory. Throws 'not-found', 'bad-source' (no zip, damaged, or made to deceive), 'over-budget'.
 */
export async function openZipSource(source: ByteSource, key: string, signal?: AbortSignal): Promise<ByteSource> {
  const name = `${source.name.replace(/\/$/, '')}/${key}`;
  const fail: Fail = (why, tag = 'bad-source') =>
    new LamellaError(tag, `The zip ${name} can't be read: ${why}.`, {
      hint: 'Unpack it with another program and look at what it holds, or fetch it again.',
      fields: { file: key, source: source.name },
    });
  const size = await source.sizeOf(key, signal);
  if (size === undefined) {
    throw new LamellaError('not-found', `There is no "${key}" in ${source.name}.`, {
      hint: 'Check the address.',
      fields: { file: key },
    });
  }
  const read = async (offset: number, length: number, stop?: AbortSignal): Promise<Uint8Array> => {
    const bytes = offset + length > size ? undefined : await source.get(key, { offset, length }, stop);
    if (bytes?.byteLength !== length) throw fail(`it ends before byte ${offset + length}`);
    return bytes;
  };
  const place = await findDirectory(size, (offset, length) => read(offset, length, signal), fail);
  const entries = await readDirectory(await read(place.offset, place.bytes, signal), place, fail);
  const zip = new Zip(entries, read, fail);
  return {
    name,
    get: (inner, range, stop) => zip.get(inner, range, stop),
    sizeOf: (inner) => zip.find(inner)?.bytes,
    list: (prefix) => Promise.resolve(zip.below(prefix).map((entry) => entry.name)),
    children: (prefix) => Promise.resolve(zip.children(prefix)),
  };
}

type Read = (offset: number, length: number, signal?: AbortSignal) => Promise<Uint8Array>;

async function findDirectory(size: number, read: Read, fail: Fail): Promise<DirectoryPlace> {
  const tailBytes = Math.min(size, endBytes + 0xffff + locatorBytes);
  const tail = await read(size - tailBytes, tailBytes);
  const endAt = tailBytes < endBytes ? undefined : findEnd(tail);
  if (endAt === undefined) throw fail('it does not end as a zip does');
  const short = readEnd(tail.subarray(endAt), fail);
  const end = size - tailBytes + endAt;
  const place =
    short === 'zip64'
      ? await findDirectory64(end, tail.subarray(Math.max(0, endAt - locatorBytes), endAt), read, fail)
      : short;
  if (place.offset + place.bytes > end) throw fail('its directory leads beyond its end');
  return place;
}

async function findDirectory64(end: number, locator: Uint8Array, read: Read, fail: Fail): Promise<DirectoryPlace> {
  const at = locator.byteLength === locatorBytes ? readLocator(locator) : undefined;
  if (at === undefined || !Number.isSafeInteger(at) || at + end64Bytes > end)
    throw fail('its zip64 end record is missing');
  const place = readEnd64(await read(at, end64Bytes), fail);
  if (!Number.isSafeInteger(place.offset) || place.offset + place.bytes > at)
    throw fail('its directory leads beyond its end');
  return place;
}

class Zip {
  readonly #entries: readonly ZipEntry[];
  readonly #index: ReadonlyMap<string, ZipEntry>;
  readonly #read: Read;
  readonly #fail: Fail;
  /** Where the data of files begin whose local header was read. */
  readonly #dataAt = new Map<string, number>();
  /** The last file that was inflated for a part of it: more parts follow. */
  #last: { readonly name: string; readonly bytes: Promise<Uint8Array> } | undefined;

  constructor(entries: readonly ZipEntry[], read: Read, fail: Fail) {
    [this.#entries, this.#read, this.#fail] = [entries, read, fail];
    this.#index = new Map(entries.map((entry) => [entry.name, entry]));
  }

  find(name: string): ZipEntry | undefined {
    return this.#index.get(name);
  }

  async get(name: string, range: ByteRange | undefined, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    checkSignal(signal);
    checkRange(range, name, 'the zip');
    const entry = this.find(name);
    if (entry === undefined) return undefined;
    this.#check(entry);
    if (range === undefined) return this.#whole(entry, signal);
    const offset = Math.min(range.offset, entry.bytes);
    const length = Math.min(range.length, entry.bytes - offset);
    if (entry.method !== 0) return (await this.#inflated(entry)).slice(offset, offset + length);
    return length === 0 ? new Uint8Array() : this.#read((await this.#dataOf(entry, signal)) + offset, length, signal);
  }

  /** Entries whose names begin so, in order. */
  below(prefix: string): readonly ZipEntry[] {
    const from = this.#firstFrom(prefix);
    return this.#entries.slice(from, this.#firstFrom(`${prefix}\uffff`, from));
  }

  /** Skips what lies deeper, so that a folder of many files costs nothing to its parent. */
  children(prefix: string): readonly Entry[] {
    const found: Entry[] = [];
    for (let at = this.#firstFrom(prefix); ;) {
      const name = this.#entries[at]?.name;
      if (name === undefined || !name.startsWith(prefix)) return found.sort((a, b) => (a.name < b.name ? -1 : 1));
      const slash = name.indexOf('/', prefix.length);
      found.push({ name: name.slice(prefix.length, slash < 0 ? undefined : slash), isFolder: slash >= 0 });
      at = slash < 0 ? at + 1 : this.#firstFrom(`${name.slice(0, slash)}0`, at);
    }
  }

  #firstFrom(name: string, from = 0): number {
    let [low, high] = [from, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle]?.name ?? '') < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #check({ name, method, bytes, packedBytes }: ZipEntry): void {
    if (method !== 0 && method !== 8) throw this.#fail(`"${name}" in it is packed by method ${method}, not by deflate`);
    const isBomb = bytes > maxBytes || (bytes > freeBytes && bytes > packedBytes * maxRatio);
    if (method === 8 && isBomb)
      throw this.#fail(`"${name}" in it unpacks ${packedBytes} bytes to ${bytes}`, 'over-budget');
  }

  async #whole(entry: ZipEntry, signal?: AbortSignal): Promise<Uint8Array> {
    if (entry.bytes > maxBytes) throw this.#fail(`"${entry.name}" in it is too large to read at once`, 'over-budget');
    const packed = await this.#packed(entry, signal);
    const bytes = entry.method === 0 ? packed : await this.#unpack(entry, packed);
    if (crc32Of(bytes) !== entry.crc32) throw this.#fail(`"${entry.name}" in it is damaged (its CRC-32 is another)`);
    return bytes;
  }

  #inflated(entry: ZipEntry): Promise<Uint8Array> {
    if (this.#last?.name !== entry.name) {
      const bytes = this.#whole(entry);
      this.#last = { name: entry.name, bytes };
      bytes.catch(() => (this.#last = undefined));
    }
    return this.#last.bytes;
  }

  async #unpack({ name, bytes }: ZipEntry, packed: Uint8Array): Promise<Uint8Array> {
    const unpacked = await inflate(packed, { maxOutputLength: Math.max(bytes, 1) }).catch((error: unknown) => {
      throw this.#fail(
        `"${name}" in it does not unpack to ${bytes} bytes (${error instanceof Error ? error.message : ''})`,
      );
    });
    if (unpacked.byteLength !== bytes)
      throw this.#fail(`"${name}" in it unpacks to ${unpacked.byteLength} bytes, not ${bytes}`);
    return new Uint8Array(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength);
  }

  /** The local header and the data in one read where the header's extra field is no longer than usual. */
  async #packed(entry: ZipEntry, signal?: AbortSignal): Promise<Uint8Array> {
    if (entry.packedBytes === 0) return new Uint8Array();
    const known = this.#dataAt.get(entry.name);
    if (known !== undefined) return this.#read(known, entry.packedBytes, signal);
    const nameBytes = Buffer.byteLength(entry.name);
    const both = await this.#read(entry.headerAt, headerBytes + nameBytes + entry.packedBytes, signal);
    const dataAt = this.#noteData(entry, both);
    const start = dataAt - entry.headerAt;
    const missing = start + entry.packedBytes - both.byteLength;
    if (missing <= 0) return both.slice(start, start + entry.packedBytes);
    const rest = await this.#read(entry.headerAt + both.byteLength, missing, signal);
    return Uint8Array.from(
      Buffer.concat([both.subarray(Math.min(start, both.byteLength)), rest]).subarray(-entry.packedBytes),
    );
  }

  async #dataOf(entry: ZipEntry, signal?: AbortSignal): Promise<number> {
    const known = this.#dataAt.get(entry.name);
    if (known !== undefined) return known;
    const nameBytes = Buffer.byteLength(entry.name);
    return this.#noteData(entry, await this.#read(entry.headerAt, headerBytes + nameBytes, signal));
  }

  /** Where the data begin. The local header must say the same name: programs differ in which of the two they believe. */
  #noteData(entry: ZipEntry, header: Uint8Array): number {
    const view = viewOf(header);
    const nameBytes = view.getUint16(26, true);
    const name = header.subarray(headerBytes, headerBytes + nameBytes);
    const same = view.getUint32(0, true) === 0x04034b50 && sameName(name, entry.name);
    if (!same) throw this.#fail(`"${entry.name}" in it has another name at its data`);
    const dataAt = entry.headerAt + headerBytes + nameBytes + view.getUint16(28, true);
    this.#dataAt.set(entry.name, dataAt);
    return dataAt;
  }
}

const sameName = (bytes: Uint8Array, name: string): boolean =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) === name ||
  new TextDecoder('latin1').decode(bytes) === name;
