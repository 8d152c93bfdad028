import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../formats/mutate.ts';

const real = join(import.meta.dirname, '../../../shared/data/segmentation/64x64x64-raw-uint64-segmentation.dat');
const TILE = 64;
const BRICK = 8;

/** Says where the labels come from, for the table. */
export const labelSource = existsSync(real) ? 'half Voronoi cells, half tiles of a real segmentation' : 'Voronoi cells';

interface Seed {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly id: bigint;
}

/** A cube of uint64 ids, x fastest, on shared memory: about `seeds` Voronoi cells, one seed in each cell of a grid. */
export function voronoi(side: number, seeds: number): BigUint64Array<SharedArrayBuffer> {
  const labels = new BigUint64Array(new SharedArrayBuffer(8 * side ** 3));
  const grid = Math.max(1, Math.round(Math.cbrt(seeds)));
  const near = seedsNear(side, grid);
  for (let z = 0; z < side; z += BRICK)
    for (let y = 0; y < side; y += BRICK)
      for (let x = 0; x < side; x += BRICK) fillBrick(labels, side, [x, y, z], near(x, y, z));
  return labels;
}

/** The lower half as it is, the upper half made of tiles of a real segmentation, where that is there. */
export function withRealTiles(
  labels: BigUint64Array<SharedArrayBuffer>,
  side: number,
): BigUint64Array<SharedArrayBuffer> {
  if (!existsSync(real)) return labels;
  const bytes = readFileSync(real);
  const tile = new BigUint64Array(new Uint8Array(bytes).buffer);
  for (let z = side / 2; z < side; z++)
    for (let y = 0; y < side; y++) {
      const row = ((z % TILE) * TILE + (y % TILE)) * TILE;
      for (let x = 0; x < side; x += TILE) labels.set(tile.subarray(row, row + TILE), (z * side + y) * side + x);
    }
  return labels;
}

/** The seeds that may be the nearest of a voxel of a brick. */
function seedsNear(side: number, grid: number): (x: number, y: number, z: number) => readonly Seed[] {
  const random = seededRandom(3);
  const pitch = side / grid;
  const id = (): bigint =>
    (BigInt(Math.floor(random() * 2 ** 31)) << 32n) | BigInt(1 + Math.floor(random() * (2 ** 32 - 1)));
  const seeds = Array.from({ length: grid ** 3 }, (_, i): Seed => {
    const cell = [i % grid, Math.floor(i / grid) % grid, Math.floor(i / grid ** 2)];
    const [x = 0, y = 0, z = 0] = cell.map((at) => (at + random()) * pitch);
    return { x, y, z, id: id() };
  });
  const around = (at: number): readonly number[] =>
    [-1, 0, 1].map((step) => Math.floor(at / pitch) + step).filter((cell) => cell >= 0 && cell < grid);
  return (x, y, z) => {
    const [cx, cy, cz] = [x + BRICK / 2, y + BRICK / 2, z + BRICK / 2];
    const cells = around(cz).flatMap((k) =>
      around(cy).flatMap((j) => around(cx).map((i) => (k * grid + j) * grid + i)),
    );
    const measured = cells.flatMap((cell) => {
      const seed = seeds[cell];
      return seed ? [{ seed, far: Math.hypot(seed.x - cx, seed.y - cy, seed.z - cz) }] : [];
    });
    const least = Math.min(...measured.map(({ far }) => far));
    // Twice half a brick's diagonal: others are farther from every voxel of the brick.
    return measured.filter(({ far }) => far <= least + BRICK * Math.sqrt(3)).map(({ seed }) => seed);
  };
}

function fillBrick(
  labels: BigUint64Array<SharedArrayBuffer>,
  side: number,
  [left, top, front]: readonly [number, number, number],
  seeds: readonly Seed[],
): void {
  const [only] = seeds;
  if (!only) return;
  for (let z = front; z < front + BRICK; z++)
    for (let y = top; y < top + BRICK; y++) {
      const row = (z * side + y) * side;
      if (seeds.length === 1) labels.fill(only.id, row + left, row + left + BRICK);
      else for (let x = left; x < left + BRICK; x++) labels[row + x] = nearest(seeds, x, y, z);
    }
}

function nearest(seeds: readonly Seed[], x: number, y: number, z: number): bigint {
  let [best, least] = [0n, Infinity];
  for (const seed of seeds) {
    const far = (seed.x - x) ** 2 + (seed.y - y) ** 2 + (seed.z - z) ** 2;
    if (far < least) [best, least] = [seed.id, far];
  }
  return best;
}
