import {
  type Affine,
  applyAffine,
  boundsOfTile,
  composeAffine,
  invertAffine,
} from '../../../../preload/contract/space.ts';
import type { JobRun } from '../../jobs/job.ts';
import { medianOf } from './limits.ts';
import type { Neighbours } from './stage-track.ts';

/** Where both tiles show the same thing, level-0 pixels of each. */
export interface SharedPoint {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
}

/** Cells along the overlap: dirt or a blood vessel is in one of them, the lamp in all. */
const cells = 7;

/** The logarithm of tile b's grey level over tile a's where they overlap by what was matched; null where nothing says so. */
export async function lightRatio(
  job: JobRun,
  pair: Neighbours,
  at: SharedPoint,
  signal: AbortSignal,
): Promise<number | null> {
  const bFromA = matched(pair, at);
  const numbers = cellsOf(pair, bFromA);
  if (numbers.length === 0) return null;
  const image = ({ path, scale, sizePx }: Neighbours['a']) => ({ path, scale, sizePx });
  const { outputs } = await job.kernels.run(
    'compare-light',
    { a: image(pair.a), b: image(pair.b) },
    { inputs: [new Uint8Array(Float64Array.from(numbers).buffer)], signal, lane: 'preview' },
  );
  const rows = new Float64Array((outputs[0] ?? new Uint8Array()).slice().buffer);
  const ratios = Array.from({ length: rows.length / 5 }, (_, i) => rows.subarray(5 * i, 5 * i + 5)).flatMap(
    ([a = 0, b = 0, , , places = 0]) => (places > 0 && a > 0 && b > 0 ? [Math.log(b / a)] : []),
  );
  return ratios.length === 0 ? null : Math.round(1e6 * medianOf(ratios)) / 1e6;
}

/** The map of the stage, moved so that it leads the point of a to that of b. */
function matched({ bFromA }: Neighbours, { a, b }: SharedPoint): Affine {
  const [x, y] = applyAffine(bFromA, ...a);
  return composeAffine([1, 0, 0, 1, b[0] - x, b[1] - y], bFromA);
}

/** Cells of the overlap in the pixels of tile a, along its longer side, each with the map from there to tile b. */
function cellsOf({ a, b }: Neighbours, bFromA: Affine): readonly number[] {
  const aFromB = invertAffine(bFromA);
  if (!aFromB) return [];
  const there = boundsOfTile(aFromB, ...b.sizePx);
  const [left, top] = [Math.max(0, there.minX), Math.max(0, there.minY)];
  const [width, height] = [Math.min(a.sizePx[0], there.maxX) - left, Math.min(a.sizePx[1], there.maxY) - top];
  if (width <= 0 || height <= 0) return [];
  const [stepX, stepY] = width >= height ? [width / cells, 0] : [0, height / cells];
  return Array.from({ length: cells }, (_, i) => {
    const [x, y] = [left + i * stepX, top + i * stepY];
    return [x, y, x + (stepX || width), y + (stepY || height), ...bFromA];
  }).flat();
}
