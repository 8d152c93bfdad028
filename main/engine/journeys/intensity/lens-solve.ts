import { createHash } from 'node:crypto';
import { type TaskOutput, tasks } from '../../../../native-workers/tasks.ts';
import { type JobRun, unitKey } from '../../jobs/job.ts';
import type { Polynomial } from '../../transforms/tile/polynomial.ts';
import { f64Bytes, f64Of } from './floats.ts';
import type { LensPoints } from './lens-points.ts';

export interface SolvedLens {
  readonly about: TaskOutput<'solve-lens'>;
  readonly polynomial: Polynomial;
  /** x and y that are added to the place of each tile, stack pixels. */
  readonly shifts: readonly number[];
}

type Kept = {
  readonly about: TaskOutput<'solve-lens'>;
  readonly lens: readonly number[];
  readonly shifts: readonly number[];
};

export async function solveLens(job: JobRun, { tiles, rows, sizePx }: LensPoints, degree: number): Promise<SolvedLens> {
  const inputs = [f64Bytes(tiles.flatMap(({ stackFromTile }) => [...stackFromTile])), f64Bytes(rows)];
  const header = { tiles: tiles.length, sizePx, degree };
  const digest = inputs.reduce((hash, bytes) => hash.update(bytes), createHash('sha256')).digest('hex');
  const [kept] = await job.stage<Kept>({
    name: 'Solving the lens',
    unit: 'lenses',
    units: [
      {
        key: unitKey('solve-lens', tasks['solve-lens'].version, header, digest),
        subject: 'lens',
        run: async (signal) => {
          const { header: about, outputs } = await job.kernels.run('solve-lens', header, { inputs, signal });
          return { about, lens: [...f64Of(outputs[0])], shifts: [...f64Of(outputs[1])] };
        },
      },
    ],
  });
  if (!kept) throw new TypeError('a stage of one unit gave none');
  const terms = kept.lens.length / 2;
  const [x, y] = [kept.lens.slice(0, terms), kept.lens.slice(terms)].map((part) => Float64Array.from(part));
  return { about: kept.about, polynomial: { degree, x: x!, y: y! }, shifts: kept.shifts };
}
