import { boundsOfTile, type Rect } from '../../../../preload/contract/space.ts';
import type { TileMap } from './tile-map.ts';

/** Farthest apart that the border is looked at, pixels: as Render's mesh cells. */
const stepPx = 64;

/** The rectangle around where a map leads a width x height tile: exact of an affine map, of the border else. */
export function boundsOfMap(map: TileMap, [width, height]: readonly [number, number]): Rect {
  if (map.affine) return boundsOfTile(map.affine, width, height);
  const border = borderOf(width, height);
  map.forward(border, border);
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let k = 0; k < border.length; k += 2) {
    minX = Math.min(minX, border[k]!);
    maxX = Math.max(maxX, border[k]!);
    minY = Math.min(minY, border[k + 1]!);
    maxY = Math.max(maxY, border[k + 1]!);
  }
  return { minX, minY, maxX, maxY };
}

function borderOf(width: number, height: number): Float64Array {
  const points: number[] = [];
  const steps = (side: number): number => Math.max(1, Math.ceil(side / stepPx));
  for (let k = 0; k <= steps(width); k++)
    points.push((k / steps(width)) * width, 0, (k / steps(width)) * width, height);
  for (let k = 0; k <= steps(height); k++)
    points.push(0, (k / steps(height)) * height, width, (k / steps(height)) * height);
  return Float64Array.from(points);
}
