import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Rect } from '../../../preload/contract/space.ts';
import type { LibraryStore, ReadHandle } from '../store/library-store.ts';
import { boundsOfMap } from '../transforms/tile/tile-bounds.ts';
import { TileIndex } from './tile-index.ts';
import {
  affineOf,
  mapOfText,
  stackTiles,
  sharedTransforms,
  type StackTile,
  type SharedTransforms,
  type TilesOf,
} from './tile-rows.ts';
import { TileTableBuilder, type TileTable } from './tile-table.ts';

/** Tiles kept with their maps and corrections, of one stack. */
const mostTiles = 4096;

/** The tiles of a stack version that can be drawn: those that were read and not rejected. */
export class PlacedStack {
  readonly of: TilesOf;
  readonly table: TileTable;
  readonly #read: ReadHandle;
  readonly #shared: SharedTransforms;
  readonly #bySection = new Map<number, number[]>();
  readonly #indexes = new Map<number, TileIndex>();
  readonly #tiles = new Map<number, StackTile>();

  constructor(library: LibraryStore, of: TilesOf, rejected: ReadonlySet<number>) {
    this.of = of;
    this.#read = library.read;
    this.#shared = sharedTransforms(library.read, of);
    this.table = readTable(library.read, of, rejected, this.#shared);
    this.table.sections.forEach((section, at) => {
      const there = this.#bySection.get(section);
      if (there) there.push(at);
      else this.#bySection.set(section, [at]);
    });
  }

  /** Numbers in the table of the tiles of a section that touch a rectangle of stack space, in order. */
  touching(section: number, rect: Rect): Uint32Array {
    const tiles = this.#bySection.get(section);
    if (!tiles) return new Uint32Array();
    const index = this.#indexes.get(section) ?? new TileIndex(this.table, Uint32Array.from(tiles));
    this.#indexes.set(section, index);
    return index.touching(rect);
  }

  /** Numbers in the table of tiles by their ids, in its order; those that are not in it are left out. */
  numbersOf(ids: readonly number[]): Uint32Array {
    const wanted = new Set(ids);
    const numbers: number[] = [];
    this.table.ids.forEach((id, at) => wanted.has(id) && numbers.push(at));
    return Uint32Array.from(numbers);
  }

  /** Tiles by their numbers in the table, in its order, with all that drawing them takes. */
  tilesAt(numbers: Uint32Array): readonly StackTile[] {
    const ids = Array.from(numbers, (at) => this.table.ids[at] ?? 0);
    const missing = ids.filter((id) => !this.#tiles.has(id));
    const read = stackTiles(this.#read, this.of, missing, this.#shared);
    if (this.#tiles.size + read.length > mostTiles) this.#tiles.clear();
    const found = new Map(read.map((tile) => [tile.id, tile]));
    const tiles = ids.flatMap((id) => found.get(id) ?? this.#tiles.get(id) ?? this.#again(id));
    for (const tile of tiles) this.#tiles.set(tile.id, tile);
    return tiles;
  }

  /** Forgotten a moment ago to make room. */
  #again(id: number): readonly StackTile[] {
    return stackTiles(this.#read, this.of, [id], this.#shared);
  }
}

interface TableRow {
  readonly id: number;
  readonly section: number;
  readonly width_px: number;
  readonly height_px: number;
  readonly dtype: string;
  readonly sha256: string;
  readonly mipmap_level: number;
  readonly mask: string | null;
  readonly place: string;
  readonly transforms: string | null;
  /** What else its pixels come of. */
  readonly detail: string;
  readonly mean: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** One pass, because a mosaic of 100,000 tiles opens with it. */
function readTable(read: ReadHandle, of: TilesOf, rejected: ReadonlySet<number>, shared: SharedTransforms): TileTable {
  const most = read.get<{ n: number }>('SELECT count(*) AS n FROM tile WHERE dataset = ?', of.dataset)?.n ?? 0;
  const builder = new TileTableBuilder(most);
  for (const row of rowsOf(read, of)) {
    if (rejected.has(row.id)) continue;
    const sizePx = [row.width_px, row.height_px] as const;
    const map = row.transforms === null ? null : mapOfText(row.transforms, shared, sizePx).map;
    builder.add({
      id: row.id,
      section: row.section,
      sectionFromTile: map?.affine ?? affineOf(row.place),
      ...(map && !map.affine && { bounds: boundsOfMap(map, sizePx) }),
      widthPx: row.width_px,
      heightPx: row.height_px,
      sha256: row.sha256,
      scale: 2 ** row.mipmap_level,
      wide: row.dtype === 'uint16',
      mean: row.mean ?? 0,
      low: row.low ?? 0,
      high: row.high ?? 0,
      mask: row.mask,
      detail: row.detail,
    });
  }
  return builder.table();
}

/** Transforms and corrections of a tile never change within a stack version, so its id stands for them. */
function rowsOf(read: ReadHandle, { dataset, stack, channel }: TilesOf): IterableIterator<TableRow> {
  const pictures = channel === '' ? 't' : 'c';
  const bent = `CASE WHEN p.transforms IS NULL AND i.tile IS NULL THEN '' ELSE p.stack END`;
  const masked = `coalesce(${pictures}.mask_path || '@' || ${pictures}.mask_level, '')`;
  // Only the tiles' own pictures were measured when they came; what else there is may say its range itself.
  const greys =
    channel === ''
      ? `json_extract(t.metrics, '$.mean') AS mean, json_extract(t.metrics, '$.percentiles[0]') AS low,
        json_extract(t.metrics, '$.percentiles[2]') AS high`
      : `NULL AS mean, json_extract(c.intensity, '$[0]') AS low, json_extract(c.intensity, '$[1]') AS high`;
  const ofChannel = channel === '' ? '' : ` || c.name || c.path`;
  const [place, join, values] =
    stack === null
      ? ([`t.stage_from_tile AS place, NULL AS transforms, ${masked}${ofChannel} AS detail`, '', []] as const)
      : ([
          `p.stack_from_tile AS place, p.transforms, ${masked} || ${bent}${ofChannel} AS detail`,
          `JOIN placement p ON p.tile = t.id AND p.stack = ?
          LEFT JOIN intensity i ON i.stack = p.stack AND i.tile = t.id AND i.channel = ?`,
          [stack, channel],
        ] as const);
  return read.each<TableRow>(
    `SELECT t.id, t.section, t.width_px, t.height_px, t.dtype, t.sha256, ${pictures}.mipmap_level,
      ${pictures}.mask_path AS mask, ${place}, ${greys}
    FROM tile t ${join} ${channel === '' ? '' : 'JOIN tile_channel c ON c.tile = t.id AND c.name = ?'}
    WHERE t.dataset = ? AND t.sha256 <> '' ORDER BY t.id`,
    ...values,
    ...(channel === '' ? [] : [channel]),
    dataset,
  );
}

/** The tiles of a dataset that the user rejected, in order. */
export function rejectedTiles(read: ReadHandle, dataset: string): readonly number[] {
  return read
    .all<{ id: number }>(
      `SELECT t.id FROM tile_review r JOIN tile t ON t.id = CAST(r.id AS INTEGER)
      WHERE r.review = 'rejected' AND t.dataset = ? ORDER BY t.id`,
      dataset,
    )
    .map(({ id }) => id);
}

interface Kept {
  readonly step: string;
  readonly stamp: string;
  readonly placed: PlacedStack;
}

/** The stacks that were looked at lately: of each library, a few. */
const kept = new WeakMap<LibraryStore, Map<string, Kept>>();
const mostKept = 6;

/** Changes with every step of the library's history, undone steps too. */
function stepOf(read: ReadHandle): string {
  const row = read.get<{ last: number; undone: number }>(
    'SELECT coalesce(max(id), 0) AS last, coalesce(sum(undone), 0) AS undone FROM history',
  );
  return `${row?.last}/${row?.undone}`;
}

/** The drawable tiles of a stack version, read anew once other tiles are rejected. 'not-found' where it is not there. */
export function placedStack(library: LibraryStore, of: TilesOf): PlacedStack {
  const { read } = library;
  const key = JSON.stringify([of.dataset, of.stack, of.channel]);
  const stacks = kept.get(library) ?? new Map<string, Kept>();
  kept.set(library, stacks);
  const before = stacks.get(key);
  const step = stepOf(read);
  if (before?.step === step) return before.placed;
  checkThere(read, of);
  const rejected = rejectedTiles(read, of.dataset);
  const stamp = rejected.join();
  const placed = before?.stamp === stamp ? before.placed : new PlacedStack(library, of, new Set(rejected));
  stacks.delete(key);
  stacks.set(key, { step, stamp, placed });
  for (const old of stacks.keys()) if (stacks.size > mostKept) stacks.delete(old);
  return placed;
}

function checkThere(read: ReadHandle, { dataset, stack }: TilesOf): void {
  const found =
    stack === null
      ? read.get('SELECT 1 FROM dataset WHERE id = ? AND removed = 0', dataset)
      : read.get('SELECT 1 FROM stack WHERE id = ? AND dataset = ? AND removed = 0', stack, dataset);
  if (found) return;
  throw new LamellaError('not-found', `The dataset ${dataset} has no ${stack === null ? 'tiles' : `stack ${stack}`}.`, {
    hint: 'It may have been removed: undo, or list the stacks with library info.',
    fields: { dataset, stack },
  });
}
