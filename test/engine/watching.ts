// Following a watch in tests.
import { setTimeout as sleep } from 'node:timers/promises';
import type { OutputOf } from '../../preload/contract/define.ts';
import type { Alarm, Watch, watchProcedures } from '../../preload/contract/watch.ts';
import type { TempEngine } from './temp-engine.ts';

export type WatchNews = OutputOf<(typeof watchProcedures)['status']>;

export const fast = { settleSecs: 0.1, pollSecs: 0.04, giveUpSecs: 1.5 };
export const pattern = 'pattern:s{z}_r{row}_c{col}.png;overlap=48px';

export interface Watching {
  readonly watch: string;
  readonly job: string;
  now(): Promise<Watch>;
  alarms(): Promise<readonly Alarm[]>;
  /** Waits until it is so. */
  until(isSo: (watch: Watch) => boolean): Promise<Watch>;
  stop(): Promise<unknown>;
}

export async function begin({ client, library }: TempEngine, source: string, more: object = {}): Promise<Watching> {
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
export async function measured({ client, library }: TempEngine, watch: string): Promise<WatchNews> {
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
export async function settled(at: TempEngine, { watch, until }: Watching, tiles: number): Promise<WatchNews> {
  // Many that come at once are compared some time after they were read.
  await until((now) => now.tiles >= tiles && now.waiting === 0 && now.behind === 0);
  const isIn = ({ readings }: WatchNews): boolean => readings.length >= tiles;
  let [last, now] = ['', await measured(at, watch)];
  while (!isIn(now) || JSON.stringify([now.readings, now.watch]) !== last) {
    last = JSON.stringify([now.readings, now.watch]);
    await sleep(250);
    now = await measured(at, watch);
  }
  return now;
}
