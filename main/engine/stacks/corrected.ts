import type { Correction } from './intensity-rows.ts';

/** The corrected level at a place of the tile, 0 to 1 along each side: as the kernel `render-region` does it. */
export function correctedBy({ columns, rows, gain, offset }: Correction, level: number, u: number, v: number): number {
  const [i, right, x] = between(u, columns);
  const [j, below, y] = between(v, rows);
  const at = j * columns + i;
  const under = at + below * columns;
  const mix = (grid: Float32Array): number => {
    const upper = (grid[at] ?? 0) + ((grid[at + right] ?? 0) - (grid[at] ?? 0)) * x;
    const lower = (grid[under] ?? 0) + ((grid[under + right] ?? 0) - (grid[under] ?? 0)) * x;
    return upper + (lower - upper) * y;
  };
  return level * mix(gain) + mix(offset);
}

/** The node before a place, how far the next one is, and where between them the place lies. */
function between(at: number, nodes: number): readonly [number, number, number] {
  if (nodes < 2) return [0, 0, 0];
  const place = Math.min(Math.max(at * (nodes - 1), 0), nodes - 1);
  const first = Math.min(Math.floor(place), nodes - 2);
  return [first, 1, place - first];
}
