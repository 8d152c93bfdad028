import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Affine, Dtype, Rect } from '../../../../preload/contract/space.ts';
import type { TileImage } from '../../../../native-workers/tile-image.ts';
import type { JobRun } from '../../jobs/job.ts';
import { boundsOfDrawn } from '../../stacks/drawn-tile.ts';
import { stackRow } from '../../stacks/stack-rows.ts';
import { channelsOf, stackTiles, type StackTile } from '../../stacks/tile-rows.ts';
import { isUsable, tilesOf } from '../../store/tiles.ts';
import { type TileMap, tileMapOfAffine } from '../../transforms/tile/tile-map.ts';

/** A tile whose light is looked at, where its stack puts it. */
export interface LitTile {
  readonly id: number;
  readonly name: string;
  readonly section: number;
  /** What its pixels are: for the keys of units. */
  readonly stamp: string;
  /** Tiles of one camera share a flat field; '' where the layout does not say. */
  readonly camera: string;
  readonly dtype: Dtype;
  readonly image: TileImage;
  readonly stackFromTile: Affine;
  readonly map: TileMap;
  /** Around it, stack pixels. */
  readonly bounds: Rect;
}

/** The usable tiles of a stack that are placed and have the channel. 'bad-source' where there is none. */
export function litTilesOf(job: JobRun, stack: string, channel: string): readonly LitTile[] {
  const { read } = job.library;
  const { dataset } = stackRow(read, stack);
  const channels = channelsOf(read, dataset);
  if (!channels.includes(channel)) throw noChannel(channel, channels);
  const ids = tilesOf(read, dataset)
    .filter(isUsable)
    .map(({ id }) => id);
  const tiles = stackTiles(read, { dataset, stack, channel }, ids).filter(({ problems }) => problems.length === 0);
  if (tiles.length > 0) return tiles.map(litTile);
  throw new LamellaError(
    'bad-source',
    `The stack ${stack} has no tile to look at: all are rejected, bad or not placed.`,
    {
      hint: 'Accept tiles on the tile board, stitch, and try again.',
      fields: { stack },
    },
  );
}

function litTile(tile: StackTile): LitTile {
  const { id, name, section, dtype, image, stackFromTile, sha256, path } = tile;
  return {
    id,
    name,
    section,
    stamp: `${sha256} ${path}`,
    camera: cameraOf(tile.spec),
    dtype,
    image,
    stackFromTile,
    map: tile.map ?? tileMapOfAffine(stackFromTile),
    bounds: boundsOfDrawn(tile),
  };
}

/** `layout.camera` of a tilespec. */
function cameraOf(spec: string | null): string {
  if (spec === null || !spec.includes('"camera"')) return '';
  const { layout } = JSON.parse(spec) as { readonly layout?: { readonly camera?: unknown } };
  return typeof layout?.camera === 'string' ? layout.camera : '';
}

function noChannel(channel: string, channels: readonly string[]): LamellaError {
  const others = channels.filter((name) => name !== '');
  return new LamellaError('not-found', `The tiles have no channel "${channel}".`, {
    hint:
      others.length === 0 ? 'They have one picture each: leave the channel out.' : `There are ${others.join(', ')}.`,
    fields: { channel },
  });
}

/** In the order of their sections. */
export function bySection(tiles: readonly LitTile[]): ReadonlyMap<number, readonly LitTile[]> {
  const groups = new Map<number, LitTile[]>();
  for (const tile of tiles.toSorted((a, b) => a.section - b.section || a.id - b.id)) {
    const group = groups.get(tile.section);
    if (group) group.push(tile);
    else groups.set(tile.section, [tile]);
  }
  return groups;
}
