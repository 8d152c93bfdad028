import { LamellaError } from '../../../preload/contract/errors.ts';
import { type RegionResult, regionResultSchema } from '../../../preload/contract/region.ts';
import type { LibraryStore, ReadHandle, WriteHandle } from '../store/library-store.ts';
import type { RegionTally } from './region-tally.ts';

interface ResultRow {
  readonly id: string;
  readonly name: string;
  readonly atlas: string;
  readonly space: string;
  readonly level: number;
  readonly made_of: string;
  readonly voxel_size_nm: string;
  readonly through: string;
  readonly hemispheres: number;
  readonly unit: string;
  readonly total: number;
  readonly in_regions: number;
  readonly unread: number;
  readonly created_at: string;
}

/** `tallies`: of regions, one for each region and side. */
export function storeRegionResult(
  tx: WriteHandle,
  result: RegionResult,
  tallies: readonly RegionTally[],
  job: string,
): void {
  const { of, voxelSizeNm, through, hemispheres, inRegions, createdAt, ...columns } = result;
  tx.put('region_result', {
    ...columns,
    ...{ made_of: JSON.stringify(of), voxel_size_nm: JSON.stringify(voxelSizeNm), through: JSON.stringify(through) },
    ...{ hemispheres: hemispheres ? 1 : 0, in_regions: inRegions, job, created_at: createdAt, removed: 0 },
  });
  const rows = tallies.map(({ value, ...tally }) => ({ result: result.id, at: value - 1, ...tally }));
  tx.insertMany('region_tally', rows, ['result', 'at', 'side']);
}

/** Throws 'not-found' where there is none, or it was undone. */
export function regionResultById({ read }: LibraryStore, id: string): RegionResult {
  const row = read.get<ResultRow>('SELECT * FROM region_result WHERE id = ? AND removed = 0', id);
  if (row) return resultOf(row);
  throw new LamellaError('not-found', `There is no result by region ${id} in this library.`, {
    hint: 'region list names those there are; region measure makes one.',
    fields: { result: id },
  });
}

/** Newest first. */
export const regionResults = ({ read }: LibraryStore, atlas?: string): readonly RegionResult[] =>
  read
    .all<ResultRow>('SELECT * FROM region_result WHERE removed = 0 ORDER BY created_at DESC, rowid DESC')
    .filter((row) => atlas === undefined || row.atlas === atlas)
    .map(resultOf);

function resultOf(row: ResultRow): RegionResult {
  const { made_of, voxel_size_nm, in_regions, created_at, ...rest } = row;
  return regionResultSchema.parse({
    ...rest,
    of: JSON.parse(made_of) as unknown,
    voxelSizeNm: JSON.parse(voxel_size_nm) as unknown,
    through: JSON.parse(row.through) as unknown,
    hemispheres: row.hemispheres === 1,
    inRegions: in_regions,
    createdAt: created_at,
  });
}

/** In the order of regions and sides. */
export const talliesOf = (read: ReadHandle, result: string): readonly RegionTally[] =>
  read.all<RegionTally>(
    `SELECT at + 1 AS value, side, voxels, covered, found, samples, mean, spread, least, most
     FROM region_tally WHERE result = ? ORDER BY at, side`,
    result,
  );
