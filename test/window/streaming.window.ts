// Bricks on their way: never a blank place, there before they are needed, and within their memory.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { join } from 'node:path';
import { drop } from './drop.ts';
import { figuresOf, waitUntilAllIsHere } from './figures.ts';
import type { FusedLibrary } from './fused-library.ts';
import { writeDeepVolume } from './known-volumes.ts';
import { test } from './lamella-window.ts';
import { paneOf } from './panes.ts';
import { withVolume } from './volume-window.ts';

/** Goes about in a pane: zooms in and out at many places, drags, and steps through sections. */
async function goAbout(
  page: Page,
  forMs: number,
  afterEach: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const pane = paneOf(page, 'xy');
  const box = await pane.boundingBox();
  if (!box) throw new Error('the pane has no place');
  let seed = 7;
  const random = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) / 2 ** 32;
  const place = (): readonly [number, number] => [
    box.x + box.width * (0.1 + 0.8 * random()),
    box.y + box.height * (0.1 + 0.8 * random()),
  ];
  const until = Date.now() + forMs;
  await pane.focus();
  while (Date.now() < until) {
    await page.mouse.move(...place());
    const choice = random();
    if (choice < 0.5) await page.mouse.wheel(0, (random() - 0.55) * 900);
    else if (choice < 0.8) {
      await page.mouse.down();
      await page.mouse.move(...place(), { steps: 4 });
      await page.mouse.up();
    } else await page.keyboard.press(random() < 0.5 ? 'PageDown' : 'PageUp');
    await page.waitForTimeout(25);
    await afterEach();
  }
}

async function addByDrop(page: Page, path: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: 'Volumes' }).click();
  await drop(page, path);
  await page.getByRole('button', { name: 'Add and view' }).click();
  await waitUntilAllIsHere(page);
}

test('no place in view is ever blank while the view goes about', async () => {
  await withVolume(async ({ page, problems }) => {
    await waitUntilAllIsHere(page);
    await goAbout(page, 8000);
    await page.waitForTimeout(400);
    const { frames, blank } = await figuresOf(page);
    console.log(`${blank} blank of ${frames} slices drawn`);
    expect(frames).toBeGreaterThan(50);
    expect(blank).toBe(0);
    expect(problems).toEqual([]);
  });
});

test('with little memory the caps hold, and the picture comes back sharp', async () => {
  const write = (_library: FusedLibrary, folder: string): void =>
    void writeDeepVolume(join(folder, 'deep.precomputed'));
  await withVolume(async ({ page, folder }) => {
    await addByDrop(page, join(folder, 'deep.precomputed'));
    await page.getByRole('button', { name: 'Memory' }).click();
    for (const label of ['Main memory, MB', 'Graphics, MB']) {
      await page.getByLabel(label).fill('16');
      await page.getByLabel(label).press('Enter');
    }
    await waitUntilAllIsHere(page);
    let [memory, graphics] = [0, 0];
    await goAbout(page, 8000, async () => {
      const now = await figuresOf(page);
      memory = Math.max(memory, now.memory);
      graphics = Math.max(graphics, now.graphics);
    });
    console.log(`at most ${(memory / 1e6).toFixed(1)} MB of bricks, ${(graphics / 1e6).toFixed(1)} MB of textures`);
    expect(memory).toBeGreaterThan(8e6);
    expect(memory).toBeLessThanOrEqual(16e6);
    expect(graphics).toBeLessThanOrEqual(16e6 * 1.1);
    await page.keyboard.press('Home');
    await waitUntilAllIsHere(page);
    expect((await figuresOf(page)).blank).toBe(0);
  }, write);
});

/** Presses a key as often as the clock says, frame by frame, inside the page: no way through the test slows it. */
const scrollByClock = (
  page: Page,
  perSecond: number,
  forSeconds: number,
): Promise<{ readonly steps: number; readonly seconds: number; readonly longestStep: number }> =>
  page.evaluate(
    ([rate, length]) =>
      new Promise((resolve) => {
        let [steps, longestStep] = [0, 0];
        const start = performance.now();
        const frame = (): void => {
          const seconds = (performance.now() - start) / 1000;
          const due = Math.min(rate * length, Math.floor(seconds * rate));
          longestStep = Math.max(longestStep, due - steps);
          for (; steps < due; steps++) {
            const press = { key: 'PageDown', code: 'PageDown', bubbles: true, cancelable: true };
            document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', press));
          }
          if (steps < rate * length) requestAnimationFrame(frame);
          else resolve({ steps, seconds, longestStep });
        };
        requestAnimationFrame(frame);
      }),
    [perSecond, forSeconds] as const,
  );

test('of a scroll of 20 sections a second by the clock of the page, 95 % of bricks are in memory on arrival', async () => {
  const write = (_library: FusedLibrary, folder: string): void =>
    void writeDeepVolume(join(folder, 'deep.precomputed'));
  await withVolume(async ({ page, folder }) => {
    await addByDrop(page, join(folder, 'deep.precomputed'));
    await page.getByRole('radio', { name: 'XY', exact: true }).click();
    for (const [label, value] of [
      ['Scale, nm per pixel', 8],
      ['z, nm', 15],
    ] as const) {
      await page.getByLabel(label, { exact: true }).fill(String(value));
      await page.getByLabel(label, { exact: true }).press('Enter');
    }
    await waitUntilAllIsHere(page);
    await paneOf(page, 'xy').focus();
    // The view rests a moment where it sets out, as the eye does.
    await page.waitForTimeout(1000);
    const before = await figuresOf(page);
    const { steps, seconds, longestStep } = await scrollByClock(page, 20, 8);
    await page.waitForTimeout(400);
    const after = await figuresOf(page);
    const [entered, ready] = [after.entered - before.entered, after.ready - before.ready];
    console.log(
      `${steps} sections in ${seconds.toFixed(2)} s, ${longestStep} at most between two frames: ` +
        `${ready} of ${entered} bricks were there on arrival (${((100 * ready) / entered).toFixed(1)} %)`,
    );
    expect(steps).toBe(160);
    expect(entered).toBeGreaterThan(500);
    expect(ready / entered).toBeGreaterThanOrEqual(0.95);
    expect(after.blank).toBe(before.blank);
  }, write);
});
