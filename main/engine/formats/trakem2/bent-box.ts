import type { TileMap } from '../../transforms/tile/tile-map.ts';

/** Nodes along x of the mesh that TrakEM2 lays over a picture, where a patch does not say (`mres`). */
export const usualMeshNodes = 32;

/**
 * The corner that TrakEM2 takes off a bent picture before its affine map is applied: the whole part, towards zero, of the
 * least x and y that the nodes of its mesh lead to. Rows lie apart as triangles of equal sides would; every second one is
 * half a step in. As mpicbg's TransformMesh.
 */
export function bentCorner(
  map: TileMap,
  [width, height]: readonly [number, number],
  meshNodes: number,
): readonly [number, number] {
  const columns = Math.max(2, meshNodes);
  const side = width / (columns - 1);
  const rows = Math.max(2, Math.floor(height / (2 * Math.sqrt(0.75 * side * side)) + 0.5) + 1);
  const [dx, dy] = [(width - 1) / (columns - 1), (height - 1) / (rows - 1)];
  const points: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) points.push(column * dx, row * dy);
    if (row > 0) for (let column = 1; column < columns; column++) points.push((column - 0.5) * dx, (row - 0.5) * dy);
  }
  const led = Float64Array.from(points);
  map.forward(led, led);
  let [minX, minY] = [Infinity, Infinity];
  for (let k = 0; k < led.length; k += 2) [minX, minY] = [Math.min(minX, led[k]!), Math.min(minY, led[k + 1]!)];
  return [Math.trunc(minX), Math.trunc(minY)];
}
