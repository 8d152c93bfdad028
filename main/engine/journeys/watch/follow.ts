import type { Limit } from '../../../../preload/contract/watch.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import type { StreamCall } from '../call.ts';
import { joined, type WatchHub, type WatchNews } from './hub.ts';
import { LearnedLimits } from './limits.ts';
import { alarmsOf, limitSettings, overlapsOf, readingsOf, watchRow, watchSummary } from './watch-rows.ts';

/** Readings and overlaps told at once. */
const atOnce = 1000;

/** Tells what is there, then each change; a follower that is slow gets the last word of each thing. */
export async function followWatch(
  store: LibraryStore,
  watch: string,
  follow: boolean,
  hub: WatchHub,
  call: StreamCall<WatchNews>,
): Promise<void> {
  let news: WatchNews | null = null;
  let wake = (): void => undefined;
  const stop = hub.follow(watch, (change) => {
    news = news ? joined(news, change) : change;
    wake();
  });
  call.signal.addEventListener('abort', () => wake(), { once: true });
  try {
    for (const part of snapshot(store, watch, hub)) {
      call.emit(part);
      await call.drained();
    }
    while (follow && !call.signal.aborted) {
      if (news === null) await new Promise<void>((resolve) => (wake = resolve));
      const told: WatchNews | null = news;
      news = null;
      if (told !== null) call.emit(told);
      await call.drained();
    }
  } finally {
    stop();
  }
}

function* snapshot(store: LibraryStore, watch: string, hub: WatchHub): Generator<WatchNews> {
  const { read } = store;
  const summary = watchSummary(read, watchRow(read, watch), hub.isAtWork(watch));
  const [readings, overlaps] = [readingsOf(read, watch), overlapsOf(read, watch)];
  const limits = [...limitsNow(store, watch, hub)];
  const first = { watch: summary, limits, tiles: [], alarms: [...alarmsOf(read, watch)] };
  for (let at = 0; at === 0 || at < Math.max(readings.length, overlaps.length); at += atOnce) {
    const part = { readings: readings.slice(at, at + atOnce), overlaps: overlaps.slice(at, at + atOnce) };
    yield at === 0 ? { ...first, ...part } : { ...first, alarms: [], ...part };
  }
}

/** As they are learned at present, or would be of the tiles that came. */
export function limitsNow({ read }: LibraryStore, watch: string, hub: WatchHub): readonly Limit[] {
  const live = hub.limitsOf(watch);
  if (live) return live;
  const limits = new LearnedLimits();
  limits.set(limitSettings(read, watch));
  const odd = new Set(
    alarmsOf(read, watch).flatMap(({ tile, resolvedAt }) => (tile !== null && resolvedAt === null ? [tile] : [])),
  );
  for (const { tile, values } of readingsOf(read, watch))
    if (!odd.has(tile))
      for (const [metric, value] of Object.entries(values)) limits.learn(metric as Limit['metric'], value);
  return limits.all();
}
