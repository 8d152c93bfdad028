import type { Vec3 } from '../../../preload/contract/space.ts';
import { gridHeader } from './deform-space.ts';
import { rangeOf } from './level-range.ts';
import type { WorkingLevels } from './working-levels.ts';

/** Levels to 8 bit. */
export type Greys = (level: number) => number;

/** Of the levels at either end, so many are cut. */
const tail = 0.005;

/** From where nearly all levels begin to where they end. */
export function greysOf(levels: Float32Array): Greys {
  const [low, high] = rangeOf(levels, tail);
  return greysBetween(low, high);
}

/** From black to white; NaN is black. */
export function greysBetween(low: number, high: number): Greys {
  const scale = high > low ? 255 / (high - low) : 0;
  return (level) => Math.max(0, Math.min(255, Math.round((level - low) * scale))) || 0;
}

/** The level at a place (µm), linear between voxels; NaN beyond them. */
export function sampler(of: WorkingLevels): (place: Vec3) => number {
  const grid = gridHeader(of);
  return (place) => levelAtPlace(of.levels, grid, place);
}

function levelAtPlace(levels: Float32Array, { size, spacingUm, originUm }: ReturnType<typeof gridHeader>, place: Vec3) {
  let [first, stride] = [0, 1];
  const [parts, strides]: [number[], number[]] = [[], []];
  for (const k of [0, 1, 2] as const) {
    const at = (place[k] - originUm[k]) / spacingUm[k];
    if (!(at >= -0.5 && at <= size[k] - 0.5)) return NaN;
    const inside = Math.max(0, Math.min(size[k] - 1, at));
    const base = Math.min(Math.floor(inside), Math.max(0, size[k] - 2));
    parts.push(inside - base);
    strides.push(size[k] > 1 ? stride : 0);
    first += base * stride;
    stride *= size[k];
  }
  let sum = 0;
  for (let c = 0; c < 8; c++) {
    let [weight, at] = [1, first];
    for (const k of [0, 1, 2] as const) {
      const isFar = ((c >> k) & 1) === 1;
      weight *= isFar ? parts[k]! : 1 - parts[k]!;
      if (isFar) at += strides[k]!;
    }
    if (weight > 0) sum += weight * levels[at]!;
  }
  return sum;
}
