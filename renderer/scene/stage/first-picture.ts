/** A picture of something else stays for so long while nothing of what is to be shown now is here. */
const holdMs = 150;

/**
 * Keeps the last picture for a moment where there is nothing at all to draw instead: a black picture between two volumes
 * would flicker, and the card would be busy with it when the first bricks come.
 */
export class FirstPicture {
  #shown: unknown = null;
  #since = -Infinity;
  #emptyAt = -1;

  /** Whether drawing can wait: `shown` is new, and of the textures (`version`) nothing has changed since it had nothing. */
  waits(shown: unknown, version: number, nowMs: number): boolean {
    if (this.#shown !== shown) [this.#shown, this.#since, this.#emptyAt] = [shown, nowMs, -1];
    return this.#emptyAt === version && nowMs - this.#since < holdMs;
  }

  /** Whether a picture in which there is nothing need not be shown. */
  skips(version: number, nowMs: number): boolean {
    this.#emptyAt = version;
    return nowMs - this.#since < holdMs;
  }
}
