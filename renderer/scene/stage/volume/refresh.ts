/** While bricks come, a quick picture is drawn this often. */
const quickEveryMs = 150;
/** When none has come for so long, what is here is drawn whole. */
const quietMs = 400;

export interface RefreshInput {
  readonly now: number;
  /** What is shown has changed. */
  readonly fresh: boolean;
  readonly moving: boolean;
  /** Counts the changes of what is in the textures. */
  readonly version: number;
  /** Whether all that the picture needs is in the textures. */
  readonly whole: () => boolean;
}

/** What to draw now: a quick picture of it all, the first strip of a whole one, or no new one. */
export type RefreshStep = 'quick' | 'start' | 'go on';

/** Decides when a picture is drawn again. Pure: it is told the time. */
export class Refresh {
  /** Of the picture that is drawn, or being drawn. */
  #version = -1;
  /** Whether the last picture was a quick one. */
  #owes = false;
  #wasWhole = false;
  #quickAt = -Infinity;
  #changedAt = -Infinity;
  #seen = -1;

  /** Whether there is more to draw later, though nothing changes. */
  get waits(): boolean {
    return this.#owes;
  }

  step({ now, fresh, moving, version, whole }: RefreshInput): RefreshStep {
    if (version !== this.#seen) this.#changedAt = now;
    this.#seen = version;
    // Of a picture that had all it needs, only what was lost matters.
    if (fresh || (version !== this.#version && !(this.#wasWhole && whole()))) this.#owes = true;
    if (this.#wasWhole && !this.#owes) this.#version = version;
    if (moving && (fresh || now - this.#quickAt >= quickEveryMs)) return this.#quick(now, version);
    if (moving || !this.#owes) return 'go on';
    this.#wasWhole = whole();
    if (this.#wasWhole || now - this.#changedAt > quietMs) {
      this.#owes = false;
      this.#version = version;
      return 'start';
    }
    return fresh || now - this.#quickAt >= quickEveryMs ? this.#quick(now, version) : 'go on';
  }

  #quick(now: number, version: number): RefreshStep {
    this.#quickAt = now;
    this.#version = version;
    this.#owes = true;
    this.#wasWhole = false;
    return 'quick';
  }
}
