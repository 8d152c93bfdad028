// Watching a folder while a simulated microscope writes real files into it.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { OutputOf } from '../../preload/contract/define.ts';
import type { Alarm, Watch, watchProcedures } from '../../preload/contract/watch.ts';
import { type Fault, Microscope } from './microscope.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

type WatchNews = OutputOf<(typeof watchProcedures)['status']>;

const fast = { settleSecs: 0.1, pollSecs: 0.04, giveUpSecs: 1.5 };
const pattern = 'pattern:s{z}_r{row}_c{col}.png;overlap=48px';

interface Watching {
  readonly watch: string;
  readonly job: string;
  now(): Promise<Watch>;
  alarms(): Promise<readonly Alarm[]>;
  /** Waits until it is so. */
  until(isSo: (watch: Watch) => boolean): Promise<Watch>;
  stop(): Promise<unknown>;
}

async function begin({ client, library }: TempEngine, source: string, more: object = {}): Promise<Watching> {
  const { job } = await client.watch.start({ library, source, layout: pattern, ...fast, ...more });
  const find = async (): Promise<Watch | undefined> =>
    (await client.watch.list({ library })).value.watches.find((one) => one.job === job);
  const until = async (isSo: (watch: Watch) => boolean): Promise<Watch> => {
    for (;;) {
      const found = await find();
      if (found && isSo(found)) return found;
      await sleep(20);
    }
  };
  const { id } = await until(() => true);
  return {
    watch: id,
    job,
    until,
    now: () => until(() => true),
    alarms: async () => (await client.watch.alarms({ library, watch: id })).value.alarms,
    stop: async () => {
      await client.watch.stop({ library, watch: id });
      await until(({ state }) => state === 'stopped');
    },
  };
}

/** All that was measured so far. */
async function measured({ client, library }: TempEngine, watch: string): Promise<WatchNews> {
  const parts: WatchNews[] = [];
  await client.watch.status(
    { library, watch, follow: false },
    { signal: new AbortController().signal, onValue: (part) => parts.push(part) },
  );
  const last = parts.at(-1);
  if (!last) throw new Error('nothing was told');
  return {
    ...last,
    readings: parts.flatMap(({ readings }) => readings),
    overlaps: parts.flatMap(({ overlaps }) => overlaps),
  };
}

/** Waits until so many tiles came, and every one was compared with its neighbours, and what they show was told. */
async function settled(at: TempEngine, { watch, until }: Watching, tiles: number): Promise<WatchNews> {
  await until((now) => now.tiles >= tiles && now.waiting === 0);
  const isIn = ({ readings }: WatchNews): boolean => readings.length >= tiles;
  let [last, now] = ['', await measured(at, watch)];
  while (!isIn(now) || JSON.stringify([now.readings, now.watch]) !== last) {
    last = JSON.stringify([now.readings, now.watch]);
    await sleep(250);
    now = await measured(at, watch);
  }
  return now;
}

test('tiles are taken as they come, each fault is named, and clean tiles raise no alarm', async () => {
  const at = tempEngine();
  const folder = join(at.folder, 'scope');
  const faults: Readonly<Record<string, Fault>> = {
    '4/2': { kind: 'defocus' },
    '4/5': { kind: 'saturation' },
    '5/1': { kind: 'charging' },
    '5/4': { kind: 'blank' },
    '6/3': { kind: 'missing' },
    '6/6': { kind: 'streaks' },
    '7/4': { kind: 'jump', byPx: [22, -14] },
  };
  const scope = new Microscope({ folder, rows: 9, cols: 8, faults: ({ row, col }) => faults[`${row}/${col}`] });
  const watching = await begin(at, folder);
  for (const shot of scope.shots()) {
    scope.write(shot);
    await sleep(4);
  }
  await settled(at, watching, 71);
  const alarms = await watching.alarms();
  const told = Object.fromEntries(alarms.map(({ subject, kind }) => [subject, kind]));
  expect(told).toEqual({
    's0_r4_c2.png': 'out-of-focus',
    's0_r4_c5.png': 'saturated',
    's0_r5_c1.png': 'charging',
    's0_r5_c4.png': 'blank',
    'section 0, row 6, column 3': 'missing',
    's0_r6_c6.png': 'streaks',
    's0_r7_c4.png': 'stage-jump',
  });
  expect(alarms.length).toBe(7);
  const focus = alarms.find(({ kind }) => kind === 'out-of-focus');
  expect(focus?.reason).toMatch(
    /^Out of focus: sharpness [\d.]+, against [\d.]+ ± [\d.]+ of the last \d+ tiles\. Focus, and take s0_r4_c2\.png again\.$/,
  );
  await watching.stop();
});
