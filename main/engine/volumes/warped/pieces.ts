import type { Vec3 } from '../../../../preload/contract/space.ts';
import { gridOf, mapAxes } from '../../formats/pyramid.ts';
import type { BoxAt } from '../../formats/volume-format.ts';

/** Wide, so that rows are copied in few steps. */
export const fusedPiece: Vec3 = [128, 128, 64];
/** Searching takes long: small, so that many threads have a part of it. */
export const searchedPiece: Vec3 = [64, 64, 64];

export function* piecesOf(box: BoxAt, piece: Vec3): Generator<BoxAt> {
  const grid = gridOf(box.size, piece);
  for (let z = 0; z < grid[2]; z++)
    for (let y = 0; y < grid[1]; y++)
      for (let x = 0; x < grid[0]; x++) {
        const from: Vec3 = [x * piece[0], y * piece[1], z * piece[2]];
        const size = mapAxes((i) => Math.min(piece[i], box.size[i] - from[i]));
        yield { ...box, min: mapAxes((i) => box.min[i] + from[i]), size };
      }
}
