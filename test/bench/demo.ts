import { fork } from 'node:child_process';
import { join } from 'node:path';
import { medianOf, type BenchRow } from './row.ts';

const runs = 3;

/** Each run in a process of its own, as `npm run demo` is. */
function demoSeconds(folder: string): Promise<number> {
  const script = join(import.meta.dirname, 'demo-process.ts');
  return new Promise((resolve, reject) => {
    const child = fork(script, [folder], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    child.on('message', (seconds) => resolve(Number(seconds)));
    child.on('exit', (code) => reject(new Error(`the demo ended with code ${code}`)));
  });
}

export const demo: BenchRow = {
  id: 'demo',
  workload:
    'npm run demo after the build: 6 x 4 x 4 tiles of 512 px made, imported, stitched, fused, read, published twice and verified',
  unit: 's',
  target: 'at most 60 s',
  isMet: (ours) => ours <= 60,
  measure: async ({ folder }) => {
    const seconds: number[] = [];
    for (let i = 0; i < runs; i++) seconds.push(await demoSeconds(join(folder, `run-${i}`)));
    return medianOf(seconds);
  },
};
