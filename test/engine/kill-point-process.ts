// Runs one job and dies (SIGKILL) at a named moment of it: `node kill-point-process.ts LIBRARY PROCEDURE INPUT-JSON POINT`.
// POINT is a stage and a number, "Matching blocks 2": while the second ledger write of that stage is not committed yet;
// or "end": all rows of the result are written, and their transaction is still open. Says on stderr that it got there.
import { writeSync } from 'node:fs';
import { createEngine } from '../../main/engine/index.ts';
import { Runner } from '../../main/engine/jobs/runner.ts';
import { Library } from '../../main/engine/store/library.ts';
import { finishedJob } from './finished-job.ts';

const [library = '', procedure = '', input = '{}', point = 'end'] = process.argv.slice(2);
let stage = '';
let writes = 0;

function die(): void {
  writeSync(2, `died at ${point}\n`);
  process.kill(process.pid, 'SIGKILL');
}

const { stage: runStage } = Runner.prototype;
Runner.prototype.stage = function (of) {
  [stage, writes] = [of.name, 0];
  return runStage.call(this, of) as ReturnType<typeof runStage<never>>;
};

const { record, edit } = Library.prototype;
Library.prototype.record = function (change) {
  return record.call(this, (tx) => {
    const before = stage;
    const units = Number(tx.get<{ n: number }>('SELECT count(*) AS n FROM unit')?.n);
    const result = change(tx);
    const isUnit = Number(tx.get<{ n: number }>('SELECT count(*) AS n FROM unit')?.n) > units;
    if (isUnit && `${before} ${++writes}` === point) die();
    return result;
  }) as ReturnType<typeof change>;
};
Library.prototype.edit = function (label, change) {
  return edit.call(this, label, (tx) => {
    const result = change(tx);
    if (point === 'end') die();
    return result;
  }) as ReturnType<typeof change>;
};

const engine = createEngine({ threads: 1 });
const client = engine.client();
const [domain = '', verb = ''] = procedure.split('.');
type Start = (input: object) => Promise<{ readonly job: string }>;
const start = (client as unknown as Record<string, Record<string, Start>>)[domain]?.[verb];
if (!start) throw new Error(`there is no ${procedure}`);
const { job } = await start({ library, ...(JSON.parse(input) as object) });
const { state } = await finishedJob(client, library, job);
await engine.close();
writeSync(2, `came to its end: ${state}\n`);
