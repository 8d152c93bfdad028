import { gaussian, seededRandom } from '../formats/mutate.ts';

/** A block of tiles of 2,048 px with 10 % overlap: places 5 px off, turned and sheared by 0.2 %, matches 0.3 px off. */
export interface SolveWorkload {
  readonly columns: number;
  readonly rows: number;
  readonly sections: number;
  readonly pointsOfLink: number;
}

export const tileSidePx = 2048;
const [pitchPx, noisePx, stagePx, shear] = [1843, 0.3, 5, 0.0035];
export interface MadeSolve {
  readonly tiles: number;
  readonly priors: Float64Array;
  readonly sizes: Float64Array;
  readonly matches: Float64Array;
}

/** Tiles row by row, section by section; a match is tileA, tileB, ax, ay, bx, by, weight, link, as `solve-stack` takes it. */
export function makeSolve({ columns, rows, sections, pointsOfLink }: SolveWorkload): MadeSolve {
  const random = seededRandom(7);
  const normal = (): number => gaussian(random);
  const tiles = columns * rows * sections;
  const truth = new Float64Array(tiles * 6);
  const priors = new Float64Array(tiles * 6);
  for (let t = 0; t < tiles; t++) {
    const [x, y] = [(t % columns) * pitchPx, (Math.floor(t / columns) % rows) * pitchPx];
    truth.set([1 + shear * normal(), shear * normal(), shear * normal(), 1 + shear * normal(), x, y], t * 6);
    priors.set([1, 0, 0, 1, x + stagePx * normal(), y + stagePx * normal()], t * 6);
  }
  const links = sections * ((columns - 1) * rows + columns * (rows - 1)) + (sections - 1) * columns * rows;
  const matches = new Float64Array(links * pointsOfLink * 8);
  let at = 0;
  for (let t = 0; t < tiles; t++) {
    const ends = [
      [t % columns < columns - 1, 1],
      [Math.floor(t / columns) % rows < rows - 1, columns],
      [t < columns * rows * (sections - 1), columns * rows],
    ] as const;
    for (const [, step] of ends.filter(([is]) => is)) {
      for (let i = 0; i < pointsOfLink; i++, at += 8) {
        const other = t + step;
        const place = [4, 5].map((axis) => {
          const [p, q] = [truth[t * 6 + axis] ?? 0, truth[other * 6 + axis] ?? 0];
          return Math.max(p, q) + random() * (tileSidePx - Math.abs(p - q));
        });
        const b = intoTile(truth, other, place).map((v) => v + noisePx * normal());
        matches.set([t, other, ...intoTile(truth, t, place), ...b, 1, 0], at);
      }
    }
  }
  return { tiles, priors, sizes: new Float64Array(tiles * 2).fill(tileSidePx), matches };
}

function intoTile(truth: Float64Array, tile: number, [x = 0, y = 0]: readonly number[]): number[] {
  const [a = 1, b = 0, c = 0, d = 1, tx = 0, ty = 0] = truth.subarray(tile * 6, tile * 6 + 6);
  const det = a * d - b * c;
  return [(d * (x - tx) - c * (y - ty)) / det, (a * (y - ty) - b * (x - tx)) / det];
}
