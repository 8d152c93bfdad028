import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from '../../main/engine/jobs/pool.ts';
import { threadFiles } from './em-volume.ts';
import { type Bench, type BenchRow, medianOf, timesOf } from './row.ts';
import { makeSolve, type SolveWorkload } from './solve-workload.ts';

const most = { relativeResidual: 1e-8, rmsOfPeer: 1.02, memoryBytes: 4 * 2 ** 30 } as const;

const bytesOf = (values: Float64Array): Uint8Array => new Uint8Array(values.buffer);

/** Seconds of an affine solve as the peer does it, without a search for wrong matches; with it, `limit` holds, too. */
async function measure(bench: Bench, workload: SolveWorkload, times: number, limit: number): Promise<number> {
  const { tiles, ...made } = makeSolve(workload);
  const inputs = [made.priors, made.sizes, made.matches].map(bytesOf);
  if (bench.peers) {
    ['priors', 'sizes', 'matches'].forEach((name, i) => write(join(bench.folder, `${name}.f64`), inputs[i]));
  }
  const pool = new Pool({ ...threadFiles, threads: 1, log: (line) => console.error(line) });
  const header = { model: 'affine', tiles, matches: made.matches.length / 8 } as const;
  const solve = (robust: boolean) => pool.run('solve-stack', { ...header, robust }, { inputs });
  try {
    const [whole = Infinity] = await timesOf(1, 0, () => solve(true));
    if (whole > limit * 1000) throw new Error(`with the search for wrong matches it took ${whole / 1000} s`);
    const { header: report, outputs } = await solve(false);
    if (report.relativeResidual > most.relativeResidual)
      throw new Error(`the equations are solved to ${report.relativeResidual} only`);
    const residuals = new Float64Array((outputs[1] ?? new Uint8Array()).slice().buffer);
    const rmsPx = Math.sqrt(residuals.reduce((sum, r) => sum + r * r, 0) / residuals.length);
    writeFileSync(join(bench.folder, 'rms.txt'), String(rmsPx));
    const memory = process.resourceUsage().maxRSS * 1024;
    console.error(
      `  ${tiles} tiles, ${residuals.length} matches: robust ${(whole / 1000).toFixed(2)} s, RMS ${rmsPx.toFixed(4)} px, residual ${report.relativeResidual.toExponential(1)}, peak ${Math.round(memory / 2 ** 20)} MiB`,
    );
    if (memory > most.memoryBytes) throw new Error(`it took ${memory} bytes`);
    return medianOf(await timesOf(times, 0, () => solve(false))) / 1000;
  } finally {
    await pool.close();
  }
}

/** In pieces: a write takes up to 2 GiB. */
function write(path: string, bytes: Uint8Array | undefined): void {
  const file = openSync(path, 'w');
  for (let from = 0; from < (bytes?.length ?? 0); from += 2 ** 28) {
    if (bytes) writeSync(file, bytes.subarray(from, from + 2 ** 28));
  }
  closeSync(file);
}

function row(id: string, workload: SolveWorkload, seconds: number, method: 'superlu' | 'cg' | null): BenchRow {
  const { columns, rows, sections, pointsOfLink } = workload;
  const tiles = columns * rows * sections;
  const words = `${columns} x ${rows}${sections > 1 ? ` x ${sections}` : ''} tiles, ${pointsOfLink} points a link: affine, to 1e-8; with the search for wrong matches within the target, too`;
  const scipy = {
    name: `scipy ${method === 'cg' ? 'CG with Jacobi' : 'SuperLU'}, least squares once`,
    requirements: ['numpy==2.4.6', 'scipy==1.17.1'],
    measure: async (bench: Bench, python: (script: string, ...args: readonly string[]) => Promise<string>) => {
      const answer = JSON.parse(await python('solve.py', bench.folder, String(tiles), method ?? 'cg')) as {
        readonly seconds: number;
        readonly rmsPx: number;
      };
      const ours = Number(readFileSync(join(bench.folder, 'rms.txt'), 'utf8'));
      if (ours > most.rmsOfPeer * answer.rmsPx) throw new Error(`RMS ${ours} px against ${answer.rmsPx} px of scipy`);
      return answer.seconds;
    },
  };
  return {
    id,
    workload: words,
    unit: 's',
    target: `≤ ${seconds} s, ≤ 4 GB`,
    isMet: (ours) => ours <= seconds,
    measure: (bench) => measure(bench, workload, tiles > 50_000 ? 1 : 3, seconds),
    ...(method && { peer: scipy }),
  };
}

export const solveRows: readonly BenchRow[] = [
  row('solve-affine-10k', { columns: 100, rows: 100, sections: 1, pointsOfLink: 20 }, 3, 'superlu'),
  row('solve-affine-3d', { columns: 30, rows: 30, sections: 12, pointsOfLink: 20 }, 4, 'cg'),
  row('solve-100k', { columns: 320, rows: 313, sections: 1, pointsOfLink: 20 }, 90, null),
];
