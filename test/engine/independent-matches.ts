import { type Affine, applyAffine, invertAffine } from '../../preload/contract/space.ts';
import type { Picture } from './png.ts';

/**
 * Feature matches between two overlapping pictures, found with nothing of Lamella's: small patches on a grid, searched
 * for exhaustively by normalised cross-correlation around where a known layout puts them, sub-pixel by a parabola, and
 * kept where the way back leads to the start. Pixel coordinates of both pictures, corners at whole numbers.
 */
export interface FeatureMatch {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
  readonly ncc: number;
}

const half = 17;
const reach = 9;
const spacing = 37;
const leastNcc = 0.7;
const mostReturnPx = 0.35;

export function featureMatches(
  a: Picture,
  b: Picture,
  worldFromA: Affine,
  worldFromB: Affine,
): readonly FeatureMatch[] {
  const bFromWorld = invertAffine(worldFromB);
  if (!bFromWorld) return [];
  const found: FeatureMatch[] = [];
  for (let y = half + 3; y < a.height - half - 3; y += spacing) {
    for (let x = half + 3; x < a.width - half - 3; x += spacing) {
      const guess = applyAffine(bFromWorld, ...applyAffine(worldFromA, x + 0.5, y + 0.5));
      const there = search(a, [x, y], b, [Math.round(guess[0] - 0.5), Math.round(guess[1] - 0.5)]);
      if (!there || there.ncc < leastNcc) continue;
      const start = [Math.round(there.at[0]), Math.round(there.at[1])] as const;
      const back = search(b, start, a, [x, y]);
      if (!back) continue;
      const off = [back.at[0] - x - (start[0] - there.at[0]), back.at[1] - y - (start[1] - there.at[1])];
      if (Math.hypot(off[0] ?? 0, off[1] ?? 0) <= mostReturnPx)
        found.push({ a: [x + 0.5, y + 0.5], b: [there.at[0] + 0.5, there.at[1] + 0.5], ncc: there.ncc });
    }
  }
  return found;
}

interface Found {
  readonly at: readonly [number, number];
  readonly ncc: number;
}

/** The best place in `to` of the patch around a pixel of `from`; null near the border, or where the best lies at the edge of the search. */
function search(
  from: Picture,
  at: readonly [number, number],
  to: Picture,
  guess: readonly [number, number],
): Found | null {
  const margin = half + reach + 1;
  if (guess[0] < margin || guess[1] < margin || guess[0] >= to.width - margin || guess[1] >= to.height - margin)
    return null;
  if (at[0] < half || at[1] < half || at[0] >= from.width - half || at[1] >= from.height - half) return null;
  const patch = patchAt(from, at);
  const side = 2 * reach + 1;
  const map = new Float64Array(side * side);
  let best = 0;
  for (let i = 0; i < map.length; i++) {
    map[i] = correlation(patch, to, guess[0] - reach + (i % side), guess[1] - reach + Math.floor(i / side));
    if ((map[i] ?? -1) > (map[best] ?? -1)) best = i;
  }
  const [bx, by] = [best % side, Math.floor(best / side)];
  if (bx === 0 || by === 0 || bx === side - 1 || by === side - 1) return null;
  const value = (i: number): number => map[i] ?? 0;
  const peak = (less: number, middle: number, more: number): number => (less - more) / (2 * (less - 2 * middle + more));
  const [dx, dy] = [
    peak(value(best - 1), value(best), value(best + 1)),
    peak(value(best - side), value(best), value(best + side)),
  ];
  return { at: [guess[0] - reach + bx + dx, guess[1] - reach + by + dy], ncc: value(best) };
}

function patchAt({ pixels, width }: Picture, [x, y]: readonly [number, number]): Float64Array {
  const side = 2 * half + 1;
  const patch = new Float64Array(side * side);
  let sum = 0;
  for (let j = 0; j < side; j++) {
    for (let i = 0; i < side; i++) sum += patch[j * side + i] = pixels[(y - half + j) * width + x - half + i] ?? 0;
  }
  const mean = sum / patch.length;
  let square = 0;
  for (let i = 0; i < patch.length; i++) square += (patch[i] = (patch[i] ?? 0) - mean) ** 2;
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  for (let i = 0; i < patch.length; i++) patch[i] = (patch[i] ?? 0) * scale;
  return patch;
}

/** Of a patch of mean 0 and norm 1 with what lies around a pixel: whose mean then does not matter, only its norm. */
function correlation(patch: Float64Array, { pixels, width }: Picture, x: number, y: number): number {
  const side = 2 * half + 1;
  let [product, sum, squares] = [0, 0, 0];
  for (let j = 0; j < side; j++) {
    const row = (y - half + j) * width + x - half;
    for (let i = 0; i < side; i++) {
      const value = pixels[row + i]!;
      product += patch[j * side + i]! * value;
      sum += value;
      squares += value * value;
    }
  }
  const square = squares - (sum * sum) / patch.length;
  return square > 0 ? product / Math.sqrt(square) : 0;
}

/** Distances between the two places of each match under a layout, in the layout's pixels. */
export function misfits(matches: readonly FeatureMatch[], worldFromA: Affine, worldFromB: Affine): readonly number[] {
  return matches.map(({ a, b }) => {
    const [p, q] = [applyAffine(worldFromA, ...a), applyAffine(worldFromB, ...b)];
    return Math.hypot(p[0] - q[0], p[1] - q[1]);
  });
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
