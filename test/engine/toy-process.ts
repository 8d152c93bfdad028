// Runs the toy job to its end, or until it is killed. `node toy-process.ts LIBRARY LOG SEED UNITS`: one line of progress
// on stderr for each unit that is acknowledged, the result on stdout.
import { join } from 'node:path';
import { Pool } from '../../main/engine/jobs/pool.ts';
import { Scheduler } from '../../main/engine/jobs/scheduler.ts';
import { Library } from '../../main/engine/store/library.ts';
import { toyKinds } from './toy-job.ts';

const [folder = '', log = '', seed = '1', units = '10'] = process.argv.slice(2);
const workers = join(import.meta.dirname, '..', '..', 'native-workers');
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const library = Library.open({ folder, create: true, cacheBytes: 1 << 20, now: () => new Date(), log: say });
const pool = new Pool({
  workerFile: join(workers, 'worker.ts'),
  kernelsFile: join(workers, 'lamella-kernels.node'),
  threads: 2,
  log: say,
});
const scheduler = new Scheduler({
  library,
  kernels: pool,
  kinds: toyKinds,
  version: '0',
  now: () => new Date(),
  log: say,
});
scheduler.watch((job) => say(JSON.stringify({ job: job.id, stage: job.stage, done: job.done })));
const { id } = scheduler.start('toy.start', { seed: Number(seed), units: Number(units), log });
const job = await scheduler.settled(id);
await scheduler.close();
library.close();
await pool.close();
process.stdout.write(`${JSON.stringify(job)}\n`);
