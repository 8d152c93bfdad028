import type { BrickAtlas } from './brick-atlas.ts';
import type { BrickFlow } from './brick-flow.ts';
import type { Voxels } from './brick-pool.ts';
import type { HeldBrick } from './brick-store.ts';
import type { Graphics } from './graphics.ts';
import type { LabelTables, Page } from './label-tables.ts';
import { keyInMemory } from './label-tables.ts';
import type { DrawnLayer } from './scene-layers.ts';
import type { Source } from './sources.ts';
import { pageOf } from './sources.ts';

/** Bricks on their way from memory to the textures, most wanted first, within a budget of time. */
export class Uploads {
  readonly #flow: BrickFlow;
  #queue: readonly string[] = [];
  #next = 0;
  /** Bricks came that take no texture: the picture is another, though nothing is uploaded for them. */
  #emptyCame = false;
  #pages = new Map<string, { readonly source: Source; readonly pages: Page[] }>();

  constructor(flow: BrickFlow) {
    this.#flow = flow;
  }

  /** Which pages of the atlas show each source. */
  adopt(layers: readonly DrawnLayer[], tables: LabelTables): void {
    this.#pages = new Map();
    for (const layer of layers) {
      const { source } = layer;
      const entry = this.#pages.get(source.key) ?? { source, pages: [] };
      const page = tables.pageOf(layer, source);
      if (!entry.pages.some(({ key }) => key === page.key)) entry.pages.push(page);
      this.#pages.set(source.key, entry);
    }
  }

  /** Bricks that have just come. */
  add(keys: readonly string[]): void {
    if (keys.length > 0) this.#queue = [...this.#queue.slice(this.#next), ...keys];
    if (keys.length > 0) this.#next = 0;
    this.#emptyCame ||= keys.some((key) => this.#flow.store.isEmpty(key));
  }

  /** Everything in view that memory has and the textures have not. */
  refill(atlas: BrickAtlas): void {
    this.#queue = this.#flow.seenHere.filter((key) => !this.#flow.store.isEmpty(key) && !this.isThere(atlas, key));
    this.#next = 0;
  }

  /** Whether a brick is in the textures for every layer that shows it. */
  isThere(atlas: BrickAtlas, key: string): boolean {
    const at = key.indexOf('|');
    const pages = this.#pages.get(key.slice(0, at))?.pages;
    return pages?.every((page) => atlas.has(page.key + key.slice(at))) ?? true;
  }

  get left(): number {
    return this.#queue.length - this.#next;
  }

  /** Uploads until the time is up; says whether anything was, or came without need of it. */
  step(graphics: Graphics, until: number): boolean {
    let any = this.#emptyCame;
    this.#emptyCame = false;
    while (this.#next < this.#queue.length && performance.now() < until) {
      const key = this.#queue[this.#next++] ?? '';
      if (this.upload(graphics, key)) any = true;
    }
    return any;
  }

  /** False where there was nothing to do, or no room. */
  upload({ atlas, renderer }: Graphics, key: string): boolean {
    const entry = this.#pages.get(pageOf(key));
    const brick = entry && this.#flow.store.get(key);
    if (!entry || !brick) return false;
    // What is empty takes no texture, and is drawn all the same.
    if (!brick.voxels) return true;
    const rank = this.#flow.rankOf(key);
    const keep = (held: string): boolean => this.#flow.rankOf(keyInMemory(held)) < rank;
    let any = false;
    for (const page of entry.pages) {
      const name = page.key + key.slice(key.indexOf('|'));
      if (atlas.has(name)) continue;
      const voxels = this.#voxelsFor(atlas, page, brick);
      if (!voxels || !atlas.put(renderer, entry.source.volume, name, { size: brick.size, voxels }, keep)) continue;
      any = true;
    }
    return any;
  }

  #voxelsFor(atlas: BrickAtlas, { key, table }: Page, { voxels }: HeldBrick): Voxels | null {
    if (!voxels || !('indices' in voxels)) return voxels;
    if (!table) return null;
    const numbered = table.remap(voxels);
    if (numbered) return numbered;
    // The numbers are used up: they are given anew, to what is drawn now. Pages of other times have the same table.
    const numbering = key.slice(key.indexOf('#'));
    table.clear();
    atlas.forget((page) => page.endsWith(numbering));
    this.refill(atlas);
    return table.remap(voxels);
  }
}
