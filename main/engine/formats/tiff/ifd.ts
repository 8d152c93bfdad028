import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { FileBytes } from './file-bytes.ts';

/**
 * Directories of TIFF 6.0 and BigTIFF files, read with suspicion: offsets must lie in the file, counts are bounded, and
 * a chain of directories that comes back to itself is refused. Nothing is read before it is asked for.
 */
export interface Tag {
  readonly id: number;
  readonly type: number;
  /** Of values, not of bytes. */
  readonly count: number;
  /** Where the first value lies in the file. */
  readonly at: number;
}

export interface Ifd {
  /** Where it lies in the file. */
  readonly offset: number;
  readonly tags: ReadonlyMap<number, Tag>;
  /** Where the next one of the chain lies; 0 where this is the last. */
  readonly next: number;
}

/** More directories than this in one file are refused. */
export const maxIfds = 100_000;
const maxEntries = 4096;

/** Bytes of a value by the code of its type; 0 is no type. */
const typeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

export class TiffFile {
  readonly bytes: FileBytes;
  readonly littleEndian: boolean;
  readonly isBig: boolean;
  readonly firstIfd: number;

  private constructor(bytes: FileBytes, littleEndian: boolean, isBig: boolean, firstIfd: number) {
    this.bytes = bytes;
    this.littleEndian = littleEndian;
    this.isBig = isBig;
    this.firstIfd = firstIfd;
  }

  get name(): string {
    return this.bytes.name;
  }

  /** Throws 'bad-source' where the file does not begin as a TIFF does. */
  static async open(bytes: FileBytes): Promise<TiffFile> {
    const head = bytes.size >= 8 ? await bytes.bytes(0, Math.min(16, bytes.size)) : new Uint8Array(8);
    const kind = tiffKind(head);
    if (!kind) throw badTiff(bytes, 'it does not begin as a TIFF file does');
    const view = viewOf(head);
    if (!kind.isBig) return new TiffFile(bytes, kind.little, false, view.getUint32(4, kind.little));
    const plain = head.length === 16 && view.getUint16(4, kind.little) === 8 && view.getUint16(6, kind.little) === 0;
    if (!plain) throw badTiff(bytes, 'the header of the BigTIFF is damaged');
    return new TiffFile(bytes, kind.little, true, safe(bytes, view.getBigUint64(8, kind.little)));
  }

  async ifd(offset: number): Promise<Ifd> {
    const { littleEndian: little, isBig, bytes } = this;
    const [countBytes, entryBytes, nextBytes] = isBig ? [8, 20, 8] : [2, 12, 4];
    const head = viewOf(await bytes.bytes(offset, countBytes));
    const count = isBig ? safe(bytes, head.getBigUint64(0, little)) : head.getUint16(0, little);
    if (count === 0 || count > maxEntries) throw badTiff(bytes, `the directory at byte ${offset} has ${count} entries`);
    const from = offset + countBytes;
    const view = viewOf(await bytes.bytes(from, count * entryBytes + nextBytes));
    const tags = new Map<number, Tag>();
    for (let i = 0; i < count; i++) {
      const tag = this.#tag(view, i * entryBytes, from);
      if (tag && !tags.has(tag.id)) tags.set(tag.id, tag);
    }
    const end = count * entryBytes;
    return { offset, tags, next: isBig ? safe(bytes, view.getBigUint64(end, little)) : view.getUint32(end, little) };
  }

  /** Values `from` to `from + count` of a tag of whole numbers. Throws 'bad-source' where it holds fewer or others. */
  async numbers(tag: Tag, from = 0, count = tag.count): Promise<number[]> {
    if (from + count > tag.count) throw this.#short(tag, from + count);
    const size = typeBytes[tag.type] ?? 0;
    const view = viewOf(await this.bytes.bytes(tag.at + from * size, count * size));
    return Array.from({ length: count }, (_, i) => this.#value(tag, view, i * size));
  }

  /** The first value of a tag, or what is usual where the directory lacks it. */
  async number(ifd: Ifd, id: number, usual: number): Promise<number> {
    const tag = ifd.tags.get(id);
    return tag ? ((await this.numbers(tag, 0, 1))[0] ?? usual) : usual;
  }

  /** A tag of text, without the zero at its end; '' where there is none. At most `most` bytes are taken. */
  async text(ifd: Ifd, id: number, most: number): Promise<string> {
    const tag = ifd.tags.get(id);
    if (!tag || (typeBytes[tag.type] ?? 0) !== 1) return '';
    const stored = await this.bytes.bytes(tag.at, Math.min(tag.count, most));
    const end = stored.indexOf(0);
    return new TextDecoder().decode(end < 0 ? stored : stored.subarray(0, end));
  }

  async raw(tag: Tag): Promise<Uint8Array> {
    return this.bytes.bytes(tag.at, tag.count * (typeBytes[tag.type] ?? 0));
  }

  #tag(view: DataView, entry: number, from: number): Tag | undefined {
    const { littleEndian: little, isBig } = this;
    const type = view.getUint16(entry + 2, little);
    const size = typeBytes[type] ?? 0;
    // Unknown types are to be passed over, says TIFF 6.0.
    if (size === 0) return undefined;
    const id = view.getUint16(entry, little);
    const count = isBig ? safe(this.bytes, view.getBigUint64(entry + 4, little)) : view.getUint32(entry + 4, little);
    const valueAt = entry + (isBig ? 12 : 8);
    const inside = count * size <= (isBig ? 8 : 4);
    const offset = (): number =>
      isBig ? safe(this.bytes, view.getBigUint64(valueAt, little)) : view.getUint32(valueAt, little);
    const at = inside ? from + valueAt : offset();
    // Tags that nobody asks for may be damaged: reading them is what fails.
    return { id, type, count, at };
  }

  #value(tag: Tag, view: DataView, at: number): number {
    const little = this.littleEndian;
    if (tag.type === 1 || tag.type === 7) return view.getUint8(at);
    if (tag.type === 3) return view.getUint16(at, little);
    if (tag.type === 4 || tag.type === 13) return view.getUint32(at, little);
    if (tag.type === 16 || tag.type === 18) return safe(this.bytes, view.getBigUint64(at, little));
    if (tag.type === 5) return view.getUint32(at, little) / view.getUint32(at + 4, little);
    throw badTiff(this.bytes, `tag ${tag.id} is of type ${tag.type}, which is no whole number`);
  }

  #short(tag: Tag, wanted: number): LamellaError {
    return badTiff(this.bytes, `tag ${tag.id} has ${tag.count} values where ${wanted} are needed`);
  }
}

/** Which TIFF the first eight bytes of a file tell of, if any. */
export function tiffKind(head: Uint8Array): { readonly little: boolean; readonly isBig: boolean } | undefined {
  const little = head[0] === 0x49 && head[1] === 0x49;
  const big = head[0] === 0x4d && head[1] === 0x4d;
  if ((!little && !big) || head.length < 8) return undefined;
  const magic = viewOf(head).getUint16(2, little);
  return magic === 42 || magic === 43 ? { little, isBig: magic === 43 } : undefined;
}

export function badTiff(file: { readonly name: string }, what: string, hint?: string): LamellaError {
  return new LamellaError('bad-source', `"${file.name}" can't be read as TIFF: ${what}.`, {
    hint: hint ?? 'The file is damaged, or of a kind of TIFF that Lamella does not read: save it again as plain TIFF.',
    fields: { file: file.name },
  });
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function safe(file: { readonly name: string }, value: bigint): number {
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw badTiff(file, `it has an offset or a count of ${value}`);
}
