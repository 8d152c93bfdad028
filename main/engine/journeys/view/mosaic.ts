import type { Volume } from '../../../../preload/contract/library.ts';
import type { Dtype, Rect, Vec3 } from '../../../../preload/contract/space.ts';
import { mosaicIdOf, mosaicOf } from '../../../../preload/contract/view.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { stackSections } from '../../volumes/sections.ts';
import { channelsOf, channelTitles, type StackTile } from '../../stacks/tile-rows.ts';
import type { MosaicFacts, MosaicOf } from './mosaic-tiles.ts';
import { mosaicFacts, mosaicTiles } from './mosaic-tiles.ts';
import type { TileTable } from '../../stacks/tile-table.ts';
import { boundsOf } from '../../stacks/tile-table.ts';

/** The tiles of a mosaic, with their pictures of one channel. */
export interface MosaicChannel {
  readonly table: TileTable;
  /** Numbers in the table of the tiles of a section of the volume that touch a rectangle of section space, in order. */
  touching(z: number, rect: Rect): Uint32Array;
  /** Tiles by their numbers in the table, with their names and files, which are read for it. */
  tilesAt(numbers: Uint32Array): readonly StackTile[];
}

/** Tiles as a volume that nobody has written: its bricks are made of tiles when they are looked at. */
export interface Mosaic extends MosaicChannel {
  readonly volume: Volume;
  readonly dtype: Dtype;
  readonly tiles: number;
  /** The longer side of most tiles, section pixels. */
  readonly tilePx: number;
  /** Section-space pixels at the outer corner of the volume. */
  readonly cornerPx: readonly [number, number];
  /** One of the volume's channels; 0 = the tiles' own pictures, which the mosaic itself gives. */
  channel(channel: number): MosaicChannel;
}

export const mosaicBrickPx = 256;

function build(library: LibraryStore, facts: MosaicFacts): Mosaic {
  const names = channelsOf(library.read, facts.dataset);
  const placed = mosaicTiles(library, facts);
  const { table } = placed;
  const sections = stackSections([...new Set(table.sections)]);
  const sectionAt = new Map([...new Set(table.sections)].map((section) => [sections.zOf(section), section]));
  const opened = new Map<number, MosaicChannel>();
  const open = (channel: number): MosaicChannel => {
    const of = channel === 0 ? placed : mosaicTiles(library, facts, names[channel]);
    const found = {
      table: of.table,
      touching: (z: number, rect: Rect) => of.touching(sectionAt.get(z) ?? NaN, rect),
      tilesAt: (numbers: Uint32Array) => of.tilesAt(numbers),
    };
    opened.set(channel, found);
    return found;
  };
  const box = boundsOf(table.bounds, table.sections.keys());
  const corner: Vec3 = [Math.floor(box.minX), Math.floor(box.minY), sections.firstSection];
  const size: Vec3 = [
    Math.max(1, Math.ceil(box.maxX) - corner[0]),
    Math.max(1, Math.ceil(box.maxY) - corner[1]),
    sections.depth,
  ];
  const titles = names.length > 1 ? channelTitles(library.read, facts.dataset) : [''];
  return {
    volume: describe(facts, titles, table, corner, size),
    dtype: table.dtype,
    tiles: table.count,
    tilePx: table.tilePx,
    cornerPx: [corner[0], corner[1]],
    ...open(0),
    channel: (channel) => opened.get(channel) ?? open(channel),
  };
}

function describe(
  facts: MosaicFacts,
  channels: readonly string[],
  { dtype, window }: TileTable,
  corner: Vec3,
  size: Vec3,
): Volume {
  const { voxelSizeNm: voxel } = facts;
  const originNm: Vec3 = [corner[0] * voxel[0], corner[1] * voxel[1], corner[2] * voxel[2]];
  const levels: Volume['levels'] = [];
  for (let step = 1; ; step *= 2) {
    const across: Vec3 = [Math.ceil(size[0] / step), Math.ceil(size[1] / step), size[2]];
    const voxelSizeNm: Vec3 = [voxel[0] * step, voxel[1] * step, voxel[2]];
    levels.push({ size: across, brick: [mosaicBrickPx, mosaicBrickPx, 1], voxelSizeNm, originNm });
    if (Math.max(across[0], across[1]) <= mosaicBrickPx) break;
  }
  return {
    id: mosaicIdOf(facts),
    stack: facts.stack,
    name: facts.name,
    kind: 'image',
    dtype,
    levels,
    channels: channels.map((name) => ({ name, color: null, window })),
    times: 1,
    originVoxel: corner,
    worldFromVolume: null,
    window,
    display: { dtype, range: dtype === 'uint8' ? [0, 255] : [0, 65_535], labels: false },
    // What was drawn of other tiles is drawn anew.
    source: { kind: 'library', format: 'tiles', text: `${facts.name} (${facts.stamp})` },
    favourite: false,
    openedAt: null,
    bytes: null,
    createdAt: new Date(0).toISOString(),
  };
}

interface Kept {
  readonly step: string;
  readonly stamp: string;
  readonly mosaic: Mosaic;
}

/** The mosaics that were looked at lately: of each library, a few. */
const kept = new WeakMap<LibraryStore, Map<string, Kept>>();
const mostKept = 4;

/** Changes with every step of the library's history, undone steps too. */
function stepOf(library: LibraryStore): string {
  const row = library.read.get<{ last: number; undone: number }>(
    'SELECT coalesce(max(id), 0) AS last, coalesce(sum(undone), 0) AS undone FROM history',
  );
  return `${row?.last}/${row?.undone}`;
}

/**
 * The mosaic of a dataset or a stack, read anew once a step of the library changed its tiles. Throws what `mosaicFacts`
 * and `mosaicTiles` throw.
 */
export function mosaicFor(library: LibraryStore, of: MosaicOf): Mosaic {
  const id = mosaicIdOf(of);
  const step = stepOf(library);
  const mosaics = kept.get(library) ?? new Map<string, Kept>();
  kept.set(library, mosaics);
  const before = mosaics.get(id);
  if (before?.step === step) return before.mosaic;
  const facts = mosaicFacts(library, of);
  const mosaic = before?.stamp === facts.stamp ? before.mosaic : build(library, facts);
  mosaics.delete(id);
  mosaics.set(id, { step, stamp: facts.stamp, mosaic });
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
