// Solves one section in a process of its own, and says how much memory that took, MB.
import { join } from 'node:path';
import { Pool } from '../../main/engine/jobs/pool.ts';
import { writeSection } from './gradient-section.ts';

const [folder = '.', across = '8', pitchPx = '2048', cellsInMemory = String(2 ** 22)] = process.argv.slice(2);
const header = writeSection(folder, { across: Number(across), pitchPx: Number(pitchPx), overlapPx: 64 });
const pool = new Pool({
  workerFile: join(import.meta.dirname, '../../native-workers/worker.ts'),
  kernelsFile: join(import.meta.dirname, '../../native-workers/lamella-kernels.node'),
  threads: 1,
  log: (line) => console.error(line),
});
const started = performance.now();
const { header: about } = await pool.run('even-seams', { ...header, cellsInMemory: Number(cellsInMemory) });
const secs = (performance.now() - started) / 1000;
await pool.close();
const megabytes = process.resourceUsage().maxRSS / 1024;
console.error(
  `  ${about.size.join(' x ')} cells in ${secs.toFixed(1)} s, ${megabytes.toFixed(0)} MB; steps ${about.stepBefore.toFixed(2)} to ${about.stepAfter.toFixed(3)}`,
);
process.send?.({ secs, megabytes, ...about });
