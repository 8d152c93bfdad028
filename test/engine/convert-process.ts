// Converts a volume in a process of its own, and tells what it took: `node convert-process.ts LIBRARY INPUT-JSON`.
// stdout: {"seconds", "cpuSeconds", "peakBytes", "startBytes", "result"}; peakBytes is VmHWM, threads and kernels included.
import { readFileSync } from 'node:fs';
import { createEngine } from '../../main/engine/index.ts';
import { finishedJob } from './finished-job.ts';

const [library = '', input = '{}', threads = '2'] = process.argv.slice(2);
const engine = createEngine({ threads: Number(threads) });
const client = engine.client();
const startBytes = memory('VmRSS');
const started = performance.now();
const { job } = await client.volume.convert({ library, ...JSON.parse(input) });
const last = await finishedJob(client, library, job, ({ stage, done }) => process.stderr.write(`${stage} ${done}\n`));
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage();
await engine.close();
if (last.error) throw new Error(last.error.message);
process.stdout.write(
  JSON.stringify({
    seconds,
    cpuSeconds: (user + system) / 1e6,
    peakBytes: memory('VmHWM'),
    startBytes,
    result: last.result,
  }),
);

function memory(field: string): number {
  const [, kilobytes] =
    new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
