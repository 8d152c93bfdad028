import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Dtype, Rect, Vec3 } from '../../../../preload/contract/space.ts';
import { alignToLevels, planVolume, type PyramidRequest } from '../../formats/pyramid.ts';
import type { VolumePlan } from '../../formats/volume-format.ts';
import { boundsOfDrawn, type DrawnTile } from '../../stacks/drawn-tile.ts';
import { groupBy } from '../../stacks/group-by.ts';
import type { StoredTile } from '../../store/tiles.ts';
import { stackSections } from '../../volumes/sections.ts';

/** A tile that goes into the volume. */
export interface FuseTile {
  readonly tile: StoredTile;
  readonly bounds: Rect;
  /** One a channel; null where the tile has no picture of it. Without a range of grey levels they stay as they are. */
  readonly drawn: readonly (DrawnTile | null)[];
}

export interface FusePlan {
  readonly volume: VolumePlan;
  readonly originVoxel: Vec3;
  /** Tiles by z of the volume; empty where a section is missing. */
  readonly tilesAt: ReadonlyMap<number, readonly FuseTile[]>;
  /** What the user should know of how sections became voxels. */
  readonly notes: readonly string[];
}

export interface FuseRequest {
  readonly name: string;
  readonly voxelSizeNm: Vec3;
  /** Names of the channels, that of the tiles' own pictures first. */
  readonly channels: readonly string[];
  readonly tiles: readonly {
    readonly tile: StoredTile;
    /** One a channel; the first is always there. */
    readonly drawn: readonly [DrawnTile, ...(DrawnTile | null)[]];
  }[];
}

/** A volume larger than this along x or y is a mistake of the layout. */
const maxSidePx = 10_000_000;

/** Lays out the volume whose voxels are all those with a tile over their centre, and what it takes to align its levels. */
export function planFuse({ name, voxelSizeNm, channels, tiles: asked }: FuseRequest): FusePlan {
  const dtype: Dtype = asked.some(({ tile }) => tile.dtype === 'uint16') ? 'uint16' : 'uint8';
  const ranges = channels.map((_, channel) => intensitiesOf(asked, channel, dtype));
  const tiles = asked.map(({ tile, drawn }, i): FuseTile => ({
    tile,
    bounds: boundsOfDrawn(drawn[0]),
    drawn: drawn.map((one, channel) => one && { ...one, intensity: ranges[channel]?.[i] ?? null }),
  }));
  const box = unionOf(tiles);
  const { firstSection, depth, zOf, notes } = stackSections(tiles.map(({ tile }) => tile.section));
  const corner: Vec3 = [Math.floor(box.minX + 0.5), Math.floor(box.minY + 0.5), firstSection];
  const sides = [Math.ceil(box.maxX - 0.5) - corner[0], Math.ceil(box.maxY - 0.5) - corner[1]] as const;
  const sizeXyz: Vec3 = [Math.max(1, sides[0]), Math.max(1, sides[1]), depth];
  if (!(sizeXyz[0] <= maxSidePx && sizeXyz[1] <= maxSidePx)) throw tooLarge(name, sizeXyz);
  const request: PyramidRequest = {
    name,
    sizeXyz,
    dtype,
    voxelSizeNm,
    chunkXyz: chunkOf(depth, voxelSizeNm),
    originNm: [0, 0, 0],
  };
  const aligned = alignToLevels(request, corner);
  const originNm: Vec3 = [
    aligned.originVoxel[0] * voxelSizeNm[0],
    aligned.originVoxel[1] * voxelSizeNm[1],
    aligned.originVoxel[2] * voxelSizeNm[2],
  ];
  const shift = firstSection - aligned.originVoxel[2];
  return {
    volume: {
      ...planVolume({ ...request, sizeXyz: aligned.sizeXyz, originNm }),
      channels: channels.map((channel) => ({ name: channel, color: null, window: null })),
    },
    originVoxel: aligned.originVoxel,
    tilesAt: groupBy(tiles, ({ tile }) => zOf(tile.section) + shift),
    notes,
  };
}

/** Flat bricks where sections are much thicker than pixels are wide, cubes where they are not. */
function chunkOf(depth: number, [x, , z]: Vec3): Vec3 {
  if (depth === 1) return [256, 256, 1];
  return z > 2 * x ? [128, 128, Math.min(16, depth)] : [64, 64, Math.min(64, depth)];
}

/**
 * `minIntensity` and `maxIntensity` of tilespecs bring tiles with different settings to one scale. Where all tiles have
 * the same range, or none has, grey levels stay as they are: the display window does the rest.
 */
function intensitiesOf(
  tiles: FuseRequest['tiles'],
  channel: number,
  dtype: Dtype,
): readonly (readonly [number, number] | null)[] {
  const ranges = tiles.map(({ tile, drawn }) => drawn[channel]?.intensity ?? fullRange(tile.dtype));
  const there = ranges.filter((_, i) => tiles[i]?.drawn[channel]);
  const isMixed = new Set(there.map((range) => range.join())).size > 1;
  return isMixed || tiles.some(({ tile }) => tile.dtype !== dtype) ? ranges : tiles.map(() => null);
}

const fullRange = (dtype: Dtype): readonly [number, number] => (dtype === 'uint16' ? [0, 65_535] : [0, 255]);

function unionOf(tiles: readonly FuseTile[]): Rect {
  return tiles.reduce<Rect>(
    (box, { bounds }) => ({
      minX: Math.min(box.minX, bounds.minX),
      minY: Math.min(box.minY, bounds.minY),
      maxX: Math.max(box.maxX, bounds.maxX),
      maxY: Math.max(box.maxY, bounds.maxY),
    }),
    { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity },
  );
}

function tooLarge(name: string, [width, height]: Vec3): LamellaError {
  return new LamellaError(
    'over-budget',
    `The volume "${name}" would be ${width} x ${height} pixels; a side may have ${maxSidePx}.`,
    {
      hint: 'A tile lies far from the others: look at the layout on the tile board and reject it.',
      fields: { width, height },
    },
  );
}
