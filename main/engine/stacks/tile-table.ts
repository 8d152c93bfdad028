import { createHash } from 'node:crypto';
import { boundsOfTile, type Affine, type Dtype, type Rect } from '../../../preload/contract/space.ts';

/** Tiles of a stack by number, a column a property: as objects, 400,000 of them would take 300 MB. */
export interface TileTable {
  readonly count: number;
  readonly ids: Float64Array;
  readonly sections: Float64Array;
  /** `sectionFromTile`, six numbers a tile. */
  readonly places: Float64Array;
  /** minX, minY, maxX, maxY of a tile, section pixels. */
  readonly bounds: Float64Array;
  /** Mean grey; 0 for a tile that was not measured. */
  readonly means: Float32Array;
  /** Number in `maskFiles` of the mask of a tile, from 1; 0 = it has none. */
  readonly masks: Uint32Array;
  readonly maskFiles: readonly string[];
  /** Two numbers a tile, others wherever its file is another or it lies elsewhere. */
  readonly facts: Uint32Array;
  readonly dtype: Dtype;
  /** The longer side of most tiles, section pixels. */
  readonly tilePx: number;
  /** From the median of the tiles' dark ends to the median of their bright ends. */
  readonly window: readonly [number, number];
}

/** What a table is filled with, one tile after the other. */
export interface TileFacts {
  readonly id: number;
  readonly section: number;
  readonly sectionFromTile: Affine;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Of the file. */
  readonly sha256: string;
  readonly scale: number;
  readonly wide: boolean;
  readonly mean: number;
  /** 0.1 % and 99.9 % grey levels. */
  readonly low: number;
  readonly high: number;
  readonly mask?: string | null;
  /** What the tile lies in, where its place is no affine one. */
  readonly bounds?: Rect;
  /** What else its pixels come of: another text, another picture. */
  readonly detail?: string;
}

/** Fills a table of at most `most` tiles. */
export class TileTableBuilder {
  #count = 0;
  #wide = false;
  readonly #ids: Float64Array;
  readonly #sections: Float64Array;
  readonly #places: Float64Array;
  readonly #bounds: Float64Array;
  readonly #means: Float32Array;
  readonly #facts: Uint32Array;
  readonly #masks: Uint32Array;
  readonly #maskFiles = new Map<string, number>();
  readonly #ends: { readonly low: number[]; readonly high: number[] } = { low: [], high: [] };

  constructor(most: number) {
    this.#ids = new Float64Array(most);
    this.#sections = new Float64Array(most);
    this.#places = new Float64Array(6 * most);
    this.#bounds = new Float64Array(4 * most);
    this.#means = new Float32Array(most);
    this.#facts = new Uint32Array(2 * most);
    this.#masks = new Uint32Array(most);
  }

  add(tile: TileFacts): void {
    const at = this.#count++;
    this.#ids[at] = tile.id;
    this.#sections[at] = tile.section;
    this.#places.set(tile.sectionFromTile, 6 * at);
    const { minX, minY, maxX, maxY } = tile.bounds ?? boundsOfTile(tile.sectionFromTile, tile.widthPx, tile.heightPx);
    this.#bounds.set([minX, minY, maxX, maxY], 4 * at);
    this.#means[at] = tile.mean;
    if (tile.mask) this.#masks[at] = this.#maskNumber(tile.mask);
    this.#addFacts(at, tile);
    this.#wide ||= tile.wide;
    if (tile.high <= tile.low) return;
    this.#ends.low.push(tile.low);
    this.#ends.high.push(tile.high);
  }

  #maskNumber(file: string): number {
    const number = this.#maskFiles.get(file) ?? this.#maskFiles.size + 1;
    this.#maskFiles.set(file, number);
    return number;
  }

  #addFacts(at: number, { sha256, scale, detail = '' }: TileFacts): void {
    const place = new Uint32Array(this.#places.buffer, 48 * at, 12);
    this.#facts[2 * at] = factOf(sha256 + detail, scale, place, 0x01000193);
    this.#facts[2 * at + 1] = factOf(sha256 + detail, scale, place, 0x85ebca6b);
  }

  table(): TileTable {
    const n = this.#count;
    const dtype = this.#wide ? 'uint16' : 'uint8';
    const bounds = this.#bounds.subarray(0, 4 * n);
    return {
      count: n,
      ids: this.#ids.subarray(0, n),
      sections: this.#sections.subarray(0, n),
      places: this.#places.subarray(0, 6 * n),
      bounds,
      means: this.#means.subarray(0, n),
      masks: this.#masks.subarray(0, n),
      maskFiles: [...this.#maskFiles.keys()],
      facts: this.#facts.subarray(0, 2 * n),
      dtype,
      tilePx: medianOf(Float64Array.from({ length: n }, (_, at) => longerSide(bounds, at))) || 1,
      window: this.#window(dtype),
    };
  }

  #window(dtype: Dtype): readonly [number, number] {
    if (this.#ends.low.length === 0) return dtype === 'uint8' ? [0, 255] : [0, 65_535];
    const [low, high] = [medianOf(Float64Array.from(this.#ends.low)), medianOf(Float64Array.from(this.#ends.high))];
    return [low, Math.max(high, low + 1)];
  }
}

/** 32 bits that tell a tile of one file at one place from another; another `prime`, others. */
function factOf(text: string, scale: number, place: Uint32Array, prime: number): number {
  let hash = scale;
  for (let i = 0; i < text.length; i++) hash = mixed(hash, text.charCodeAt(i), prime);
  for (let i = 0; i < place.length; i++) hash = mixed(hash, place[i] ?? 0, prime);
  return hash;
}

function mixed(hash: number, word: number, prime: number): number {
  const product = Math.imul(hash ^ word, prime);
  return product ^ (product >>> 15);
}

const medianOf = (values: Float64Array): number => values.sort()[values.length >> 1] ?? 0;

function longerSide(bounds: Float64Array, tile: number): number {
  const { minX, minY, maxX, maxY } = boundsAt(bounds, tile);
  return Math.max(maxX - minX, maxY - minY);
}

/** What a tile lies in: of `TileTable.bounds`. */
export function boundsAt(bounds: Float64Array, tile: number): Rect {
  const at = 4 * tile;
  return { minX: bounds[at] ?? 0, minY: bounds[at + 1] ?? 0, maxX: bounds[at + 2] ?? 0, maxY: bounds[at + 3] ?? 0 };
}

/** What some tiles lie in together. */
export function boundsOf(bounds: Float64Array, tiles: Iterable<number>): Rect {
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (const tile of tiles) {
    const { minX, minY, maxX, maxY } = boundsAt(bounds, tile);
    box.minX = Math.min(box.minX, minX);
    box.minY = Math.min(box.minY, minY);
    box.maxX = Math.max(box.maxX, maxX);
    box.maxY = Math.max(box.maxY, maxY);
  }
  return box;
}

/** Of some tiles: another wherever one of them is another, or lies elsewhere. */
export function hashOfTiles({ facts }: TileTable, numbers: Uint32Array): string {
  const some = new Uint32Array(2 * numbers.length);
  numbers.forEach((at, i) => some.set(facts.subarray(2 * at, 2 * at + 2), 2 * i));
  return createHash('sha256').update(some).digest('hex');
}
