import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { BenchRow } from './row.ts';

const most = { secs: 90, megabytes: 4096, gapMs: 100, rmsPx: 0.43 } as const;

interface Solved {
  readonly secs: number;
  readonly megabytes: number;
  /** Longest time in which the engine answered nothing while files came in. */
  readonly gapMs: number;
  readonly rmsPx: number;
}

/** Tilespecs and matches from files into a library, then solved from its rows into rows: all of it in one process. */
export const solveEngine: BenchRow = {
  id: 'solve-100k-engine',
  workload:
    '320 x 313 tiles, 5 points a link, imported as tilespecs and point matches, then solve.start (affine, robust) from rows of the library into rows; while files come in, the engine answers within 100 ms',
  unit: 's',
  target: `≤ ${most.secs} s, ≤ 4 GB`,
  isMet: (ours) => ours <= most.secs,
  measure: ({ folder }) =>
    new Promise((resolve, reject) => {
      const child = fork(join(import.meta.dirname, 'solve-engine-process.ts'), [folder], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      child.on('message', ({ secs, megabytes, gapMs, rmsPx }: Solved) => {
        if (megabytes > most.megabytes) reject(new Error(`it took ${megabytes.toFixed(0)} MB`));
        else if (gapMs > most.gapMs) reject(new Error(`the engine was silent for ${gapMs.toFixed(0)} ms`));
        else if (rmsPx > most.rmsPx) reject(new Error(`points lie ${rmsPx} px apart after the solve`));
        else resolve(secs);
      });
      child.on('exit', (code) => reject(new Error(`the solve ended with code ${code}`)));
    }),
};
