import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Limit, WatchMetric } from '../../../preload/contract/watch.ts';
import type { LibraryStore } from '../store/library-store.ts';
import type { HandlersOf } from './call.ts';
import { followWatch, limitsNow } from './watch/follow.ts';
import { WatchHub } from './watch/hub.ts';
import { reportKind, reportPage } from './watch/report.ts';
import type { LimitSetting } from './watch/limits.ts';
import { watchKind } from './watch/run.ts';
import { alarmsOf, limitSettings, putLimit, type WatchRow, watchRow, watchSummary } from './watch/watch-rows.ts';

/** Watching a folder while the microscope writes. */
export function watchHandlers(): HandlersOf<'watch'> {
  const hub = new WatchHub();
  return {
    start: watchKind(hub),
    list: ({ library }, call) => {
      const { read } = call.library(library);
      const rows = read.all<WatchRow>(
        'SELECT w.* FROM watch w JOIN dataset d ON d.id = w.dataset WHERE d.removed = 0 ORDER BY w.created_at DESC, w.rowid DESC',
      );
      return { value: { watches: rows.map((row) => watchSummary(read, row, hub.isAtWork(row.id))) } };
    },
    status: async ({ library, watch, follow }, call) => {
      const store = call.library(library);
      watchRow(store.read, watch);
      await followWatch(store, watch, follow, hub, call);
    },
    alarms: ({ library, watch, open }, call) => {
      const { read } = call.library(library);
      watchRow(read, watch);
      const alarms = alarmsOf(read, watch).filter(({ resolvedAt }) => !open || resolvedAt === null);
      return { value: { alarms: [...alarms] } };
    },
    stop: ({ library, watch }, call) => {
      const store = call.library(library);
      const { state } = watchRow(store.read, watch);
      if (state === 'stopped') return { stopped: false };
      store.record((tx) => tx.run(`UPDATE watch SET state = 'stopping' WHERE id = ?`, watch));
      return { stopped: true };
    },
    acknowledge: ({ library, watch, alarms }, call) => ({
      changed: markSeen(call.library(library), watch, alarms, hub),
    }),
    limits: ({ library, watch, metric, off, ...given }, call) => ({
      limit: setLimit(call.library(library), watch, metric, { ...given, ...(off && { off }) }, hub),
    }),
    report: reportKind(hub),
    page: async ({ library, watch }, call) => reportPage(call.library(library), watch, hub, call),
  };
}

function markSeen(store: LibraryStore, watch: string, ids: readonly string[], hub: WatchHub): number {
  const found = alarmsOf(store.read, watchRow(store.read, watch).id, ids);
  const unseen = found.filter(({ seen }) => !seen);
  if (found.length < new Set(ids).size) throw missingAlarm(watch);
  if (unseen.length === 0) return 0;
  const what = unseen.length === 1 ? `the alarm of ${unseen[0]?.subject}` : `${unseen.length} alarms`;
  store.edit(`Mark ${what} as seen`, (tx) => {
    for (const { id } of unseen) tx.put('alarm_seen', { id, at: new Date().toISOString() });
  });
  tellFollowers(store, watch, hub, ids);
  return unseen.length;
}

function setLimit(
  store: LibraryStore,
  watch: string,
  metric: WatchMetric,
  setting: LimitSetting,
  hub: WatchHub,
): Limit {
  const { low, high } = setting;
  watchRow(store.read, watch);
  if (low !== undefined && high !== undefined && low >= high) throw crossed(low, high);
  const before = limitSettings(store.read, watch)[metric] ?? {};
  if (JSON.stringify(before) !== JSON.stringify(setting))
    store.edit(`Set the limits of ${metric}`, (tx) => putLimit(tx, watch, metric, setting));
  tellFollowers(store, watch, hub, []);
  const limit = limitsNow(store, watch, hub).find((one) => one.metric === metric);
  if (!limit) throw new Error(`${metric} has no limit`);
  return limit;
}

function tellFollowers(store: LibraryStore, watch: string, hub: WatchHub, alarms: readonly string[]): void {
  const { read } = store;
  hub.tell(watch, {
    watch: watchSummary(read, watchRow(read, watch), hub.isAtWork(watch)),
    limits: limitsNow(store, watch, hub),
    tiles: [],
    readings: [],
    overlaps: [],
    alarms: alarms.length === 0 ? [] : alarmsOf(read, watch, alarms),
  });
}

const missingAlarm = (watch: string): LamellaError =>
  new LamellaError('not-found', `The watch ${watch} has not all of these alarms.`, {
    hint: 'watch alarms lists those there are.',
    fields: { watch },
  });

const crossed = (low: number, high: number): LamellaError =>
  new LamellaError('invalid-input', `The lower limit ${low} is not below the upper limit ${high}.`, {
    hint: 'Give them the other way round.',
    fields: { low, high },
  });
