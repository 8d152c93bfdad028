// A tile that shows another place than it should: it alone is told, and its neighbours are not blamed for it.
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../main/engine/index.ts';
import { type Fault, Microscope, type Shot } from './microscope.ts';
import { tempEngine } from './temp-engine.ts';
import { begin, measured, settled, type Watching } from './watching.ts';

const faults: Readonly<Record<string, Fault>> = {
  // In the middle, where tiles beside and below have other neighbours, and in the first row, where the next has none.
  '0/2/2': { kind: 'stray' },
  '1/0/3': { kind: 'stray' },
  // So far that tiles after it share nothing with those above that were taken before.
  '2/2/2': { kind: 'jump', byPx: [0, 90] },
};

test('a stray tile is one alarm, also after a restart; a lasting jump is told of every tile that lost its overlap', async () => {
  const at = tempEngine();
  const folder = join(at.folder, 'scope');
  const scope = new Microscope({
    ...{ folder, rows: 4, cols: 5 },
    faults: ({ section, row, col }: Shot) => faults[`${section}/${row}/${col}`],
  });
  const watching = await begin(at, folder);
  // Of the last section, all up to the end of the row of the jump.
  const shots = [0, 1, 2]
    .flatMap((section) => scope.shots(section))
    .filter(({ section, row }) => section < 2 || row < 3);
  const untilStray = shots.findIndex((shot) => shot.section === 1 && shot.col === 3) + 1;
  for (const shot of shots.slice(0, untilStray)) scope.write(shot);
  await watching.until(({ openAlarms }) => openAlarms === 2);
  await settled(at, watching, untilStray);
  const strays = ['s0_r2_c2.png', 's1_r0_c3.png'].map((subject) => ({ kind: 'stage-jump', subject }));
  const told = (alarms: Awaited<ReturnType<Watching['alarms']>>) =>
    alarms.map(({ kind, subject }) => ({ kind, subject })).toSorted((a, b) => (a.subject < b.subject ? -1 : 1));
  expect(told(await watching.alarms())).toEqual(strays);

  await at.engine.close();
  const engine = createEngine({ threads: 2 });
  onTestFinished(() => engine.close());
  const client = engine.client();
  const { library } = at;
  await measured({ ...at, engine, client }, watching.watch);
  await client.job.resume({ library, job: watching.job });
  for (const shot of shots.slice(untilStray)) scope.write(shot);
  const find = async () => (await client.watch.list({ library })).value.watches[0]!;
  const until: Watching['until'] = async (isSo) => {
    for (;;) {
      const now = await find();
      if (isSo(now)) return now;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await until(({ openAlarms }) => openAlarms >= 5);
  const { alarms } = await settled({ ...at, engine, client }, { ...watching, until }, shots.length);
  expect(told(alarms).slice(0, 2)).toEqual(strays);
  expect(told(alarms).slice(2)).toEqual([
    { kind: 'stage-jump', subject: 's2_r2_c2.png' },
    { kind: 'weak-overlap', subject: 's2_r2_c3.png' },
    { kind: 'weak-overlap', subject: 's2_r2_c4.png' },
  ]);
  await client.watch.stop({ library, watch: watching.watch });
  await until(({ state }) => state === 'stopped');
});
