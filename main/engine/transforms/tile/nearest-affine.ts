import type { Affine } from '../../../../preload/contract/space.ts';
import type { TileMap } from './tile-map.ts';

/** Nodes along each side of the tile. */
const nodes = 9;

/**
 * The affine map that is nearest, by least squares, to a map over a width x height tile; exactly the map where that is
 * affine. Null where it leads to no numbers.
 */
export function nearestAffine(map: TileMap, [width, height]: readonly [number, number]): Affine | null {
  if (map.affine) return map.affine;
  const points = Float64Array.from({ length: 2 * nodes * nodes }, (_, k) => {
    const node = k >> 1;
    return k % 2 === 0 ? ((node % nodes) / (nodes - 1)) * width : (Math.floor(node / nodes) / (nodes - 1)) * height;
  });
  const led = new Float64Array(points.length);
  map.forward(points, led);
  if (!led.every(Number.isFinite)) return null;
  const [a, c, e] = plane(points, led, 0, [width / 2, height / 2]);
  const [b, d, f] = plane(points, led, 1, [width / 2, height / 2]);
  return [a, b, c, d, e, f];
}

/** What is led to along one axis as slope along x, slope along y and value at 0, 0. A grid's axes do not mix. */
function plane(points: Float64Array, led: Float64Array, axis: 0 | 1, [midX, midY]: readonly [number, number]) {
  let [mean, alongX, alongY, spreadX, spreadY] = [0, 0, 0, 0, 0];
  for (let k = 0; k < points.length; k += 2) {
    const [x, y, to] = [points[k]! - midX, points[k + 1]! - midY, led[k + axis]!];
    mean += to;
    alongX += x * to;
    alongY += y * to;
    spreadX += x * x;
    spreadY += y * y;
  }
  const [slopeX, slopeY] = [alongX / spreadX, alongY / spreadY];
  return [slopeX, slopeY, mean / (points.length / 2) - slopeX * midX - slopeY * midY] as const;
}
