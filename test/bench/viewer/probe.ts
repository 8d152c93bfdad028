// Runs inside Electron's main process, before the program's own code, and is the same for both programs: it sees what a
// user sees, by copying the window's picture off the compositor about 60 times a second. No debugger is attached.
import { app, BrowserWindow, contentTracing, dialog } from 'electron';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { moveByHand } from './hand.ts';
import { differs, shareLit, unlikeness } from './likeness.ts';
import type { Motion, Outcome, Place, Plan, Report } from './plan.ts';

const wallMs = (): number => performance.timeOrigin + performance.now();

/** A picture is the first with data once so much of it is bright. */
const firstShare = 0.05;
/** Grey levels, in the mean, that a picture may be off the last one and be as good. */
const asGood = 0.25;
/** The picture stays when it has not changed for so long. */
const quietMs = 2000;
const patience = 30_000;
/** Side of the part in the middle that is looked at while moving. */
const patchPx = 64;

/** Where a trace for chrome://tracing is kept, of what is measured; it slows both programs down. */
const tracePath = process.env['LAMELLA_BENCH_TRACE'];
const traced = ['toplevel', 'gpu', 'viz', 'blink', 'v8', 'devtools.timeline', 'blink.user_timing'];

interface Look {
  readonly atMs: number;
  readonly picture: Buffer;
}

async function main(plan: Plan): Promise<Outcome> {
  const window = await windowOf(plan);
  window.setContentSize(plan.window.width, plan.window.height);
  const run = <T>(script: string): Promise<T> => window.webContents.executeJavaScript(script, true) as Promise<T>;
  await until(() => run<boolean>(plan.ready)).catch(async (error: unknown) => {
    if (plan.shot !== undefined) writeFileSync(plan.shot, (await window.webContents.capturePage()).toPNG());
    throw error;
  });
  for (const script of plan.prepare) await run(script);
  await pause(1000);
  const place = await run<Place>(plan.place);
  const pane = await run<Place>(plan.pane);
  if (tracePath !== undefined) await contentTracing.startRecording({ included_categories: traced });
  const seen = plan.show === undefined ? nothingSeen : await watchComing(window, place, () => run(plan.show ?? ''));
  const intervals: Record<string, readonly number[]> = {};
  let [looks, lookedMs] = [0, 0];
  for (const motion of plan.motions) {
    const watched = await watchMoving(window, pane, () => move(window, pane, motion, run));
    intervals[motion.name] = watched.intervals;
    looks += watched.looks;
    lookedMs += watched.lookedMs;
    await pause(500);
  }
  if (tracePath !== undefined) await contentTracing.stopRecording(tracePath);
  if (plan.shot !== undefined) writeFileSync(plan.shot, (await window.webContents.capturePage()).toPNG());
  const looksPerSecond = lookedMs > 0 ? (1000 * looks) / lookedMs : 0;
  return { place, pane, ...seen, intervals, looksPerSecond, report: await run<Report>(plan.report) };
}

const nothingSeen = { toldAtMs: 0, firstMs: 0, fullMs: 0, quietAtMs: 0 };

async function windowOf({ page, window: size }: Plan): Promise<BrowserWindow> {
  await app.whenReady();
  // What the user answers when asked whether a server of this computer may be read.
  dialog.showMessageBox = () => Promise.resolve({ response: 0, checkboxChecked: false });
  if (page !== undefined) {
    const own = new BrowserWindow({ ...size, useContentSize: true, backgroundColor: '#000000' });
    await own.loadURL(page);
    return own;
  }
  await until(() => Promise.resolve(BrowserWindow.getAllWindows().length > 0));
  const [theirs] = BrowserWindow.getAllWindows();
  if (!theirs) throw new Error('no window');
  await until(() => Promise.resolve(!theirs.webContents.isLoading() && theirs.isVisible()));
  return theirs;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await isSo().catch(() => false))) {
    if (Date.now() > deadline) throw new Error('the program was not ready in time');
    await pause(50);
  }
}

async function lookAt(window: BrowserWindow, place: Place): Promise<Look> {
  const picture = (await window.webContents.capturePage(place)).toBitmap();
  return { atMs: wallMs(), picture };
}

/** Keeps every picture that differs from the one before, until none has come for a while. */
async function watchComing(
  window: BrowserWindow,
  place: Place,
  show: () => Promise<number>,
): Promise<Pick<Outcome, 'toldAtMs' | 'firstMs' | 'fullMs' | 'quietAtMs'>> {
  const before = await lookAt(window, place);
  const kept: Look[] = [before];
  const told = show();
  const deadline = Date.now() + patience;
  let first: Look | undefined;
  for (let last = before; ;) {
    const now = await lookAt(window, place);
    if (differs(now.picture, last.picture)) kept.push((last = now));
    if (!first && last === now && shareLit(now.picture) >= firstShare) first = now;
    if (first && now.atMs - last.atMs > quietMs) break;
    if (Date.now() > deadline) throw new Error('the picture did not come, or did not come to rest');
  }
  const toldAtMs = await told;
  const final = kept.at(-1) ?? before;
  const lastWorse = kept.findLastIndex(({ picture }) => unlikeness(picture, final.picture) > asGood);
  const full = kept[lastWorse + 1] ?? final;
  return {
    toldAtMs,
    firstMs: (first?.atMs ?? 0) - toldAtMs,
    fullMs: full.atMs - toldAtMs,
    quietAtMs: final.atMs + quietMs,
  };
}

interface Watched {
  readonly intervals: readonly number[];
  readonly looks: number;
  readonly lookedMs: number;
}

/** When the middle of the picture changes while something moves, its beginning included. */
async function watchMoving(window: BrowserWindow, place: Place, moving: () => Promise<void>): Promise<Watched> {
  const patch = {
    x: Math.round(place.x + place.width / 2 - patchPx / 2),
    y: Math.round(place.y + place.height / 2 - patchPx / 2),
    width: patchPx,
    height: patchPx,
  };
  let last = await lookAt(window, patch);
  const startedMs = wallMs();
  const changes = [startedMs];
  let [over, looks] = [false, 0];
  const done = moving().finally(() => (over = true));
  while (!over) {
    const now = await lookAt(window, patch);
    looks += 1;
    if (!differs(now.picture, last.picture)) continue;
    changes.push(now.atMs);
    last = now;
  }
  await done;
  return { intervals: changes.slice(1).map((at, i) => at - (changes[i] ?? at)), looks, lookedMs: wallMs() - startedMs };
}

async function move(
  window: BrowserWindow,
  place: Place,
  motion: Motion,
  run: (script: string) => Promise<unknown>,
): Promise<void> {
  if ('script' in motion) await run(motion.script);
  else await moveByHand(window.webContents, place, motion.hand, motion.seconds);
}

const plan = JSON.parse(readFileSync(process.env['LAMELLA_BENCH_PLAN'] ?? '', 'utf8')) as Plan;
void main(plan)
  .then((outcome) => writeFileSync(plan.outcome, JSON.stringify(outcome)))
  .catch((error: unknown) => writeFileSync(plan.outcome, JSON.stringify({ error: String(error) })))
  .finally(() => {
    app.quit();
    // A program that does not end by itself is ended: what it had to keep it has kept by then.
    setTimeout(() => app.exit(0), 5000);
  });
