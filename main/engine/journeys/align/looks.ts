import type { PictureFrame } from '../../../../native-workers/section-tasks.ts';
import type { Rect } from '../../../../preload/contract/space.ts';
import type { JobRun } from '../../jobs/job.ts';
import { renderBox } from '../../stacks/render-box.ts';
import { type AlignSection, scaled, type SectionSource } from './sections.ts';
import type { AlignSettings } from './settings.ts';

/** A picture of a section, 8 bits a pixel, 0 = nothing there. */
export interface Look {
  readonly frame: PictureFrame;
  readonly pixels: Uint8Array;
}

/** Bytes of pictures that are kept for the next pair. */
const mostBytes = 2 ** 28;
/** Pixels that are drawn at once to be averaged. */
const mostDrawn = 2 ** 25;
/** Pixels that a section's grey range is told from, and the shares of them beyond its ends. */
const sampled = 20_000;
const ends = [0.005, 0.995] as const;

interface Kept {
  readonly made: Promise<Look>;
  bytes: number;
}

/** Pictures of sections as they are asked for; those of the last few sections are kept. */
export class SectionLooks {
  readonly #job: JobRun;
  readonly #source: SectionSource;
  readonly #settings: AlignSettings;
  readonly #kept = new Map<string, Kept>();
  readonly #features = new Map<string, Promise<Uint8Array>>();

  constructor(job: JobRun, source: SectionSource, settings: AlignSettings) {
    [this.#job, this.#source, this.#settings] = [job, source, settings];
  }

  /** All of a section, small. */
  overview(section: AlignSection): Promise<Look> {
    return this.#look(section, section.bounds, this.#settings.overviewPx);
  }

  /** A box of a section, as it is matched closely. */
  close(section: AlignSection, rect: Rect): Promise<Look> {
    return this.#look(section, rect, this.#settings.stepPx);
  }

  /** The features of an overview. */
  features(section: AlignSection): Promise<Uint8Array> {
    const known = this.#features.get(section.hash);
    if (known) return known;
    const found = this.#findFeatures(section);
    this.#features.set(section.hash, found);
    for (const old of this.#features.keys()) if (this.#features.size > 64) this.#features.delete(old);
    found.catch(() => this.#features.delete(section.hash));
    return found;
  }

  async #findFeatures(section: AlignSection): Promise<Uint8Array> {
    const { frame, pixels } = await this.overview(section);
    const header = { frame, contrast: this.#settings.contrast };
    const options = { inputs: [pixels], signal: this.#job.signal, lane: 'batch' as const };
    return (await this.#job.kernels.run('section-features', header, options)).outputs[0] ?? new Uint8Array();
  }

  #look(section: AlignSection, rect: Rect, stepPx: number): Promise<Look> {
    const key = JSON.stringify([section.section, rect, stepPx]);
    const before = this.#kept.get(key);
    if (before) {
      this.#kept.delete(key);
      this.#kept.set(key, before);
      return before.made;
    }
    const kept: Kept = { made: this.#render(section, rect, stepPx), bytes: 0 };
    this.#kept.set(key, kept);
    kept.made.then(
      ({ pixels }) => this.#makeRoom(kept, pixels.byteLength),
      () => this.#kept.delete(key),
    );
    return kept.made;
  }

  #makeRoom(kept: Kept, bytes: number): void {
    kept.bytes = bytes;
    let total = [...this.#kept.values()].reduce((sum, one) => sum + one.bytes, 0);
    for (const [key, old] of this.#kept) {
      if (total <= mostBytes) return;
      if (old === kept) continue;
      total -= old.bytes;
      this.#kept.delete(key);
    }
  }

  async #render({ section }: AlignSection, rect: Rect, stepPx: number): Promise<Look> {
    const { library, placed, pxScale } = this.#source;
    const env = { kernels: this.#job.kernels, signal: this.#job.signal, lane: 'batch' as const };
    const own = scaled(rect, 1 / pxScale);
    const scale = pxScale / stepPx;
    const finer = finerBy(this.#settings.leastStepPx / pxScale, own, scale);
    const request = { section, rect: own, scale: scale * finer, blend: 'feather', levels: 'stored' } as const;
    const { widthPx, heightPx, dtype, pixels } = await renderBox(library, placed, request, env);
    const drawn = { levels: dtype === 'uint8' ? pixels : wide(pixels), widthPx, heightPx };
    const { levels, ...size } = finer > 1 ? averaged(drawn, finer) : drawn;
    const frame = { sizePx: [size.widthPx, size.heightPx], originPx: [rect.minX, rect.minY], stepPx } as const;
    return { frame, pixels: stretched(levels) };
  }
}

const wide = (bytes: Uint8Array): Uint16Array => new Uint16Array(bytes.slice().buffer);

/**
 * How much finer a picture is drawn than it is needed, to be averaged: a drawn pixel is the mean of four samples, which
 * of EM under light would leave out nearly all. 1 where pixels are of nearly one size.
 */
function finerBy(ownPxAPixel: number, own: Rect, scale: number): number {
  const area = Math.max(1, (own.maxX - own.minX) * (own.maxY - own.minY) * scale * scale);
  return Math.max(1, Math.min(Math.floor(ownPxAPixel / 2), Math.floor(Math.sqrt(mostDrawn / area))));
}

interface Drawn {
  readonly levels: Uint8Array | Uint16Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Means of squares of `by` pixels, over what is there; nothing where under half is. */
function averaged({ levels, widthPx, heightPx }: Drawn, by: number): Drawn {
  const [columns, rows] = [Math.max(1, Math.floor(widthPx / by)), Math.max(1, Math.floor(heightPx / by))];
  const out = levels instanceof Uint16Array ? new Uint16Array(columns * rows) : new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      out[row * columns + column] = meanOfSquare(levels, (row * widthPx + column) * by, widthPx, by);
  return { levels: out, widthPx: columns, heightPx: rows };
}

function meanOfSquare(levels: Drawn['levels'], corner: number, widthPx: number, by: number): number {
  let sum = 0;
  let there = 0;
  for (let y = 0; y < by; y++)
    for (let x = 0; x < by; x++) {
      const level = levels[corner + y * widthPx + x] ?? 0;
      if (level === 0) continue;
      sum += level;
      there += 1;
    }
  return there * 2 > by * by ? Math.round(sum / there) : 0;
}

/** Grey levels from 1 to 255 over the range that is used; 0 stays nothing. */
function stretched(levels: Uint8Array | Uint16Array): Uint8Array {
  const every = Math.max(1, Math.floor(levels.length / sampled));
  const sample: number[] = [];
  for (let i = 0; i < levels.length; i += every) if (levels[i]) sample.push(levels[i] ?? 0);
  sample.sort((a, b) => a - b);
  const at = (share: number): number => sample[Math.floor(share * (sample.length - 1))] ?? 0;
  const [low, high] = [at(ends[0]), at(ends[1])];
  const gain = 254 / Math.max(1, high - low);
  const out = new Uint8Array(levels.length);
  for (let i = 0; i < levels.length; i++) {
    const level = levels[i] ?? 0;
    if (level > 0) out[i] = Math.max(1, Math.min(255, Math.round(1 + (level - low) * gain)));
  }
  return out;
}
