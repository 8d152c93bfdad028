import type { DrawStats } from '../../state/view.ts';

/** Figures are told this often while they change. */
const tellEveryMs = 120;

/** Counts pictures, and tells the window how drawing goes: when something changed, and not too often. */
export class Figures {
  readonly #read: () => Omit<DrawStats, 'frames' | 'blankFrames'> | null;
  readonly #tell: (stats: DrawStats) => void;
  #telling = false;
  #told = '';
  /** Slices drawn, and those of them that had a hole. */
  #frames = 0;
  #blankFrames = 0;

  constructor(read: () => Omit<DrawStats, 'frames' | 'blankFrames'> | null, tell: (stats: DrawStats) => void) {
    this.#read = read;
    this.#tell = tell;
  }

  restart(): void {
    this.#frames = this.#blankFrames = 0;
  }

  /** A volume that was just opened has nothing to draw yet: counting starts with the first whole picture. */
  countPicture(blank: boolean): void {
    if (this.#frames === 0 && blank) return;
    this.#frames += 1;
    if (blank) this.#blankFrames += 1;
  }

  tellSoon(): void {
    if (this.#telling) return;
    this.#telling = true;
    setTimeout(() => {
      this.#telling = false;
      this.#tellNow();
    }, tellEveryMs);
  }

  #tellNow(): void {
    const read = this.#read();
    if (!read) return;
    const stats = { ...read, frames: this.#frames, blankFrames: this.#blankFrames };
    const text = JSON.stringify(stats);
    if (text === this.#told) return;
    this.#told = text;
    this.#tell(stats);
  }
}
