import { type Ifd, type TiffFile, badTiff, maxIfds } from './ifd.ts';

const lookAhead = 16;

/** The chain of a file's directories, walked as far as it is asked for, once. */
export class IfdChain {
  readonly #file: TiffFile;
  readonly #ifds: Ifd[] = [];
  readonly #seen = new Set<number>();
  #walking: Promise<unknown> = Promise.resolve();
  #next: number;

  constructor(file: TiffFile) {
    this.#file = file;
    this.#next = file.firstIfd;
  }

  /** Undefined where the chain is shorter. Throws 'bad-source' on loops, and on more than 100,000 directories. */
  async at(index: number): Promise<Ifd | undefined> {
    if (index < this.#ifds.length) return this.#ifds[index];
    const walk = this.#walking.catch(() => undefined).then(() => this.#walkTo(index));
    this.#walking = walk;
    await walk;
    return this.#ifds[index];
  }

  /** All of them. */
  async all(): Promise<readonly Ifd[]> {
    await this.at(maxIfds);
    return this.#ifds;
  }

  async #walkTo(index: number): Promise<void> {
    while (this.#ifds.length <= index && this.#next !== 0) {
      this.#guess();
      const offset = this.#next;
      this.#check(offset);
      const ifd = await this.#file.ifd(offset);
      this.#seen.add(offset);
      this.#ifds.push(ifd);
      this.#next = ifd.next;
    }
  }

  #check(offset: number): void {
    if (this.#seen.has(offset)) throw badTiff(this.#file, `its directories go in a circle at byte ${offset}`);
    if (this.#ifds.length >= maxIfds) throw badTiff(this.#file, `it has more than ${maxIfds} directories`);
    const last = this.#ifds.at(-1)?.offset ?? 0;
    const wrapped = !this.#file.isBig && this.#file.bytes.size > 2 ** 32 && offset < last;
    if (wrapped) throw tooLarge(this.#file);
  }

  /** Pages of equal size lie evenly: ask for the next sixteen at once, since each names only the one after it. */
  #guess(): void {
    const [before, last] = this.#ifds.slice(-2);
    if (!before || !last || this.#ifds.length % lookAhead !== 2) return;
    const step = last.offset - before.offset;
    if (step !== this.#next - last.offset) return;
    this.#file.bytes.prefetch(Array.from({ length: lookAhead }, (_, i) => this.#next + i * step));
  }
}

function tooLarge(file: TiffFile): Error {
  return badTiff(
    file,
    `it has ${file.bytes.size} bytes, but its 32-bit offsets end at 4 GiB and begin again at zero`,
    'Write it again as BigTIFF, or as OME-Zarr.',
  );
}
