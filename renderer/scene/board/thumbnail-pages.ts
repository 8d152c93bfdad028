import { fetchThumbnails } from '../../state/tile-detail.ts';
import type { Thumbnail } from '../../state/tile-detail.ts';

/** Where a thumbnail lies: a canvas that holds many, and the rectangle of this one. */
export interface Placed {
  readonly page: OffscreenCanvas;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const pagePx = 2048;
const batch = 128;
/** Bytes of grey pixels kept; four bytes a pixel on the pages. */
const mostPages = 12;

/** The thumbnails of a dataset, fetched for what is in view and packed on a few large canvases. */
export class ThumbnailPages {
  readonly #dataset: string;
  readonly #onArrival: () => void;
  readonly #placed = new Map<number, Placed>();
  readonly #asked = new Set<number>();
  readonly #stop = new AbortController();
  #pages: OffscreenCanvas[] = [];
  #slotPx = 0;
  #next = 0;
  #busy = false;

  constructor(dataset: string, onArrival: () => void) {
    this.#dataset = dataset;
    this.#onArrival = onArrival;
  }

  get(tile: number): Placed | undefined {
    return this.#placed.get(tile);
  }

  /** The tile is another picture now. */
  forget(tile: number): void {
    this.#placed.delete(tile);
    this.#asked.delete(tile);
  }

  /** Fetches what is missing of `tiles`, the first ones first; a newer call says anew what matters. */
  want(tiles: readonly number[]): void {
    const missing = tiles.filter((tile) => !this.#asked.has(tile)).slice(0, batch);
    if (this.#busy || missing.length === 0 || this.#stop.signal.aborted) return;
    this.#busy = true;
    for (const tile of missing) this.#asked.add(tile);
    fetchThumbnails(this.#dataset, missing, this.#stop.signal)
      .then((thumbnails) => thumbnails.forEach((thumbnail) => this.#place(thumbnail)))
      // A board without thumbnails still shows places and verdicts: what is missing is asked for again later.
      .catch(() => missing.forEach((tile) => setTimeout(() => this.#asked.delete(tile), 2000)))
      .finally(() => {
        this.#busy = false;
        if (!this.#stop.signal.aborted) this.#onArrival();
      });
  }

  dispose(): void {
    this.#stop.abort();
    this.#pages = [];
    this.#placed.clear();
  }

  #place(thumbnail: Thumbnail): void {
    const { widthPx: width, heightPx: height } = thumbnail;
    if (width < 1 || height < 1) return;
    if (this.#slotPx < Math.max(width, height)) this.#restart(Math.max(width, height));
    const perRow = Math.floor(pagePx / this.#slotPx);
    const slot = this.#next++ % (perRow * perRow * mostPages);
    const page = this.#page(Math.floor(slot / (perRow * perRow)));
    const x = (slot % perRow) * this.#slotPx;
    const y = (Math.floor(slot / perRow) % perRow) * this.#slotPx;
    page.getContext('2d')?.putImageData(greyImage(thumbnail), x, y);
    this.#evict(page, x, y);
    this.#placed.set(thumbnail.tile, { page, x, y, width, height });
  }

  /** Larger thumbnails than the slots were made for: the pages are laid out anew. */
  #restart(slotPx: number): void {
    this.#slotPx = slotPx;
    this.#next = 0;
    for (const tile of this.#placed.keys()) this.#asked.delete(tile);
    this.#placed.clear();
  }

  #page(index: number): OffscreenCanvas {
    return (this.#pages[index] ??= new OffscreenCanvas(pagePx, pagePx));
  }

  #evict(page: OffscreenCanvas, x: number, y: number): void {
    if (this.#next <= Math.floor(pagePx / this.#slotPx) ** 2 * mostPages) return;
    for (const [tile, at] of this.#placed) {
      if (at.page !== page || at.x !== x || at.y !== y) continue;
      this.#placed.delete(tile);
      this.#asked.delete(tile);
      return;
    }
  }
}

function greyImage({ widthPx, heightPx, grey }: Thumbnail): ImageData {
  const image = new ImageData(widthPx, heightPx);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = ((grey[i] ?? 0) * 0x010101) | 0xff000000;
  return image;
}
