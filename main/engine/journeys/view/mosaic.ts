import { createHash } from 'node:crypto';
import type { Volume } from '../../../../preload/contract/library.ts';
import type { Dtype, Rect, Vec3 } from '../../../../preload/contract/space.ts';
import { mosaicIdOf, mosaicOf } from '../../../../preload/contract/view.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { stackSections } from '../../volumes/sections.ts';
import type { MosaicOf, MosaicTile, MosaicTiles } from './mosaic-tiles.ts';
import { readMosaic } from './mosaic-tiles.ts';
import { TileIndex } from './tile-index.ts';

/** Tiles as a volume that nobody has written: its bricks are made of tiles when they are looked at. */
export interface Mosaic {
  readonly volume: Volume;
  readonly dtype: Dtype;
  readonly tiles: number;
  /** The longer side of most tiles, section pixels. */
  readonly tilePx: number;
  /** Section-space pixels at the outer corner of the volume. */
  readonly cornerPx: readonly [number, number];
  /** The tiles of a section of the volume that touch a rectangle of section space. */
  tilesIn(z: number, rect: Rect): readonly MosaicTile[];
}

export const mosaicBrickPx = 256;

function build(read: MosaicTiles): Mosaic {
  const { tiles } = read;
  const sections = stackSections(tiles.map(({ section }) => section));
  const byZ = new Map<number, MosaicTile[]>();
  for (const tile of tiles) {
    const z = sections.zOf(tile.section);
    const there = byZ.get(z);
    if (there) there.push(tile);
    else byZ.set(z, [tile]);
  }
  const indexes = new Map<number, TileIndex>();
  const indexOf = (z: number): TileIndex => {
    const made = indexes.get(z) ?? new TileIndex(byZ.get(z) ?? []);
    indexes.set(z, made);
    return made;
  };
  const box = boundsOf(tiles);
  const corner: Vec3 = [Math.floor(box.minX), Math.floor(box.minY), sections.firstSection];
  const size: Vec3 = [
    Math.max(1, Math.ceil(box.maxX) - corner[0]),
    Math.max(1, Math.ceil(box.maxY) - corner[1]),
    sections.depth,
  ];
  return {
    volume: describe(read, corner, size),
    dtype: dtypeOf(tiles),
    tiles: tiles.length,
    tilePx: sidePx(tiles),
    cornerPx: [corner[0], corner[1]],
    tilesIn: (z, rect) => (byZ.has(z) ? indexOf(z).touching(rect) : []),
  };
}

const dtypeOf = (tiles: readonly MosaicTile[]): Dtype =>
  tiles.some(({ dtype }) => dtype === 'uint16') ? 'uint16' : 'uint8';

function sidePx(tiles: readonly MosaicTile[]): number {
  const sides = tiles.map(({ bounds }) => Math.max(bounds.maxX - bounds.minX, bounds.maxY - bounds.minY));
  return sides.toSorted((a, b) => a - b)[sides.length >> 1] ?? 1;
}

function boundsOf(tiles: readonly MosaicTile[]): Rect {
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (const { bounds } of tiles) {
    box.minX = Math.min(box.minX, bounds.minX);
    box.minY = Math.min(box.minY, bounds.minY);
    box.maxX = Math.max(box.maxX, bounds.maxX);
    box.maxY = Math.max(box.maxY, bounds.maxY);
  }
  return box;
}

function describe(read: MosaicTiles, corner: Vec3, size: Vec3): Volume {
  const { voxelSizeNm: voxel, tiles } = read;
  const originNm: Vec3 = [corner[0] * voxel[0], corner[1] * voxel[1], corner[2] * voxel[2]];
  const levels: Volume['levels'] = [];
  for (let step = 1; ; step *= 2) {
    const across: Vec3 = [Math.ceil(size[0] / step), Math.ceil(size[1] / step), size[2]];
    const voxelSizeNm: Vec3 = [voxel[0] * step, voxel[1] * step, voxel[2]];
    levels.push({ size: across, brick: [mosaicBrickPx, mosaicBrickPx, 1], voxelSizeNm, originNm });
    if (Math.max(across[0], across[1]) <= mosaicBrickPx) break;
  }
  const dtype = dtypeOf(tiles);
  const window = windowOf(tiles, dtype);
  return {
    id: mosaicIdOf(read),
    stack: read.stack,
    name: read.name,
    kind: 'image',
    dtype,
    levels,
    channels: [{ name: '', color: null, window }],
    times: 1,
    originVoxel: corner,
    window,
    display: { dtype, range: dtype === 'uint8' ? [0, 255] : [0, 65_535], labels: false },
    // What was drawn of other tiles is drawn anew.
    source: { kind: 'library', format: 'tiles', text: `${read.name} (${read.stamp})` },
    favourite: false,
    openedAt: null,
    bytes: null,
    createdAt: read.createdAt,
  };
}

/** From the median of the tiles' dark ends to the median of their bright ends. */
function windowOf(tiles: readonly MosaicTile[], dtype: Dtype): readonly [number, number] {
  const measured = tiles.filter(({ high, low }) => high > low);
  const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
  if (measured.length === 0) return dtype === 'uint8' ? [0, 255] : [0, 65_535];
  const [low, high] = [median(measured.map((tile) => tile.low)), median(measured.map((tile) => tile.high))];
  return [low, Math.max(high, low + 1)];
}

interface Kept {
  readonly stamp: string;
  readonly mosaic: Mosaic;
}

/** The mosaics that were looked at lately: of each library, a few. */
const kept = new WeakMap<LibraryStore, Map<string, Kept>>();
const mostKept = 4;

/** Changes with every step of the library's history, undone steps too. */
function stampOf(library: LibraryStore, id: string): string {
  const row = library.read.get<{ last: number; undone: number }>(
    'SELECT coalesce(max(id), 0) AS last, coalesce(sum(undone), 0) AS undone FROM history',
  );
  return createHash('sha256').update(`${id}/${row?.last}/${row?.undone}`).digest('hex').slice(0, 16);
}

/** The mosaic of a dataset or a stack, read anew once the library has changed. Throws what `readMosaic` throws. */
export function mosaicFor(library: LibraryStore, of: MosaicOf): Mosaic {
  const id = mosaicIdOf(of);
  const stamp = stampOf(library, id);
  const mosaics = kept.get(library) ?? new Map<string, Kept>();
  kept.set(library, mosaics);
  const before = mosaics.get(id);
  if (before?.stamp === stamp) return before.mosaic;
  const mosaic = build(readMosaic(library, of));
  mosaics.delete(id);
  mosaics.set(id, { stamp, mosaic });
  for (const old of mosaics.keys()) if (mosaics.size > mostKept) mosaics.delete(old);
  return mosaic;
}

/** The mosaic that the id of a volume stands for; null for a volume of the library's own. */
export function mosaicOfVolume(library: LibraryStore, volume: string): Mosaic | null {
  const of = mosaicOf(volume);
  if (!of) return null;
  if (of.dataset !== null) return mosaicFor(library, { dataset: of.dataset, stack: null });
  const row = library.read.get<{ dataset: string }>('SELECT dataset FROM stack WHERE id = ?', of.stack);
  return mosaicFor(library, { dataset: row?.dataset ?? 'dataset-none', stack: of.stack });
}
