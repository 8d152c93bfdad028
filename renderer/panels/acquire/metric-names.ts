import type { Metric } from '../../state/board.ts';
import { formatNumber, formatPercent } from '../../ui/format.ts';

interface MetricName {
  readonly title: string;
  /** What it says, and in which unit. */
  readonly about: string;
  readonly format: (value: number) => string;
}

export const metricNames: Readonly<Record<Metric, MetricName>> = {
  focus: {
    title: 'Sharpness',
    about: 'Variance of the Laplacian over the variance: higher is sharper, comparable within a dataset.',
    format: formatNumber,
  },
  mean: { title: 'Brightness', about: 'Mean grey level.', format: formatNumber },
  sd: { title: 'Contrast', about: 'Standard deviation of the grey levels.', format: formatNumber },
  saturated: { title: 'Saturated', about: 'Share of pixels at the top of the range.', format: formatPercent },
  black: { title: 'Black', about: 'Share of pixels at the bottom of the range.', format: formatPercent },
  blankness: { title: 'Blankness', about: 'Share of the tile without texture: 100 % is blank.', format: formatPercent },
};
