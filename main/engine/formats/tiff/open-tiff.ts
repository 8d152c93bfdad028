import type { ByteSource } from '../byte-store.ts';
import { FileBytes } from './file-bytes.ts';
import { IfdChain } from './ifd-chain.ts';
import { type Ifd, TiffFile, badTiff } from './ifd.ts';
import { type TiffPage, readPage } from './page.ts';

const keptPages = 4096;
const keptFiles = 64;
const maxSubIfds = 64;

/** A file with the pages that were read of it. */
export class OpenTiff {
  readonly file: TiffFile;
  readonly chain: IfdChain;
  readonly #pages = new Map<number, Promise<TiffPage>>();

  constructor(file: TiffFile) {
    this.file = file;
    this.chain = new IfdChain(file);
  }

  /** Throws 'bad-source' where the file has fewer pages. */
  async pageAt(index: number): Promise<TiffPage> {
    const ifd = await this.chain.at(index);
    if (!ifd) throw badTiff(this.file, `it has no page ${index}, which its metadata asks for`);
    return this.page(ifd);
  }

  page(ifd: Ifd): Promise<TiffPage> {
    const kept = this.#pages.get(ifd.offset);
    if (kept) return kept;
    const page = readPage(this.file, ifd);
    this.#pages.set(ifd.offset, page);
    page.catch(() => this.#pages.delete(ifd.offset));
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= keptPages) break;
      this.#pages.delete(oldest);
    }
    return page;
  }

  /** The pages behind a page (tag 330), at most 64; those of other files' kinds are for the caller to leave out. */
  async subPages(page: TiffPage): Promise<readonly TiffPage[]> {
    if (!page.subIfds) return [];
    const offsets = await this.file.numbers(page.subIfds, 0, Math.min(page.subIfds.count, maxSubIfds));
    return Promise.all(offsets.map(async (offset) => this.page(await this.file.ifd(offset))));
  }
}

/** The files of a folder that together make one volume; the first is the one that was named. */
export class TiffSet {
  readonly main: OpenTiff;
  /** Of the named file, without its folder. */
  readonly mainName: string;
  readonly #source: ByteSource;
  readonly #folder: string;
  readonly #others = new Map<string, Promise<OpenTiff>>();

  private constructor(source: ByteSource, key: string, main: OpenTiff) {
    this.#source = source;
    this.#folder = key.slice(0, key.lastIndexOf('/') + 1);
    this.mainName = key.slice(this.#folder.length);
    this.main = main;
  }

  static async open(source: ByteSource, key: string): Promise<TiffSet> {
    return new TiffSet(source, key, await openTiff(source, key));
  }

  has(name: string): Promise<boolean> {
    return Promise.resolve(this.#source.sizeOf(this.#folder + baseName(name))).then((size) => size !== undefined);
  }

  /** A file beside the named one; folders in its name are left out, so that no file leads anywhere else. */
  other(name: string): Promise<OpenTiff> {
    const base = baseName(name);
    if (base === this.mainName || base === '') return Promise.resolve(this.main);
    const file = this.#others.get(base) ?? openTiff(this.#source, this.#folder + base);
    this.#others.delete(base);
    this.#others.set(base, file);
    file.catch(() => this.#others.delete(base));
    for (const oldest of this.#others.keys()) {
      if (this.#others.size <= keptFiles) break;
      this.#others.delete(oldest);
    }
    return file;
  }

  async textBeside(name: string, most: number): Promise<string | undefined> {
    const bytes = await this.#source.get(this.#folder + baseName(name), { offset: 0, length: most });
    return bytes && new TextDecoder().decode(bytes);
  }
}

const baseName = (name: string): string => name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);

/** Throws 'bad-source' where there is no such file, or no TIFF in it. */
export async function openTiff(source: ByteSource, key: string): Promise<OpenTiff> {
  const bytes = await FileBytes.open(source, key);
  if (bytes) return new OpenTiff(await TiffFile.open(bytes));
  throw badTiff({ name: `${source.name}/${key}` }, 'there is no such file', 'Put the files of a set into one folder.');
}
