import type { RegionNumbers, RegionResult, RegionRow } from '../../preload/contract/region.ts';

/** Numbers of regions as tables and plots show them. Pure. */

export type Measure = 'volume' | 'count' | 'density' | 'covered' | 'mean' | 'sd' | 'min' | 'max' | 'sum';

interface MeasureWords {
  readonly title: string;
  /** '' where it is a number of things, or a grey level. */
  readonly unit: string;
  /** Whether that of a region is the sum of those inside of it: areas can stand for it. */
  readonly adds: boolean;
  readonly of: (numbers: RegionNumbers) => number | null;
}

export const measureWords: Readonly<Record<Measure, MeasureWords>> = {
  volume: { title: 'Volume', unit: 'mm³', adds: true, of: ({ volumeMm3 }) => volumeMm3 },
  count: { title: 'Count', unit: '', adds: true, of: ({ count }) => count },
  density: { title: 'Density', unit: 'per mm³', adds: false, of: ({ densityPerMm3 }) => densityPerMm3 },
  covered: {
    title: 'Covered',
    unit: '%',
    adds: false,
    of: ({ covered, voxels }) => (covered === null || voxels === 0 ? null : (100 * covered) / voxels),
  },
  mean: { title: 'Mean', unit: '', adds: false, of: ({ grey }) => grey?.mean ?? null },
  sd: { title: 'SD', unit: '', adds: false, of: ({ grey }) => grey?.sd ?? null },
  min: { title: 'Least', unit: '', adds: false, of: ({ grey }) => grey?.min ?? null },
  max: { title: 'Most', unit: '', adds: false, of: ({ grey }) => grey?.max ?? null },
  sum: { title: 'Sum', unit: '', adds: true, of: ({ grey }) => grey?.sum ?? null },
};

const byUnit: Readonly<Record<RegionResult['unit'], readonly Measure[]>> = {
  voxels: ['volume', 'mean', 'sd', 'min', 'max', 'sum'],
  points: ['count', 'density', 'volume'],
  segments: ['count', 'density', 'covered', 'volume'],
};

/** What a result has, the one that matters most second to where it lies first. */
export const measuresOf = ({ unit }: Pick<RegionResult, 'unit'>): readonly Measure[] => byUnit[unit];

/** What is first plotted. */
export const firstMeasure = ({ unit }: Pick<RegionResult, 'unit'>): Measure => (unit === 'voxels' ? 'mean' : 'count');

/** `Volume, mm³` */
export const measureTitle = (measure: Measure): string => {
  const { title, unit } = measureWords[measure];
  return unit === '' ? title : `${title}, ${unit}`;
};

export const valueOf = (row: RegionRow | undefined, measure: Measure, inside: boolean): number | null =>
  row ? measureWords[measure].of(inside ? row.all : row.own) : null;

/** What rows are sorted by: the tree, or a measure, the most first. */
export type SortBy = 'tree' | Measure;

/** The rows of a table: as the tree has them with what is folded left out, or all of them by a measure. */
export function sortedRows(
  rows: readonly RegionRow[],
  by: SortBy,
  inside: boolean,
  folded: ReadonlySet<number>,
): readonly RegionRow[] {
  if (by === 'tree') return unfolded(rows, folded);
  const value = (row: RegionRow): number => valueOf(row, by, inside) ?? -Infinity;
  return rows.toSorted((a, b) => value(b) - value(a) || a.at - b.at);
}

function unfolded(rows: readonly RegionRow[], folded: ReadonlySet<number>): readonly RegionRow[] {
  let until = 0;
  return rows.filter(({ at, end }) => {
    if (at < until) return false;
    if (folded.has(at)) until = end;
    return true;
  });
}

/** The rows right inside of a region: of those in the table, so that what is empty is left out. */
export const rowsInside = (rows: readonly RegionRow[], parent: number): readonly RegionRow[] =>
  rows.filter((row) => row.parent === parent);

/** One region inside of another with more than this of it hides the others. */
const mostShare = 0.8;

/** How much of what was measured lies in a region. */
const weightOf = ({ all: { count, voxels } }: RegionRow): number => count ?? voxels;

/** Where plots begin: the outermost region of which no single one inside has nearly all. */
export function firstPlotted(rows: readonly RegionRow[]): number | null {
  let now = rows[0];
  while (now) {
    const inside = rowsInside(rows, now.at);
    const least = mostShare * weightOf(now);
    const main = inside.find((row) => weightOf(row) > least);
    if (!main || rowsInside(rows, main.at).length === 0) return now.at;
    now = main;
  }
  return null;
}

export interface Bar {
  readonly row: RegionRow;
  readonly value: number;
}

/** The regions of a plot with their numbers, the most first. */
export const barsOf = (rows: readonly RegionRow[], measure: Measure): readonly Bar[] =>
  rows
    .map((row) => ({ row, value: valueOf(row, measure, true) ?? 0 }))
    .filter(({ value }) => value > 0)
    .toSorted((a, b) => b.value - a.value);

/** How far apart the hemispheres are: of what both have together, from -1 (all left) to 1; null where neither has any. */
export const asymmetry = (left: number | null, right: number | null): number | null =>
  left === null || right === null || left + right === 0 ? null : (right - left) / (right + left);
