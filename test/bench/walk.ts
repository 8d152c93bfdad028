import { join } from 'node:path';
import type { ElectronApplication, Page } from '@playwright/test';
import { seededRandom } from '../formats/mutate.ts';
import { figuresOf } from '../window/figures.ts';
import { watchTasks } from '../window/long-tasks.ts';
import { libraryOf } from '../window/view-library.ts';
import type { Bench, BenchRow } from './row.ts';
import { ensureEmPyramid, pyramidSize } from './viewer/em-pyramid.ts';
import { waitUntilSharp } from './window/pictures.ts';
import type { Memory } from './window/processes.ts';
import { Heaps, processMemory } from './window/processes.ts';
import { withWindow } from './window/real-window.ts';

const root = join(import.meta.dirname, '..', '..');

/** Caps far below what the walk passes by, bytes. */
const caps = { memory: 96e6, graphics: 64e6 } as const;
const sampleMs = 2000;

interface Sample {
  readonly atMs: number;
  /** Of the window's renderer and the graphics process together. */
  readonly rssMb: number;
  readonly memory: number;
  readonly graphics: number;
  readonly parts: Memory;
}

async function withVolume<T>(bench: Bench, use: (app: ElectronApplication, page: Page) => Promise<T>): Promise<T> {
  const volume = join(root, '.venv', 'bench-volume-1.precomputed');
  ensureEmPyramid(volume);
  const { library } = await libraryOf(bench.folder, [volume]);
  return withWindow(library, async ({ app, page }) => {
    await page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: 'View' }).click();
    await waitUntilSharp(page);
    await page.getByRole('button', { name: /^Memory/ }).click();
    await page.getByLabel('Main memory, MB').fill(String(caps.memory / 1e6));
    await page.keyboard.press('Enter');
    await page.getByLabel('Graphics, MB').fill(String(caps.graphics / 1e6));
    await page.keyboard.press('Enter');
    await watchTasks(page);
    return use(app, page);
  });
}

async function sample(app: ElectronApplication, page: Page, heaps: Heaps): Promise<Sample> {
  const parts = { ...(await processMemory(app)), ...(await heaps.read()) };
  const { memory, graphics } = await figuresOf(page);
  const rssMb = (parts['window'] ?? 0) + (parts['graphics'] ?? 0);
  return { atMs: performance.now(), rssMb, memory, graphics, parts };
}

type Random = () => number;
const panes = ['xy', 'xz', 'yz', '3d'] as const;

/** One thing that a hand does; what it is, chance says. */
async function step(page: Page, random: Random): Promise<void> {
  const pane = panes[Math.floor(random() * panes.length)] ?? 'xy';
  const box = await page.locator(`[data-pane="${pane}"]`).boundingBox();
  if (!box) return;
  const [x, y] = [box.x + box.width * (0.3 + 0.4 * random()), box.y + box.height * (0.3 + 0.4 * random())];
  await page.mouse.move(x, y);
  const kind = random();
  if (kind < 0.4) {
    await page.mouse.down();
    await page.mouse.move(x + 240 * (random() - 0.5), y + 240 * (random() - 0.5), { steps: 12 });
    await page.mouse.up();
  } else if (kind < 0.65) {
    const towards = random() < 0.5 ? 1 : -1;
    for (let n = 0; n < 6; n++) await page.mouse.wheel(0, towards * 90);
  } else if (kind < 0.9) {
    const key = random() < 0.5 ? 'PageDown' : 'PageUp';
    await page.locator(`[data-pane="${pane}"]`).focus();
    for (let n = 0; n < 10; n++) await page.keyboard.press(key);
  } else if (kind < 0.97) await page.locator('[data-pane="xy"]').press('Home');
  else {
    const eye = page
      .getByRole('list', { name: 'Layers' })
      .getByRole('button', { name: /^Hide / })
      .first();
    await eye.click();
    await page
      .getByRole('list', { name: 'Layers' })
      .getByRole('button', { name: /^Show / })
      .first()
      .click();
  }
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

/** Megabytes a minute, by least squares. */
function trendOf(samples: readonly Sample[], mbOf: (sample: Sample) => number): number {
  const [t, m] = [meanOf(samples.map(({ atMs }) => atMs)), meanOf(samples.map(mbOf))];
  const over = samples.reduce((sum, one) => sum + (one.atMs - t) * (mbOf(one) - m), 0);
  return (60_000 * over) / samples.reduce((sum, { atMs }) => sum + (atMs - t) ** 2, 0);
}

/** For each part of the memory: megabytes at the start and at the end, and its trend. */
function partsOf(samples: readonly Sample[]): Readonly<Record<string, string>> {
  const [first, last] = [samples[0], samples.at(-1)];
  return Object.fromEntries(
    Object.keys(last?.parts ?? {}).map((name) => {
      const trend = trendOf(samples, ({ parts }) => parts[name] ?? 0);
      return [
        name,
        `${first?.parts[name]?.toFixed(0)} to ${last?.parts[name]?.toFixed(0)}, ${trend.toFixed(1)} a minute`,
      ];
    }),
  );
}

async function walk(bench: Bench): Promise<number> {
  const minutes = Number(process.env['LAMELLA_WALK_MINUTES'] ?? 30);
  return withVolume(bench, async (app, page) => {
    const random = seededRandom(21);
    const heaps = await Heaps.of(page);
    const samples: Sample[] = [];
    const until = performance.now() + 60_000 * minutes;
    for (let due = 0; performance.now() < until;) {
      await step(page, random);
      if (performance.now() < due) continue;
      samples.push(await sample(app, page, heaps));
      due = performance.now() + sampleMs;
    }
    const { blank, frames } = await figuresOf(page);
    const tasks = await page.evaluate(() => window.longTasks);
    // The first third fills what is kept.
    const settled = samples.slice(Math.floor(samples.length / 3));
    const half = Math.floor(settled.length / 2);
    const rssOf = (some: readonly Sample[]): number => meanOf(some.map(({ rssMb }) => rssMb));
    const growth = rssOf(settled.slice(half)) / rssOf(settled.slice(0, half));
    const shareOf = (what: 'memory' | 'graphics'): number => Math.max(...settled.map((one) => one[what])) / caps[what];
    const found = {
      minutes,
      frames,
      blank,
      memoryShare: shareOf('memory'),
      graphicsShare: shareOf('graphics'),
      rssMb: rssOf(settled),
      growth,
      trendMbPerMinute: trendOf(settled, ({ rssMb }) => rssMb),
      parts: partsOf(settled),
      longTasks: tasks.length,
      longestTaskMs: Math.max(0, ...tasks),
    };
    console.error(`walk: ${JSON.stringify(found)}`);
    return blank > 0 ? Infinity : 100 * Math.max(found.memoryShare, found.graphicsShare, growth);
  });
}

async function blankFrames(bench: Bench): Promise<number> {
  return withVolume(bench, async (_app, page) => {
    const box = await page.locator('[data-pane="xy"]').boundingBox();
    if (!box) throw new Error('there is no XY pane');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const until = performance.now() + 60_000;
    for (let turn = 0; performance.now() < until; turn++) {
      const [dx, dy] = [140 * Math.cos(turn), 140 * Math.sin(turn)];
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x + dx, y + dy, { steps: 20 });
      await page.mouse.up();
      for (let n = 0; n < 10; n++) await page.mouse.wheel(0, turn % 2 === 0 ? -80 : 80);
    }
    const { blank, frames } = await figuresOf(page);
    console.error(`view-blank: ${blank} of ${frames} frames`);
    return blank;
  });
}

const viewWalk: BenchRow = {
  id: 'view-walk',
  workload: `${pyramidSize}, a random walk of LAMELLA_WALK_MINUTES (30) through four panes under caps of 96 and 64 MB: the most of memory and graphics over their caps, and of the processes' memory late over early; any blank frame is infinite`,
  unit: '%',
  target: 'at most 110 %, without a blank frame',
  isMet: (ours) => ours <= 110,
  measure: walk,
};

const viewBlank: BenchRow = {
  id: 'view-blank',
  workload: `${pyramidSize}, 60 s of panning and zooming: frames with a place where nothing was drawn`,
  unit: 'frames',
  target: 'none',
  isMet: (ours) => ours === 0,
  measure: blankFrames,
};

export const walkRows: readonly BenchRow[] = [viewBlank, viewWalk];
