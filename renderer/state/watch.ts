import { create } from 'zustand';
import type { OutputOf } from '../../preload/contract/define.ts';
import type { Alarm, Limit, Reading, Watch, WatchMetric, watchProcedures } from '../../preload/contract/watch.ts';
import { bridge, engine } from '../engine.ts';
import { dropDraft, importInput } from './acquire.ts';
import { putTiles, selectTile } from './board.ts';
import { controlJob, startJob } from './jobs.ts';
import { onLibraryChanged, openLibraryId, refreshLibrary, useLibrary } from './library.ts';
import { session, setSession, useSession } from './session.ts';
import { attempt, toast, toastError } from './toasts.ts';

type News = OutputOf<(typeof watchProcedures)['status']>;

interface WatchState {
  /** The watched folders of the library, newest first. */
  readonly watches: readonly Watch[];
  /** The one that is followed: that of the session's dataset. Null where it was imported in one go. */
  readonly watch: Watch | null;
  readonly limits: readonly Limit[];
  /** In order of arrival. */
  readonly readings: readonly Reading[];
  /** Newest first. */
  readonly alarms: readonly Alarm[];
  /** The alarm that is chosen in the list. */
  readonly selected: string | null;
}

const nothing = { watch: null, limits: [], readings: [], alarms: [], selected: null };
export const useWatch = create<WatchState>(() => ({ watches: [], ...nothing }));
const get = useWatch.getState;
const set = useWatch.setState;

let following: AbortController | null = null;

/** Reads which folders are watched, and follows the one of the dataset that is shown. */
export async function followWatch(): Promise<void> {
  const library = useLibrary.getState().library?.library;
  if (library === undefined) return leave();
  const answer = await attempt(() => engine().watch.list({ library }));
  if (!answer || useLibrary.getState().library?.library !== library) return;
  const { watches } = answer.value;
  set({ watches });
  const watch = watches.find(({ dataset }) => dataset === session().dataset);
  if (!watch) return leave();
  if (get().watch?.id === watch.id && following) return;
  leave();
  const stop = new AbortController();
  following = stop;
  set({ watch });
  engine()
    .watch.status(
      { library, watch: watch.id },
      { signal: stop.signal, onValue: (news) => stop.signal.aborted || take(news) },
    )
    .catch((error: unknown) => stop.signal.aborted || toastError(error));
}

function leave(): void {
  following?.abort();
  following = null;
  set(nothing);
}

function take({ watch, limits, tiles, readings, alarms }: News): void {
  const before = get();
  set({
    watch,
    watches: before.watches.map((one) => (one.id === watch.id ? watch : one)),
    limits,
    ...(readings.length > 0 && { readings: inOrder(before.readings, readings) }),
    ...(alarms.length > 0 && { alarms: newestFirst(before.alarms, alarms) }),
  });
  if (tiles.length > 0) {
    putTiles(watch.dataset, tiles);
    refreshSoon();
  }
}

function inOrder(before: readonly Reading[], fresh: readonly Reading[]): readonly Reading[] {
  const changed = new Set(fresh.map(({ tile }) => tile));
  return [...before.filter(({ tile }) => !changed.has(tile)), ...fresh].toSorted((a, b) => a.serial - b.serial);
}

function newestFirst(before: readonly Alarm[], fresh: readonly Alarm[]): readonly Alarm[] {
  const changed = new Set(fresh.map(({ id }) => id));
  return [...before.filter(({ id }) => !changed.has(id)), ...fresh].toSorted((a, b) => b.at.localeCompare(a.at));
}

const lookMs = 10_000;

/** Another watched folder may have alarms, too. */
setInterval(() => {
  const { watches, watch } = get();
  const library = useLibrary.getState().library?.library;
  if (library === undefined || !watches.some((one) => one.id !== watch?.id && isLive(one))) return;
  engine()
    .watch.list({ library })
    .then(({ value }) => set({ watches: value.watches }))
    .catch(() => undefined);
}, lookMs);

let refreshing: ReturnType<typeof setTimeout> | undefined;
const refreshAfterMs = 2000;

/** Numbers of the library's summary follow the tiles, not each of them. */
function refreshSoon(): void {
  refreshing ??= setTimeout(() => {
    refreshing = undefined;
    void attempt(refreshLibrary);
  }, refreshAfterMs);
}

useSession.subscribe((now, before) => {
  if (now.dataset !== before.dataset) void followWatch();
});
useLibrary.subscribe((now, before) => {
  if (now.library?.library !== before.library?.library) void followWatch();
});
/** Undo may have brought alarms and limits back. */
onLibraryChanged(async () => {
  const { watch } = get();
  if (watch) await readAgain(watch);
  else await followWatch();
});

async function readAgain({ id }: Watch): Promise<void> {
  await engine().watch.status(
    { library: openLibraryId(), watch: id, follow: false },
    { signal: new AbortController().signal, onValue: (news) => get().watch?.id === id && take(news) },
  );
}

export const isLive = (watch: Watch | null): watch is Watch => watch?.state === 'watching' || watch?.state === 'away';

/** What nobody has seen yet, of all watched folders. */
export const unseenOf = (watches: readonly Watch[]): number =>
  watches.reduce((sum, { unseenAlarms }) => sum + unseenAlarms, 0);

/** Goes to the newest alarm that nobody has seen, in whatever watched folder. */
export function showAlarms(): void {
  const { watches, watch, alarms } = get();
  const about = watch && watch.unseenAlarms > 0 ? watch : watches.find(({ unseenAlarms }) => unseenAlarms > 0);
  setSession({ room: 'acquire', ...(about && { dataset: about.dataset }) });
  const newest = about?.id === watch?.id ? alarms.find(({ seen }) => !seen) : undefined;
  if (newest) selectAlarm(newest);
}

/** Watches the folder that was prepared for import; the board shows its tiles as they come. */
export async function startWatch(): Promise<void> {
  const input = await importInput();
  if (!input) return;
  const library = openLibraryId();
  const job = await startJob(() => engine().watch.start({ library, ...input }));
  if (job === null) return;
  dropDraft();
  const watch = await begun(library, job);
  if (!watch) return;
  await attempt(refreshLibrary);
  setSession({ room: 'acquire', dataset: watch.dataset });
}

/** The watch has its row a moment after its job began; none where the job failed at once. */
async function begun(library: string, job: string): Promise<Watch | null> {
  for (let tries = 0; tries < 50; tries++) {
    const answer = await attempt(() => engine().watch.list({ library }));
    const found = answer?.value.watches.find((one) => one.job === job);
    if (found || !answer) return found ?? null;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return null;
}

export async function stopWatch(): Promise<void> {
  const { watch } = get();
  if (!watch) return;
  const stopped = await attempt(() => engine().watch.stop({ library: openLibraryId(), watch: watch.id }));
  if (stopped) set({ watch: { ...watch, state: 'stopped' } });
}

export async function resumeWatch(): Promise<void> {
  const { watch } = get();
  if (!watch) return;
  await controlJob('resume', watch.job);
  await attempt(() => readAgain(watch));
}

/** Marks alarms as seen; all of them where none is named. */
export async function acknowledge(ids?: readonly string[]): Promise<void> {
  const { watch, alarms } = get();
  const unseen = alarms.filter(({ id, seen }) => !seen && (ids?.includes(id) ?? true)).map(({ id }) => id);
  if (!watch || unseen.length === 0) return;
  const done = await attempt(() =>
    engine().watch.acknowledge({ library: openLibraryId(), watch: watch.id, alarms: unseen }),
  );
  if (done) await attempt(() => readAgain(watch));
}

/** Chooses an alarm, and its tile on the board. */
export function selectAlarm({ id, tile }: Alarm): void {
  set({ selected: id });
  if (tile !== null) selectTile(tile);
}

const reportFilters = [
  { name: 'Web page', extensions: ['html'] },
  { name: 'PDF', extensions: ['pdf'] },
  { name: 'Table of what to take again', extensions: ['csv'] },
];

/** Writes the report of the shift where the user says. */
export async function saveReport(): Promise<void> {
  const { watch } = get();
  const out = watch && (await attempt(() => bridge.saveFile(`shift ${watch.name}.html`, reportFilters)));
  if (!watch || !out) return;
  const written = (): void =>
    toast({
      tone: 'good',
      title: 'Report written',
      detail: out.name,
      action: { label: 'Show the file', run: () => void bridge.reveal(out.id) },
    });
  if (/\.pdf$/i.test(out.name)) {
    if (await attempt(() => printReport(watch.id, out.id))) written();
  } else
    await startJob(() => engine().watch.report({ library: openLibraryId(), watch: watch.id, out: out.id }), written);
}

/** The shell draws the engine's page, and prints it. */
async function printReport(watch: string, grantId: string): Promise<boolean> {
  const { bytes } = await engine().watch.page({ library: openLibraryId(), watch });
  return bridge.printPdf(grantId, new TextDecoder().decode(bytes));
}

/** What the user wants of one metric; nothing: learned again. */
export async function setLimit(
  metric: WatchMetric,
  setting: { low?: number; high?: number; off?: boolean },
): Promise<void> {
  const { watch } = get();
  if (!watch) return;
  const done = await attempt(() =>
    engine().watch.limits({ library: openLibraryId(), watch: watch.id, metric, ...setting }),
  );
  if (done) set({ limits: get().limits.map((one) => (one.metric === metric ? done.limit : one)) });
}
