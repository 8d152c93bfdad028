import { tasks } from '../../../../native-workers/tasks.ts';
import { isLamellaError } from '../../../../preload/contract/errors.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import { gainAndOffset, type Corrections } from './corrections.ts';
import { f64Bytes, f64Of } from './floats.ts';
import type { LitPair } from './overlaps.ts';

/** What both tiles of a pair show at one place of their overlap, in levels as stored. */
export interface SharedPlace {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
  readonly means: readonly [number, number];
  readonly sds: readonly [number, number];
  readonly weight: number;
}

export interface ComparedPair {
  readonly pair: LitPair;
  readonly places: readonly SharedPlace[];
}

/** So many pixels looked at are as good as more. */
const fullWeightPixels = 1000;

/** Compares the levels of overlapping tiles cell by cell; a pair whose files cannot be read any more says nothing. */
export async function compareOverlaps(job: JobRun, pairs: readonly LitPair[]): Promise<readonly ComparedPair[]> {
  const found = await job.stage<readonly number[]>({
    name: 'Comparing overlaps',
    unit: 'pairs',
    units: pairs.map((pair) => compareUnit(job, pair)),
    weight: 4,
    onFailure: (error) => {
      if (!isLamellaError(error, 'bad-source', 'not-found', 'over-budget', 'worker-died')) throw error;
      return [];
    },
  });
  return pairs.map((pair, i) => ({ pair, places: placesOf(pair, found[i] ?? []) }));
}

function compareUnit(job: JobRun, pair: LitPair): Unit<readonly number[]> {
  const { a, b } = pair;
  const cells = pair.cells.flatMap(({ numbers }) => numbers);
  const about = [a.stamp, b.stamp, a.image.scale, b.image.scale, a.image.sizePx, b.image.sizePx];
  return {
    key: unitKey('compare-light', tasks['compare-light'].version, ...about, cells),
    subject: `${a.name} and ${b.name}`,
    run: async (signal) => {
      const images = { a: a.image, b: b.image };
      const { outputs } = await job.kernels.run('compare-light', images, { inputs: [f64Bytes(cells)], signal });
      return Array.from(f64Of(outputs[0]), (v) => Math.round(v * 1000) / 1000);
    },
  };
}

function placesOf({ cells }: LitPair, rows: readonly number[]): SharedPlace[] {
  return cells.flatMap(({ a, b }, i) => {
    const [meanA = 0, meanB = 0, sdA = 0, sdB = 0, pixels = 0] = rows.slice(5 * i, 5 * i + 5);
    if (pixels === 0) return [];
    return [{ a, b, means: [meanA, meanB], sds: [sdA, sdB], weight: Math.min(1, pixels / fullWeightPixels) }];
  });
}

/** A place as its tiles' corrections show it. */
export function correctedPlace({ pair }: ComparedPair, place: SharedPlace, corrections: Corrections) {
  const [gainA, offsetA] = gainAndOffset(corrections.of(pair.a.id), ...place.a);
  const [gainB, offsetB] = gainAndOffset(corrections.of(pair.b.id), ...place.b);
  return {
    means: [gainA * place.means[0] + offsetA, gainB * place.means[1] + offsetB] as const,
    sds: [gainA * place.sds[0], gainB * place.sds[1]] as const,
  };
}

export function comparedBySection(compared: readonly ComparedPair[]): ReadonlyMap<number, readonly ComparedPair[]> {
  const sections = new Map<number, ComparedPair[]>();
  for (const one of compared) {
    const section = sections.get(one.pair.a.section);
    if (section) section.push(one);
    else sections.set(one.pair.a.section, [one]);
  }
  return sections;
}

/** How large the mean difference of a pair's corrected levels is. */
export function stepOf(one: ComparedPair, corrections: Corrections): number {
  let [sum, weights] = [0, 0];
  for (const place of one.places) {
    const { means } = correctedPlace(one, place, corrections);
    sum += place.weight * (means[0] - means[1]);
    weights += place.weight;
  }
  return weights > 0 ? Math.abs(sum / weights) : 0;
}

export const areaOf = ({ places }: ComparedPair): number => places.reduce((sum, { weight }) => sum + weight, 0);

/** Mean over pairs, by the area that they share, of how large their step is. */
export function meanStep(compared: readonly ComparedPair[], corrections: Corrections): number {
  let [sum, area] = [0, 0];
  for (const one of compared) {
    sum += areaOf(one) * stepOf(one, corrections);
    area += areaOf(one);
  }
  return area > 0 ? sum / area : 0;
}
