import { tasks } from '../../../../native-workers/tasks.ts';
import { isLamellaError } from '../../../../preload/contract/errors.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import { floatsOf, packed } from './floats.ts';
import type { LitTile } from './lit-tiles.ts';

/** Cells along each side of a tile; fewer where there are so many tiles that all of their cells take much memory. */
const cellsAcross = (tiles: number): number => (tiles > 4000 ? 16 : 32);

/** Mean level, SD and median of each cell of a tile, x fastest; NaN where the picture shows nothing. */
export interface TileLight {
  readonly columns: number;
  readonly rows: number;
  readonly means: Float32Array;
  readonly sds: Float32Array;
  readonly medians: Float32Array;
}

type Kept = { readonly means: string; readonly sds: string; readonly medians: string } | null;

/** Reads how bright the cells of each tile are; a tile that cannot be read is left out, with a warning. */
export async function readLight(job: JobRun, tiles: readonly LitTile[]): Promise<ReadonlyMap<number, TileLight>> {
  const across = cellsAcross(tiles.length);
  const kept = await job.stage<Kept>({
    name: 'Reading levels of tiles',
    unit: 'tiles',
    units: tiles.map((tile) => lightUnit(job, tile, cellsOf(tile, across))),
    weight: 3,
    onFailure: (error) => {
      if (!isLamellaError(error, 'bad-source', 'not-found', 'over-budget', 'worker-died')) throw error;
      return null;
    },
  });
  return new Map(
    tiles.flatMap((tile, i) => {
      const found = kept[i];
      if (!found) return [];
      const levels = {
        means: floatsOf(found.means),
        sds: floatsOf(found.sds),
        medians: floatsOf(found.medians),
      };
      return [[tile.id, { ...cellsOf(tile, across), ...levels }] as const];
    }),
  );
}

interface Cells {
  readonly columns: number;
  readonly rows: number;
}

/** Small pictures have fewer cells, so that each has pixels. */
function cellsOf({ image: { sizePx, scale } }: LitTile, across: number): Cells {
  const along = (side: number): number => Math.max(1, Math.min(across, Math.floor(side / scale / 4)));
  return { columns: along(sizePx[0]), rows: along(sizePx[1]) };
}

function lightUnit(job: JobRun, tile: LitTile, cells: Cells): Unit<Kept> {
  const { path: _path, ...image } = tile.image;
  return {
    key: unitKey('tile-light', tasks['tile-light'].version, tile.stamp, image, cells),
    subject: tile.name,
    run: async (signal) => {
      const { outputs } = await job.kernels.run('tile-light', { image: tile.image, ...cells }, { signal });
      return { means: packed(outputs[0]), sds: packed(outputs[1]), medians: packed(outputs[2]) };
    },
  };
}
