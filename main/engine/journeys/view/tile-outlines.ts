import type { Rect } from '../../../../preload/contract/space.ts';
import { applyAffine } from '../../../../preload/contract/space.ts';
import type { StackTile } from '../../stacks/tile-rows.ts';
import type { TileMap } from '../../transforms/tile/tile-map.ts';
import type { Mosaic } from './mosaic.ts';

type Point = readonly [x: number, y: number];

export interface TileOutline {
  readonly name: string;
  /** Corners around the tile, nanometres. */
  readonly outlineNm: Point[];
}

/** Outlines of the tiles that touch a rectangle (left, top, right, bottom, nm) of a section of the volume; at most so many. */
export function outlinesIn(
  mosaic: Mosaic,
  section: number,
  [minX, minY, maxX, maxY]: readonly [number, number, number, number],
  most: number,
): { tiles: TileOutline[]; total: number } {
  const [nmX, nmY] = mosaic.volume.levels[0]?.voxelSizeNm ?? [1, 1, 1];
  const rect: Rect = { minX: minX / nmX, minY: minY / nmY, maxX: maxX / nmX, maxY: maxY / nmY };
  const found = mosaic.touching(section, rect);
  const tiles = mosaic
    .tilesAt(found.subarray(0, most))
    .map((tile) => ({ name: tile.name, outlineNm: outlineOf(tile, nmX, nmY) }));
  return { tiles, total: found.length };
}

/** Corners of a tile that is bent are joined by straight lines. */
function outlineOf({ stackFromTile, image, map }: StackTile, nmX: number, nmY: number): Point[] {
  const [widthPx, heightPx] = image.sizePx;
  const corners: readonly Point[] = [
    [0, 0],
    [widthPx, 0],
    [widthPx, heightPx],
    [0, heightPx],
  ];
  return corners.map((corner): Point => {
    const [x = 0, y = 0] = map ? led(map, corner) : applyAffine(stackFromTile, ...corner);
    return [x * nmX, y * nmY];
  });
}

function led(map: TileMap, corner: Point): Float64Array {
  const point = Float64Array.from(corner);
  map.forward(point, point);
  return point;
}
