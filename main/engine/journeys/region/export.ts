import type { RegionNumbers, RegionResult, RegionRow } from '../../../../preload/contract/region.ts';
import type { RegionTree } from '../../atlases/region-tree.ts';
import { csvOf } from '../../formats/csv.ts';

/** A row with the way to it: acronyms and names from the outermost region to itself. */
export interface ExportedRow extends RegionRow {
  readonly path: readonly string[];
  readonly names: readonly string[];
}

export function withPath(tree: RegionTree, row: RegionRow): ExportedRow {
  const path = tree.pathOf(row.at);
  return { ...row, path: path.map(({ acronym, id }) => acronym || id), names: path.map(({ name }) => name) };
}

type Cell = string | number | null;

const numbers: Readonly<Record<string, (numbers: RegionNumbers) => Cell>> = {
  voxels: ({ voxels }) => voxels,
  // A count times a size: what floats add in the last digits is no measure.
  volume_mm3: ({ volumeMm3 }) => Number(volumeMm3.toPrecision(12)),
  count: ({ count }) => count,
  density_per_mm3: ({ densityPerMm3 }) => densityPerMm3,
  segment_voxels: ({ covered }) => covered,
  mean: ({ grey }) => grey?.mean ?? null,
  sum: ({ grey }) => grey?.sum ?? null,
  sd: ({ grey }) => grey?.sd ?? null,
  min: ({ grey }) => grey?.min ?? null,
  max: ({ grey }) => grey?.max ?? null,
};

/** Numbers that this kind of result has. */
function columnsOf({ unit, of }: Pick<RegionResult, 'unit' | 'of'>): readonly string[] {
  const greys = unit === 'voxels' ? ['mean', 'sum', 'sd', 'min', 'max'] : ['count', 'density_per_mm3'];
  return ['voxels', 'volume_mm3', ...greys, ...('segments' in of ? ['segment_voxels'] : [])];
}

/** A row for each region and hemisphere; columns `own_…` are of the region's own label, `all_…` with those inside. */
export function regionCsv(result: Pick<RegionResult, 'unit' | 'of'>, rows: readonly ExportedRow[]): string {
  const columns = columnsOf(result);
  const about = ['id', 'acronym', 'name', 'path', 'names', 'colour', 'depth', 'hemisphere'];
  const header = [...about, ...['all', 'own'].flatMap((kind) => columns.map((column) => `${kind}_${column}`))];
  return csvOf(
    header,
    rows.map((row) => [
      ...[row.id, row.acronym, row.name, row.path.join('/'), row.names.join(' / ')],
      ...[row.colour, row.depth, row.hemisphere ?? 'both'],
      ...[row.all, row.own].flatMap((own) => columns.map((column) => numbers[column]?.(own) ?? null)),
    ]),
  );
}
