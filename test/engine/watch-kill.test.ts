// A watch whose process is killed (SIGKILL) goes on, when it is started again, as if nothing had happened.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Reading } from '../../preload/contract/watch.ts';
import { cli, fromSources, run } from './kill-harness.ts';
import { Microscope } from './microscope.ts';
import { tempEngine } from './temp-engine.ts';
import { measured, pattern } from './watching.ts';

test('a watch that is killed twice ends with what an undisturbed one has', async () => {
  const at = tempEngine();
  const folder = join(at.folder, 'scope');
  const faults = {
    '3/2': { kind: 'defocus' },
    '4/4': { kind: 'blank' },
    '5/3': { kind: 'jump', byPx: [20, 12] },
  } as const;
  const scope = new Microscope({
    folder,
    rows: 7,
    cols: 7,
    faults: ({ row, col }) => faults[`${row}/${col}` as keyof typeof faults],
  });
  for (const shot of scope.shots()) scope.write(shot);
  const start = (library: string): readonly string[] =>
    cli(
      [
        'watch',
        'start',
        '--library',
        library,
        '--source',
        folder,
        '--layout',
        pattern,
        '--settle-secs',
        '0.1',
        '--poll-secs',
        '0.05',
        '--stop-after-secs',
        '1',
        '--threads',
        '2',
      ],
      fromSources,
    );
  const [killed, whole] = ['killed', 'whole'].map((name) => join(at.folder, name)) as [string, string];
  const kills = [
    await run(start(killed), { ms: 120, since: 'progress' }),
    await run(start(killed), { ms: 250, since: 'progress' }),
  ];
  expect(kills.map(({ code }) => code)).toEqual([null, null]);
  expect((await run(start(killed))).code).toBe(0);
  expect((await run(start(whole))).code).toBe(0);
  const outcome = async (library: string): Promise<unknown> => {
    const { value } = await at.client.watch.list({ library });
    const [watch] = value.watches;
    const { readings, alarms, overlaps } = await measured({ ...at, library }, watch?.id ?? '');
    const bare = ({ at: _at, tile: _tile, ...rest }: Reading) => rest;
    return {
      state: watch?.state,
      readings: readings.map(bare),
      alarms: alarms.map(({ kind, subject, reason }) => `${kind} ${subject} ${reason}`).toSorted(),
      overlaps: overlaps.length,
    };
  };
  const [after, undisturbed] = [await outcome(killed), await outcome(whole)];
  expect(after).toEqual(undisturbed);
  expect(after).toMatchObject({
    state: 'stopped',
    alarms: [/^blank /, /^out-of-focus /, /^stage-jump /].map((kind) => expect.stringMatching(kind)),
  });
});
