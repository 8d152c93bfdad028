import type { VoxelType } from '../../../preload/contract/space.ts';
import { typedVoxels } from '../../../preload/contract/typed-voxels.ts';

/** Bins of either volume: those of Mattes et al. (2003) are as many. */
export const bins = 32;

/**
 * Levels between bins that hold about as many voxels each, whatever the contrast: at most 31, rising; none where all
 * voxels are the same. `sorted`: some of the voxels, from the least.
 */
export function binEdges(sorted: Float64Array): readonly number[] {
  const edges: number[] = [];
  for (let bin = 1; bin < bins; bin++) {
    const edge = sorted[Math.floor((bin * sorted.length) / bins)] ?? 0;
    if (edge > (edges.at(-1) ?? sorted[0] ?? 0)) edges.push(edge);
  }
  return edges;
}

export interface Counted {
  readonly bytes: Uint8Array;
  readonly dtype: VoxelType;
  readonly edges: readonly number[];
}

/** How often levels of two volumes come together, `bins` x `bins`, the first's slowest. Where `isSeen` is 0, or a level is no number, none counts. */
export function jointCounts(first: Counted, second: Counted, isSeen: Uint8Array): number[] {
  const counts = Array.from({ length: bins * bins }, () => 0);
  const [a, b] = [binned(first), binned(second)];
  for (let i = 0; i < isSeen.length; i++) {
    const [u, v] = [a(i), b(i)];
    if (isSeen[i] !== 0 && u >= 0 && v >= 0) counts[u * bins + v]! += 1;
  }
  return counts;
}

/** The bin of a voxel; -1 where it is no number. Runs of one level are looked up once. */
function binned({ bytes, dtype, edges }: Counted): (at: number) => number {
  const levels = typedVoxels(bytes, dtype);
  let [last, bin] = [NaN, -1];
  return (at) => {
    const level = Number(levels[at]);
    if (level !== last) [last, bin] = [level, Number.isNaN(level) ? -1 : binOf(edges, level)];
    return bin;
  };
}

function binOf(edges: readonly number[], level: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (level >= edges[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Information that two volumes share, over that of the plainer one: 0 to 1; 0 where one of them is plain throughout. */
export function sharedInformation(counts: readonly number[]): number {
  const rows = Array.from({ length: bins }, (_, u) => sum(counts.slice(u * bins, (u + 1) * bins)));
  const columns = Array.from({ length: bins }, (_, v) => sum(rows.map((_row, u) => counts[u * bins + v] ?? 0)));
  const [ofFirst, ofSecond, ofBoth] = [entropy(rows), entropy(columns), entropy(counts)];
  const least = Math.min(ofFirst, ofSecond);
  return least > 0 ? Math.max(0, Math.min(1, (ofFirst + ofSecond - ofBoth) / least)) : 0;
}

/** Nats. */
function entropy(counts: readonly number[]): number {
  const total = sum(counts);
  return counts.reduce((h, count) => (count > 0 ? h - (count / total) * Math.log(count / total) : h), 0);
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
