import { join } from 'node:path';
import type { ElectronApplication, Page } from '@playwright/test';
import { libraryOf } from '../window/view-library.ts';
import { writeTimeSeries } from '../window/time-series.ts';
import type { Bench, BenchRow } from './row.ts';
import { medianOf } from './row.ts';
import { ensureEmPyramid, pyramidSize } from './viewer/em-pyramid.ts';
import { intervalsSeen, percentile95, waitUntilSharp, watchPictures } from './window/pictures.ts';
import { withWindow } from './window/real-window.ts';
import { workerFrames } from './window/worker-frames.ts';

const root = join(import.meta.dirname, '..', '..');

const showView = async (page: Page): Promise<void> => {
  await page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: 'View' }).click();
  await waitUntilSharp(page);
};

// Quality while a 3-D pane turns

interface Turned {
  /** Of the drawing worker: 95th percentile and median. */
  readonly frameMs: number;
  readonly medianMs: number;
  readonly restMs: number;
}

/** Turns the 3-D pane for some seconds, then holds still; the patch that is watched is most of the pane. */
async function turn(app: ElectronApplication, page: Page, trace: string): Promise<Turned> {
  const box = await page.locator('[data-pane="3d"]').boundingBox();
  if (!box) throw new Error('there is no 3-D pane');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  const frames = await workerFrames(app, trace, async () => {
    const until = performance.now() + 3000;
    for (let n = 0; performance.now() < until; n++) {
      await page.mouse.move(x + 100 * Math.sin(n / 40), y + 30 * Math.cos(n / 40));
      await page.waitForTimeout(8);
    }
  });
  await watchPictures(page, '3d', Math.floor(Math.min(box.width, box.height) * 0.8));
  await page.mouse.move(x + 3, y + 3);
  const stopped = await page.evaluate(() => performance.now());
  await page.waitForTimeout(4000);
  await page.mouse.up();
  const last = await page.evaluate(() => {
    window.stopWatching();
    return window.pictureTimes.at(-1) ?? 0;
  });
  return { frameMs: percentile95(frames), medianMs: medianOf(frames), restMs: last - stopped };
}

let turned: Promise<Turned> | undefined;

async function turnOnce({ folder }: Bench): Promise<Turned> {
  const volume = join(root, '.venv', 'bench-volume-1.precomputed');
  ensureEmPyramid(volume);
  const { library } = await libraryOf(folder, [volume]);
  return withWindow(library, async ({ app, page }) => {
    await showView(page);
    const found: Record<string, Turned> = {};
    for (const mode of ['Maximum', 'Translucent', 'Surface']) {
      await page.getByLabel('3-D panes show').selectOption({ label: mode });
      await waitUntilSharp(page);
      await page.waitForTimeout(3000);
      found[mode] = await turn(app, page, join(folder, 'trace.json'));
    }
    console.error(`view-turn: ${JSON.stringify(found)}`);
    const all = Object.values(found);
    const most = (of: keyof Turned): number => Math.max(...all.map((one) => one[of]));
    return { frameMs: most('frameMs'), medianMs: most('medianMs'), restMs: most('restMs') };
  });
}

const turnBench = (bench: Bench): Promise<Turned> => (turned ??= turnOnce(bench));
const turnWorkload = `${pyramidSize} as maximum, translucent and surface in a 3-D pane beside three slices, turned`;

const viewTurn: BenchRow = {
  id: 'view-turn',
  workload: `${turnWorkload}: 95th percentile of what a frame of the drawing worker takes, the worst of the modes`,
  unit: 'ms',
  target: 'at most 33 ms',
  isMet: (ours) => ours <= 33,
  measure: async (bench) => (await turnBench(bench)).frameMs,
};

const viewRest: BenchRow = {
  id: 'view-rest',
  workload: `${turnWorkload}: from the last move to the last change of the picture, the worst of the modes`,
  unit: 'ms',
  target: 'full quality within 1 s',
  isMet: (ours) => ours <= 1000,
  measure: async (bench) => (await turnBench(bench)).restMs,
};

// Time

const times = 100;
const watchedS = 6;

async function play({ folder }: Bench): Promise<number> {
  const { library } = await libraryOf(folder, [writeTimeSeries(join(folder, 'times.ome.zarr'), times)]);
  return withWindow(library, async ({ page }) => {
    await showView(page);
    const fps = page.getByLabel('Times a second');
    const setFps = async (value: number): Promise<void> => {
      await fps.fill(String(value));
      await fps.press('Enter');
    };
    // Once through all of them: the rest plays what is in memory.
    await setFps(20);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await page.waitForTimeout((1000 * times) / 20 + 1000);
    const found: Record<string, number> = {};
    for (const wanted of [5, 10, 20]) {
      await setFps(wanted);
      await page.waitForTimeout(500);
      await watchPictures(page, 'xy');
      await page.waitForTimeout(1000 * watchedS);
      const intervals = (await intervalsSeen(page)).slice(1);
      found[wanted] = (1000 * intervals.length) / intervals.reduce((sum, ms) => sum + ms, 0);
    }
    console.error(`time-play: ${JSON.stringify(found)}`);
    return Math.max(...Object.entries(found).map(([wanted, seen]) => 100 * Math.abs(seen / Number(wanted) - 1)));
  });
}

const timePlay: BenchRow = {
  id: 'time-play',
  workload: `${times} times of 256 x 256 x 4 voxels in four panes, in memory, played at 5, 10 and 20 a second: how far the pictures that are seen a second are from that, the worst`,
  unit: '%',
  target: 'at most 10 %',
  isMet: (ours) => ours <= 10,
  measure: play,
};

export const motionRows: readonly BenchRow[] = [viewTurn, viewRest, timePlay];
