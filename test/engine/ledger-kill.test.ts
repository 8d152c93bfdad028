import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Job } from '../../preload/contract/job.ts';
import { Library } from '../../main/engine/store/library.ts';
import { run, runThroughKills, seeded } from './kill-harness.ts';
import type { Ran } from './kill-harness.ts';
import { libraryOptions, tempFolder } from './temp-library.ts';
import type { ToyResult } from './toy-job.ts';

const UNITS = 160;
const KILLS = 14;
/** Units in flight at once: one more than there are threads. */
const IN_FLIGHT = 3;

const command = (folder: string, log: string): readonly string[] => [
  process.execPath,
  join(import.meta.dirname, 'toy-process.ts'),
  folder,
  log,
  '5',
  String(UNITS),
];

const kernelsFile = join(import.meta.dirname, '..', '..', 'native-workers', 'lamella-kernels.node');

/** How often each chunk was begun. */
function starts(log: string): number[] {
  const counts = Array.from({ length: UNITS }, () => 0);
  if (!existsSync(log)) return counts;
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const i = /^start (\d+)$/.exec(line)?.[1];
    if (i !== undefined) counts[Number(i)] = (counts[Number(i)] ?? 0) + 1;
  }
  return counts;
}

/** Chunks in the ledger, by their number. */
function ledgerOf(folder: string): Set<number> {
  const library = Library.open(libraryOptions(folder));
  const rows = library.read.all<{ output: string }>('SELECT output FROM unit');
  library.close();
  return new Set(
    rows.flatMap(({ output }) => (output.includes('chunk-') ? [Number(/chunk-(\d+)/.exec(output)?.[1])] : [])),
  );
}

/** The most units that the process said were done in the first stage. */
const acknowledged = ({ stderr }: Ran): number =>
  Math.max(0, ...[...stderr.matchAll(/"stage":"Compressing","done":(\d+)/g)].map((match) => Number(match[1])));

const resultOf = ({ stdout }: Ran): Job & { result: ToyResult } => JSON.parse(stdout) as Job & { result: ToyResult };

describe.skipIf(!existsSync(kernelsFile))('SIGKILL at any moment', () => {
  test('loses no acknowledged unit, redoes at most those in flight, and ends with the same result', async () => {
    const [quiet, killed] = [tempFolder(), tempFolder()];
    const log = join(killed, 'starts.log');
    const uninterrupted = resultOf(await run(command(join(quiet, 'library'), join(quiet, 'starts.log'))));
    expect(uninterrupted.state).toBe('done-with-warnings');

    const folder = join(killed, 'library');
    let [before, startsBefore, redone] = [new Set<number>(), starts(log), 0];
    const { last, kills } = await runThroughKills(command(folder, log), {
      random: seeded(20181),
      most: KILLS,
      when: (random) => ({ ms: 180 + random() * 340, since: 'start' }),
      afterKill: (ran) => {
        const after = existsSync(join(folder, 'library.db')) ? ledgerOf(folder) : new Set<number>();
        const startsAfter = starts(log);
        for (const i of before) {
          expect(after.has(i)).toBe(true);
          expect(startsAfter[i]).toBe(startsBefore[i]);
        }
        expect(after.size).toBeGreaterThanOrEqual(acknowledged(ran));
        const lost = startsAfter.filter((n, i) => n > (startsBefore[i] ?? 0) && !after.has(i)).length;
        expect(lost).toBeLessThanOrEqual(IN_FLIGHT);
        redone += lost;
        [before, startsBefore] = [after, startsAfter];
      },
    });
    expect(last.code).toBe(0);
    const { result, state, warnings } = resultOf(last);
    expect(state).toBe('done-with-warnings');
    expect(result).toEqual(uninterrupted.result);
    expect(warnings).toEqual(uninterrupted.warnings);
    expect(starts(log).reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(UNITS + redone);
    expect(kills).toBeGreaterThan(3);
    expect(readdirSync(join(folder, 'volumes', 'toy')).filter((name) => !name.endsWith('.tmp'))).toHaveLength(UNITS);
  });
});
