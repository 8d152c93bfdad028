import { type Affine, affineSchema, type Rect } from '../../../preload/contract/space.ts';
import { transformListSchema, type TransformSpec } from '../../../preload/contract/transform.ts';
import type { ReadHandle } from '../store/library-store.ts';
import { boundsOfMap } from '../transforms/tile/tile-bounds.ts';
import { type TileMap, tileMapOf, tileMapOfAffine } from '../transforms/tile/tile-map.ts';
import { sharedTransformsOf } from './stack-rows.ts';

/** A tile as a stack version maps it. */
export interface MappedTile {
  readonly tile: number;
  /** Render's tileId. */
  readonly name: string;
  readonly section: number;
  readonly sizePx: readonly [number, number];
  readonly map: TileMap;
  /** The affine map nearest to `map`. */
  readonly stackFromTile: Affine;
  readonly bounds: Rect;
  /** What of its transforms could not be read: then it leads nowhere. */
  readonly problems: readonly string[];
}

interface MappedRow {
  readonly id: number;
  readonly name: string;
  readonly section: number;
  readonly width_px: number;
  readonly height_px: number;
  readonly stack_from_tile: string;
  readonly transforms: string | null;
}

const columns = 't.id, t.name, t.section, t.width_px, t.height_px, p.stack_from_tile, p.transforms';
const tables = `tile t JOIN placement p ON p.tile = t.id AND p.stack = ? LEFT JOIN tile_review r ON r.id = CAST(t.id AS TEXT)`;
const isKept = `coalesce(r.review, '') <> 'rejected'`;

/** The maps of a stack version's tiles, read as they are asked for. Tiles that the user rejected are not there. */
export class StackMaps {
  readonly #read: ReadHandle;
  readonly #stack: string;
  readonly #dataset: string;
  readonly #shared: ReadonlyMap<string, TransformSpec>;
  readonly #byName = new Map<string, MappedTile | null>();

  constructor(read: ReadHandle, { id, dataset }: { readonly id: string; readonly dataset: string }) {
    [this.#read, this.#stack, this.#dataset] = [read, id, dataset];
    this.#shared = sharedTransformsOf(read, id);
  }

  /** In the order of the layout, in which they are drawn: the last lies on top. */
  tilesOf(section: number): readonly MappedTile[] {
    const sql = `SELECT ${columns} FROM ${tables} WHERE t.dataset = ? AND t.section = ? AND ${isKept} ORDER BY t.id`;
    return this.#read.all<MappedRow>(sql, this.#stack, this.#dataset, section).map((row) => this.#mapped(row));
  }

  /** The tile of that name, or null where the version does not place it. */
  tile(name: string): MappedTile | null {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const sql = `SELECT ${columns} FROM ${tables} WHERE t.dataset = ? AND t.name = ? AND ${isKept}`;
    const row = this.#read.get<MappedRow>(sql, this.#stack, this.#dataset, name);
    const found = row ? this.#mapped(row) : null;
    this.#byName.set(name, found);
    return found;
  }

  #mapped({ id, name, section, width_px, height_px, stack_from_tile, transforms }: MappedRow): MappedTile {
    const sizePx = [width_px, height_px] as const;
    const stackFromTile = affineSchema.parse(JSON.parse(stack_from_tile));
    const chain = transforms === null ? null : transformListSchema.parse(JSON.parse(transforms));
    const { map, problems } = chain
      ? tileMapOf(chain, this.#shared, sizePx)
      : { map: tileMapOfAffine(stackFromTile), problems: [] };
    return { tile: id, name, section, sizePx, map, stackFromTile, bounds: boundsOfMap(map, sizePx), problems };
  }
}
