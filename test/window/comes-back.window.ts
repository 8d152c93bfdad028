// Graphics that are lost come back with the same picture: slices, volumes, labels and shapes. And motion, where none is asked for.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { waitUntilAllIsHere } from './figures.ts';
import { test } from './lamella-window.ts';
import { runCommand, screenNamed, showScreen, withRich } from './rich-window.ts';

const panes = ['xy', 'xz', 'yz', '3d'] as const;

/** How many pixels of each pane differ from those that were kept. With `keep`, these are kept from now on. */
const changedSince = (page: Page, keep = false): Promise<Readonly<Record<string, number>>> =>
  page.evaluate(
    ([ids, anew]) => {
      const kept = ((window as unknown as { kept?: Map<string, Uint8ClampedArray> }).kept ??= new Map());
      const told: Record<string, number> = {};
      for (const id of ids) {
        const canvas = document.querySelector<HTMLCanvasElement>(`[data-pane="${id}"] canvas.pane-image`);
        if (!canvas) continue;
        const copy = new OffscreenCanvas(canvas.width, canvas.height);
        const context = copy.getContext('2d', { willReadFrequently: true });
        context?.drawImage(canvas, 0, 0);
        const { data } = context?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: new Uint8ClampedArray() };
        const before = kept.get(id);
        if (anew) kept.set(id, data);
        told[id] = before ? data.filter((value, i) => value !== before[i]).length : data.length;
      }
      return told;
    },
    [panes, keep] as const,
  );

/** Keeps the pictures once they stay as they are for a second: a projection sharpens strip by strip. */
const keepStill = (page: Page): Promise<void> =>
  expect.poll(() => changedSince(page, true), { intervals: [1000], timeout: 30_000 }).toEqual(same);

const same = { xy: 0, xz: 0, yz: 0, '3d': 0 };

for (const name of ['image', 'shapes'] as const)
  test(`graphics that are restarted, and lost with their process, show ${name} as before`, async () => {
    await withRich(async (window) => {
      const { app, page, rich } = window;
      await showScreen(window, screenNamed(rich, name));
      await keepStill(page);
      await runCommand(page, 'restart the graphics');
      await expect(page.getByText('The graphics driver was restarted')).toBeVisible();
      await waitUntilAllIsHere(page);
      await expect.poll(() => changedSince(page)).toEqual(same);

      const pid = await app.evaluate(({ app: shell }) => shell.getAppMetrics().find(({ type }) => type === 'GPU')?.pid);
      if (pid === undefined) throw new Error('no process draws');
      process.kill(pid, 'SIGKILL');
      await page.waitForTimeout(1500);
      await waitUntilAllIsHere(page);
      await expect.poll(() => changedSince(page), { timeout: 30_000 }).toEqual(same);
    });
  });

test('nothing moves by itself where reduced motion is asked for', async ({ lamella: { page } }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.keyboard.press('Control+j');
  for (const keys of ['F1', 'Escape', 'Shift+?', 'Escape']) {
    await page.keyboard.press(keys);
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll('*')]
        .filter((element) => {
          const { transitionDuration, animationName, animationDuration } = getComputedStyle(element);
          const lasts = (text: string): boolean => text.split(',').some((one) => Number.parseFloat(one) > 0);
          return lasts(transitionDuration) || (animationName !== 'none' && lasts(animationDuration));
        })
        .map((element) => `${element.tagName}.${element.className}`),
    );
    expect([...new Set(moving)], keys).toEqual([]);
  }
});
