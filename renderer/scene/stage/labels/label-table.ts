import type { DataTexture } from 'three';
import type { LayerOf } from '../../../../preload/contract/view-state.ts';
import { idOfWords, labelPixel, pixelOf, wordsOfId } from '../../../ui/label-colours.ts';
import { ColourRows } from './colour-rows.ts';
import { IdNumbers } from './id-numbers.ts';
import { idCount, type IndexedBrick } from './indexed-brick.ts';

/** How the labels of a layer look. */
export interface LabelLook extends Pick<LayerOf<'segmentation'>, 'colourSeed' | 'colours' | 'selected' | 'shows'> {
  /** Of labels that are not selected, where some are and all are shown; 0 to 1. */
  readonly othersOpacity: number;
}

export const usualLook: LabelLook = { colourSeed: 0, colours: {}, selected: [], shows: 'all', othersOpacity: 0.4 };

/** Labels that a table holds at most, background with them. */
export const mostLabels = 2 ** 22;

/**
 * The labels of one layer that were seen: a dense index for each id (0: background), which the voxel texture (R32UI)
 * holds, and its colour at texel (index & 2047, index >> 11) of `texture` (RGBA8). Alpha is the label's opacity; a label
 * of alpha 0 is not drawn. A changed selection is a few rows of the texture and touches no brick.
 */
export class LabelTable {
  #ids = new IdNumbers();
  readonly #rows: ColourRows;
  #look: LabelLook = usualLook;
  /** By index: 1 where selected, 2 where it has a colour of its own. */
  #marks = new Uint8Array(1 << 11);
  #ownColours = new Map<number, number>();
  #generation = 0;

  constructor(most = mostLabels) {
    this.#rows = new ColourRows(most);
  }

  /** Set it as `uLabelColours` before each frame: a table that grows has another. */
  get texture(): DataTexture {
    return this.#rows.texture;
  }

  /** Indices given, with background. */
  get count(): number {
    return this.#ids.count;
  }

  /** Grows with each `clear`: what was remapped under another one must be remapped. */
  get generation(): number {
    return this.#generation;
  }

  get look(): LabelLook {
    return this.#look;
  }

  /**
   * The voxels of a brick as indices of this table; null where its ids do not fit any more: `clear`, then remap the bricks
   * that are drawn. O(voxels). `into` is written and returned where it is given; it must have as many voxels.
   */
  remap({ words, indices }: IndexedBrick, into = new Uint32Array(indices.length)): Uint32Array | null {
    const ids = words.length >> 1;
    const indexOfLocal = new Uint32Array(ids);
    for (let i = 0; i < ids; i++) {
      const index = this.#indexOf(words[2 * i] ?? 0, words[2 * i + 1] ?? 0);
      if (index === null) return null;
      indexOfLocal[i] = index;
    }
    this.#rows.commit();
    for (let i = 0; i < indices.length; i++) into[i] = indexOfLocal[indices[i] ?? 0] ?? 0;
    return into;
  }

  /** Whether the ids of a brick fit. */
  hasRoomFor(brick: IndexedBrick): boolean {
    return this.#ids.count + idCount(brick) <= this.#rows.most;
  }

  /** The id of an index, decimal and exact. */
  idOf(index: number): string {
    return idOfWords(this.#ids.low(index), this.#ids.high(index));
  }

  /** Follows the layer. False where nothing changed. */
  setLook(look: LabelLook): boolean {
    const before = this.#look;
    if (look === before) return false;
    this.#look = look;
    const touched = new Set<number>();
    if (look.selected !== before.selected) this.#markSelected(before.selected, look.selected, touched);
    if (look.colours !== before.colours) this.#takeColours(look.colours, touched);
    const recoloured = look.colourSeed !== before.colourSeed;
    const faded = othersAlpha(look) !== othersAlpha(before);
    if (recoloured) this.#paintAll();
    else {
      if (faded) this.#fadeOthers();
      for (const index of touched) this.#paint(index);
    }
    this.#rows.commit();
    return recoloured || faded || touched.size > 0;
  }

  /** Forgets the ids, not the look. */
  clear(): void {
    this.#generation += 1;
    this.#ids = new IdNumbers();
    this.#marks.fill(0);
    this.#ownColours.clear();
    const look = this.#look;
    this.#look = { ...usualLook, colourSeed: look.colourSeed };
    this.setLook(look);
  }

  /** After the graphics came back: the next frame uploads the texture anew. */
  uploadAgain(): void {
    this.#rows.uploadAgain();
  }

  dispose(): void {
    this.#rows.dispose();
  }

  #indexOf(low: number, high: number): number | null {
    const next = this.#ids.count;
    const known = this.#ids.find(low, high);
    if (known > 0 || (low === 0 && high === 0)) return known;
    if (next >= this.#rows.most) return null;
    const index = this.#ids.add(low, high);
    if (index >= this.#marks.length) this.#marks = twice(this.#marks);
    this.#paint(index);
    return index;
  }

  /** Selected ids have an index from the moment that they are selected, seen or not. */
  #markSelected(before: readonly string[], now: readonly string[], touched: Set<number>): void {
    for (const id of before) this.#mark(id, selectedMark, false, touched);
    for (const id of now) this.#mark(id, selectedMark, true, touched);
  }

  #takeColours(now: LabelLook['colours'], touched: Set<number>): void {
    for (const index of this.#ownColours.keys()) {
      this.#marks[index] = (this.#marks[index] ?? 0) & ~colourMark;
      touched.add(index);
    }
    this.#ownColours = new Map();
    for (const [id, hex] of Object.entries(now)) {
      const index = this.#mark(id, colourMark, true, touched);
      if (index > 0) this.#ownColours.set(index, pixelOf(hex));
    }
  }

  #mark(id: string, mark: number, on: boolean, touched: Set<number>): number {
    const index = this.#indexOf(...wordsOfId(id)) ?? 0;
    if (index === 0) return 0;
    const marks = this.#marks[index] ?? 0;
    this.#marks[index] = on ? marks | mark : marks & ~mark;
    touched.add(index);
    return index;
  }

  #fadeOthers(): void {
    const alpha = othersAlpha(this.#look);
    this.#rows.fade(this.#ids.count, (index) => ((this.#marks[index] ?? 0) & selectedMark ? 255 : alpha));
  }

  #paintAll(): void {
    for (let index = 1; index < this.#ids.count; index++) this.#paint(index);
  }

  #paint(index: number): void {
    const marks = this.#marks[index] ?? 0;
    const own = marks & colourMark ? this.#ownColours.get(index) : undefined;
    const colour = own ?? labelPixel(this.#ids.low(index), this.#ids.high(index), this.#look.colourSeed);
    const alpha = marks & selectedMark ? 255 : othersAlpha(this.#look);
    this.#rows.set(index, ((colour & 0xff_ffff) | (alpha << 24)) >>> 0);
  }
}

const selectedMark = 1;
const colourMark = 2;

/** Of 255, for what is not selected. */
function othersAlpha({ shows, selected, othersOpacity }: LabelLook): number {
  if (shows === 'selected') return 0;
  return selected.length === 0 ? 255 : Math.round(255 * othersOpacity);
}

function twice(marks: Uint8Array): Uint8Array<ArrayBuffer> {
  const wider = new Uint8Array(marks.length * 2);
  wider.set(marks);
  return wider;
}
