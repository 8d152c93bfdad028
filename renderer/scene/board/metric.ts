import type { Tile } from '../../../preload/contract/dataset.ts';
import type { ColourBy, Metric } from '../../state/board.ts';
import { css, verdictRgb, viridis } from '../../ui/colour-maps.ts';

export type MetricRange = readonly [number, number];

export const metricOf = (tile: Tile, metric: Metric): number | null => tile.metrics?.[metric] ?? null;

/** 2 to 98 % of a metric over the tiles: one odd tile does not flatten the rest. Null where no tile was measured. */
export function rangeOf(tiles: readonly Tile[], metric: Metric): MetricRange | null {
  const values = tiles.flatMap((tile) => metricOf(tile, metric) ?? []).toSorted((a, b) => a - b);
  if (values.length === 0) return null;
  const at = (share: number): number => values[Math.round(share * (values.length - 1))] ?? 0;
  return [at(0.02), at(0.98)];
}

const shades = Array.from({ length: 64 }, (_, i) => css(viridis(i / 63)));
const verdicts = { ok: css(verdictRgb.ok), warn: css(verdictRgb.warn), bad: css(verdictRgb.bad) };
const notMeasured = css([120, 124, 132]);

/** The CSS colour that stands for a tile; grey where it was not measured. */
export function tileColour(tile: Tile, colourBy: ColourBy, range: MetricRange | null): string {
  if (colourBy === 'verdict') return verdicts[tile.verdict];
  const value = metricOf(tile, colourBy);
  if (value === null || !range) return notMeasured;
  const share = (value - range[0]) / (range[1] - range[0] || 1);
  return shades[Math.round(Math.max(0, Math.min(1, share)) * 63)] ?? notMeasured;
}
