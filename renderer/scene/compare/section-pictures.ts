import type { Rect } from '../../../preload/contract/space.ts';
import type { SectionPicture } from '../../state/compare.ts';
import { fetchSectionPicture } from '../../state/compare.ts';

const restMs = 80;

/** The picture of a section of one stack version, asked for anew where the view has come to rest elsewhere. */
export class SectionPictures {
  readonly #stack: string;
  readonly #section: number;
  readonly #onArrival: () => void;
  #asked = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stop = new AbortController();
  #picture: SectionPicture | null = null;
  #problem: string | null = null;

  constructor(stack: string, section: number, onArrival: () => void) {
    this.#stack = stack;
    this.#section = section;
    this.#onArrival = onArrival;
  }

  get picture(): SectionPicture | null {
    return this.#picture;
  }

  /** Why there is none, or what is missing of it. */
  get problem(): string | null {
    return this.#problem ?? this.#picture?.problems[0] ?? null;
  }

  want(rect: Rect, scale: number): void {
    const key = [rect.minX, rect.minY, rect.maxX, rect.maxY, scale].join();
    if (key === this.#asked) return;
    this.#asked = key;
    clearTimeout(this.#timer);
    this.#stop.abort();
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#timer = setTimeout(() => void this.#fetch(rect, scale, signal), this.#picture ? restMs : 0);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#stop.abort();
  }

  async #fetch(rect: Rect, scale: number, signal: AbortSignal): Promise<void> {
    try {
      this.#picture = await fetchSectionPicture(this.#stack, this.#section, rect, scale, signal);
      this.#problem = null;
    } catch (error) {
      if (signal.aborted) return;
      this.#problem = error instanceof Error ? error.message : 'There is no picture.';
    }
    if (!signal.aborted) this.#onArrival();
  }
}
