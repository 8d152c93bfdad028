import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from '../../main/engine/jobs/pool.ts';
import type { TaskInput } from '../../native-workers/tasks.ts';
import { threadFiles } from './em-volume.ts';
import { writeSection, type SectionWorkload } from './gradient-section.ts';
import { type Bench, type BenchPeer, type BenchRow, medianOf, timesOf } from './row.ts';

/** Seconds of the whole kernel, tiles decoded before: partition, seams, solve and grids. Leaves the equation for peers. */
async function measureSection(bench: Bench, work: SectionWorkload): Promise<number> {
  const header: TaskInput<'even-seams'> = writeSection(bench.folder, work);
  const pool = new Pool({ ...threadFiles, threads: 1, log: (line) => console.error(line) });
  try {
    const { header: about, outputs } = await pool.run('even-seams', { ...header, field: true });
    if (!(about.stepAfter < 0.05 * about.stepBefore))
      throw new Error(`steps went from ${about.stepBefore} to ${about.stepAfter} only`);
    writeFileSync(join(bench.folder, 'correction.raw'), outputs[1] ?? new Uint8Array());
    writeFileSync(join(bench.folder, 'right.raw'), outputs[2] ?? new Uint8Array());
    writeFileSync(join(bench.folder, 'about.json'), JSON.stringify({ size: about.size, screen: header.reachPx ** -2 }));
    return medianOf(await timesOf(3, 0, () => pool.run('even-seams', header))) / 1000;
  } finally {
    await pool.close();
  }
}

function solvedBy(name: string, requirements: readonly string[], method: string, tolerance: number): BenchPeer {
  return {
    name,
    requirements,
    measure: async (bench, python) => {
      const { secs, difference } = JSON.parse(await python('gradient.py', method, bench.folder)) as {
        readonly secs: number;
        readonly difference: number;
      };
      console.error(`  relative L2 difference to ${name}: ${difference.toExponential(2)}`);
      if (!(difference <= tolerance)) throw new Error(`the solution is ${difference} from that of ${name}`);
      return secs;
    },
  };
}

const whole: BenchRow = {
  id: 'gradient-4096',
  workload:
    '8 x 8 tiles of 568 px (a section of 4096^2 cells): seams, screened Poisson, grids of all tiles; one thread',
  unit: 's',
  target: 'at most 4 s, within 1e-3 of the exact solution',
  isMet: (ours) => ours <= 4,
  measure: (bench) => measureSection(bench, { across: 8, pitchPx: 504, overlapPx: 64 }),
  peer: solvedBy('scipy 1.17.1 DCT (the solve alone)', ['numpy==2.4.6', 'scipy==1.17.1'], 'dct', 1e-3),
};

const withHoles: BenchRow = {
  id: 'gradient-holes',
  workload: 'the same with missing tiles, 6 x 6 tiles of 288 px (1568^2 cells); one thread',
  unit: 's',
  target: 'at least as fast as the peer, within 1e-3 of its solution',
  isMet: (ours, theirs) => theirs === null || ours <= theirs,
  measure: (bench) => measureSection(bench, { across: 6, pitchPx: 256, overlapPx: 32, missing: [8, 15, 16, 35, 30] }),
  peer: solvedBy('pyamg 5.4.1 (the solve alone)', ['numpy==2.4.6', 'scipy==1.17.1', 'pyamg==5.4.1'], 'amg', 1e-3),
};

const streamed: BenchRow = {
  id: 'gradient-16k-memory',
  workload:
    '8 x 8 tiles of 2112 px (16448^2 cells, a cell a pixel), streamed in bands: peak memory of the whole process',
  unit: 'MB',
  target: 'at most 1024 MB',
  isMet: (ours) => ours <= 1024,
  measure: ({ folder }) =>
    new Promise((resolve, reject) => {
      const child = fork(join(import.meta.dirname, 'gradient-process.ts'), [folder], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      child.on('message', ({ megabytes }: { readonly megabytes: number }) => resolve(megabytes));
      child.on('exit', (code) => reject(new Error(`the section ended with code ${code}`)));
    }),
};

export const gradientRows: readonly BenchRow[] = [whole, withHoles, streamed];
