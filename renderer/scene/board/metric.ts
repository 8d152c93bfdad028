import type { Tile } from '../../../preload/contract/dataset.ts';
import type { ColourBy, Metric } from '../../state/board.ts';
import type { Rgb } from '../../ui/colour-maps.ts';
import { verdictRgb, viridis } from '../../ui/colour-maps.ts';

export type MetricRange = readonly [number, number];

export const metricOf = (tile: Tile, metric: Metric): number | null => tile.metrics?.[metric] ?? null;

/** 2 to 98 % of a metric over the tiles: one odd tile does not flatten the rest. Null where no tile was measured. */
export function rangeOf(tiles: readonly Tile[], metric: Metric): MetricRange | null {
  const values = tiles.flatMap((tile) => metricOf(tile, metric) ?? []).toSorted((a, b) => a - b);
  if (values.length === 0) return null;
  const at = (share: number): number => values[Math.round(share * (values.length - 1))] ?? 0;
  return [at(0.02), at(0.98)];
}

/** The colour that stands for a tile; grey where it was not measured. */
export function tileColour(tile: Tile, colourBy: ColourBy, range: MetricRange | null): Rgb {
  if (colourBy === 'verdict') return verdictRgb[tile.verdict];
  const value = metricOf(tile, colourBy);
  if (value === null || !range) return [120, 124, 132];
  return viridis((value - range[0]) / (range[1] - range[0] || 1));
}
