import type { LightReport } from '../../../../preload/contract/intensity.ts';
import { type ComparedPair, meanStep, stepOf } from './compare.ts';
import { Corrections, gainAndOffset } from './corrections.ts';
import { relativeSd } from './floats.ts';
import type { LitTile } from './lit-tiles.ts';
import type { TileLight } from './read-light.ts';

const [mostWorst, shownDigits] = [20, 1e4];

/** Steps, sections and evenness, with levels as stored and as corrected. */
export function measureLight(
  sections: ReadonlyMap<number, readonly LitTile[]>,
  light: ReadonlyMap<number, TileLight>,
  compared: readonly ComparedPair[],
  corrections: Corrections,
): LightReport {
  const stored = new Corrections();
  const steps = compared.flatMap((one) => {
    if (one.places.length === 0) return [];
    const { a, b } = one.pair;
    const sides = { before: shown(stepOf(one, stored)), after: shown(stepOf(one, corrections)) };
    return [{ tileA: a.id, tileB: b.id, section: a.section, ...sides }];
  });
  const slices = [...sections].map(([section, tiles]) => ({
    section,
    before: shown(levelOf(tiles, light, stored)),
    after: shown(levelOf(tiles, light, corrections)),
  }));
  const tiles = [...sections.values()].flat();
  const both = (measure: (of: Corrections) => number) => ({
    before: shown(measure(stored)),
    after: shown(measure(corrections)),
  });
  return {
    seamStep: both((of) => meanStep(compared, of)),
    sliceSd: {
      before: shown(relativeSd(slices.map((s) => s.before))),
      after: shown(relativeSd(slices.map((s) => s.after))),
    },
    nonUniformity: both((of) => unevenness(tiles, light, of)),
    contrast: shown(contrastOf(tiles, light, corrections)),
    slices,
    worst: steps.toSorted((p, q) => q.after - p.after).slice(0, mostWorst),
  };
}

const shown = (value: number): number => Math.round(value * shownDigits) / shownDigits;

function* cellsOf({ id }: LitTile, light: ReadonlyMap<number, TileLight>, corrections: Corrections) {
  const own = light.get(id);
  if (!own) return;
  const correction = corrections.of(id);
  for (let cell = 0; cell < own.means.length; cell++) {
    const mean = own.means[cell] ?? Number.NaN;
    if (Number.isNaN(mean)) continue;
    const u = ((cell % own.columns) + 0.5) / own.columns;
    const v = (Math.floor(cell / own.columns) + 0.5) / own.rows;
    const [gain, offset] = gainAndOffset(correction, u, v);
    yield { cell, level: gain * mean + offset, sd: gain * (own.sds[cell] ?? 0), storedSd: own.sds[cell] ?? 0 };
  }
}

/** Mean level of tiles. */
function levelOf(tiles: readonly LitTile[], light: ReadonlyMap<number, TileLight>, corrections: Corrections): number {
  let [sum, count] = [0, 0];
  for (const tile of tiles)
    for (const { level } of cellsOf(tile, light, corrections)) {
      sum += level;
      count++;
    }
  return count > 0 ? sum / count : 0;
}

/** SD over its mean of what tiles are on average, each counted as a part of its own level. */
function unevenness(
  tiles: readonly LitTile[],
  light: ReadonlyMap<number, TileLight>,
  corrections: Corrections,
): number {
  const sums = new Map<number, [number, number]>();
  for (const tile of tiles) {
    const own = levelOf([tile], light, corrections);
    if (own === 0) continue;
    for (const { cell, level } of cellsOf(tile, light, corrections)) {
      const sum = sums.get(cell) ?? [0, 0];
      sums.set(cell, [sum[0] + level / own, sum[1] + 1]);
    }
  }
  return relativeSd([...sums.values()].map(([sum, count]) => sum / count));
}

function contrastOf(
  tiles: readonly LitTile[],
  light: ReadonlyMap<number, TileLight>,
  corrections: Corrections,
): number {
  let [after, before] = [0, 0];
  for (const tile of tiles)
    for (const { sd, storedSd } of cellsOf(tile, light, corrections)) {
      after += sd;
      before += storedSd;
    }
  return before > 0 ? after / before : 1;
}
