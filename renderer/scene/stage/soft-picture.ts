import type { PaneSize } from '../../state/view.ts';
import type { ToDraw } from './slice-drawer.ts';

/** Nothing was drawn for so long: the picture rests. */
const restMs = 140;
/** Device pixels of a voxel, from which on nobody sees that there are fewer pixels. */
const coarsePx = 4;

/**
 * Draws with half the pixels along each axis while all there is to draw is coarse and better is about to come: for the
 * first picture of something, and while pictures follow each other. A picture that rests is drawn in full.
 */
export class SoftPicture {
  #soft = false;
  #of: unknown = null;
  #drawnAt = -Infinity;

  /** Pixels to draw of a picture of `shown` that has `full` device pixels, `ratio` to a CSS pixel. */
  sizeOf(full: PaneSize, ratio: number, shown: unknown, { sharp, empty, voxelPx }: ToDraw): PaneSize {
    const nowMs = performance.now();
    const isHasty = this.#of !== shown || nowMs - this.#drawnAt < restMs;
    this.#soft = isHasty && !sharp && !empty && voxelPx * ratio >= coarsePx;
    if (!empty) this.#of = shown;
    this.#drawnAt = nowMs;
    return this.#soft ? { width: Math.ceil(full.width / 2), height: Math.ceil(full.height / 2) } : full;
  }

  /** Whether the picture is to be drawn anew in full, now or soon. */
  get isSoft(): boolean {
    return this.#soft;
  }

  get isDue(): boolean {
    return this.#soft && performance.now() - this.#drawnAt >= restMs;
  }
}
