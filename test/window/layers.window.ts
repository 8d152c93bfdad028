// Layers, groups of panes, named views and places: what the panels do is what the panes show, and it comes back.
import type { Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Volume } from '../../preload/contract/library.ts';
import { waitUntilAllIsHere } from './figures.ts';
import { channelGrey, channelNames, writeChannels, writeLabels } from './known-volumes.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { shoot, startLamella, test } from './lamella-window.ts';
import type { Pane } from './panes.ts';
import { paneOf } from './panes.ts';
import { libraryOf } from './view-library.ts';

interface Layered extends LamellaWindow {
  readonly channels: Volume;
  readonly library: string;
}

/** A window with three channels in view and labels in the library. */
async function withChannels(use: (window: Layered) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-layers-'));
  const sources = [writeLabels(join(folder, 'segments')), writeChannels(join(folder, 'channels.ome.zarr'))];
  const { library, volumes } = await libraryOf(folder, sources);
  const window = await startLamella({ args: ['--library', library] });
  try {
    await volumeIn(window.page, /known/).click();
    await waitUntilAllIsHere(window.page);
    await use({ ...window, library, channels: volumes[1] as Volume });
    expect(window.problems).toEqual([]);
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
}

const volumeIn = (page: Page, name: RegExp): Locator =>
  page.getByRole('list', { name: 'Volumes' }).locator('.list-item').filter({ hasText: name });
const layerList = (page: Page): Locator => page.getByRole('list', { name: 'Layers' });
const layerOf = (page: Page, name: string): Locator => layerList(page).locator('.layer-name', { hasText: name });
const namesOf = async (page: Page): Promise<readonly string[]> =>
  (await layerList(page).locator('.layer-name .truncate').allTextContents()).map((name) => name.trim());

/** The colour in the middle of a pane's picture, off the cross-hair. */
const colourIn = (page: Page, pane: string): Promise<readonly number[]> =>
  page.locator(`[data-pane="${pane}"] canvas.pane-image`).evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const copy = new OffscreenCanvas(width, height);
    const context = copy.getContext('2d', { willReadFrequently: true });
    context?.drawImage(element as HTMLCanvasElement, 0, 0);
    const [r = 0, g = 0, b = 0] =
      context?.getImageData(Math.round(width / 2 + 12), Math.round(height / 2 + 9), 1, 1).data ?? [];
    return [r, g, b];
  });

/** Of a channel at the first time, at the place that `colourIn` reads: the third quarter of the columns. */
const greyOf = (channel: number): number => channelGrey(channel, 0, 70);
const tints = [
  [0x3f, 0xb6, 0xa8],
  [0xff, 0x00, 0xff],
  [0xff, 0xbf, 0x00],
] as const;

/** Light of channels, added. */
const added = (channels: readonly number[]): readonly number[] =>
  [0, 1, 2].map((i) =>
    Math.min(
      255,
      channels.reduce((sum, c) => sum + (greyOf(c) * (tints[c]?.[i] ?? 0)) / 255, 0),
    ),
  );

async function expectColour(page: Page, colour: readonly number[], pane: Pane = 'xy'): Promise<void> {
  await expect
    .poll(async () => {
      const drawn = await colourIn(page, pane);
      return Math.max(...drawn.map((value, i) => Math.abs(value - (colour[i] ?? 0))));
    })
    .toBeLessThanOrEqual(2);
}

test('channels are layers: shown, hidden, alone, coloured and blended as the list and the inspector say', async () => {
  await withChannels(async (window) => {
    const { page } = window;
    expect(await namesOf(page)).toEqual(['Annotations', 'Cy5', 'GFP', 'DAPI']);
    await expectColour(page, added([0, 1, 2]));
    await page.getByRole('button', { name: 'Hide Cy5' }).click();
    await expectColour(page, added([0, 1]));
    await layerOf(page, 'DAPI').hover();
    await page.getByRole('button', { name: 'DAPI alone' }).click();
    await expectColour(page, added([0]));
    await page.getByRole('button', { name: 'DAPI alone' }).click();
    await expectColour(page, added([0, 1, 2]));

    await layerOf(page, 'Cy5').click();
    const inspector = page.getByRole('complementary', { name: /inspector/ });
    await inspector.getByRole('button', { name: 'Colour #ffffff' }).click();
    await inspector.getByLabel('Blend').selectOption('over');
    const grey = greyOf(2);
    await expectColour(page, [grey, grey, grey]);
    await inspector.getByLabel('Blend').selectOption('max');
    const below = added([0, 1]);
    await expectColour(
      page,
      below.map((value) => Math.max(value, grey)),
    );
    await inspector.getByLabel('Blend').selectOption('difference');
    await expectColour(
      page,
      below.map((value) => Math.abs(value - grey)),
    );
    await page.keyboard.press('Control+Alt+z');
    await expect(inspector.getByLabel('Blend')).not.toHaveValue('difference');
    await shoot(window, 'check-layers');
    await shoot(window, 'check-layers-desktop', 'desktop');
  });
});

test('layers are put in order by dragging and by keys, removed and brought back', async () => {
  await withChannels(async ({ page }) => {
    await layerOf(page, 'DAPI').dragTo(layerOf(page, 'Cy5'), { targetPosition: { x: 40, y: 2 } });
    await expect.poll(() => namesOf(page)).toEqual(['Annotations', 'DAPI', 'Cy5', 'GFP']);
    await layerOf(page, 'GFP').focus();
    await page.keyboard.press('Alt+ArrowUp');
    await expect.poll(() => namesOf(page)).toEqual(['Annotations', 'DAPI', 'GFP', 'Cy5']);
    await page.keyboard.press('ArrowDown');
    await expect(layerOf(page, 'Cy5')).toBeFocused();
    await page.keyboard.press('Delete');
    await expect.poll(() => namesOf(page)).toEqual(['Annotations', 'DAPI', 'GFP']);
    await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
    await expect.poll(() => namesOf(page)).toEqual(['Annotations', 'DAPI', 'GFP', 'Cy5']);
    await page.getByRole('button', { name: 'GFP: more' }).click();
    await page.getByRole('menuitem', { name: 'Duplicate' }).click();
    await expect.poll(() => namesOf(page)).toEqual(['Annotations', 'DAPI', 'GFP copy', 'GFP', 'Cy5']);
  });
});

test('another volume is laid over this one, and the pointer reads every layer', async () => {
  await withChannels(async ({ page }) => {
    await page.getByRole('button', { name: /^Add .*segments.* to this view$/ }).click();
    await expect.poll(async () => (await namesOf(page)).length).toBe(5);
    await page.getByLabel('Scale, nm per pixel').fill('20');
    await page.keyboard.press('Enter');
    await paneOf(page, 'xy').focus();
    await page.keyboard.press('g');
    await page.getByRole('dialog').getByLabel('Position').fill('0.3 0.3 0.04 µm');
    await page.keyboard.press('Enter');
    await waitUntilAllIsHere(page);
    const pane = paneOf(page, 'xy');
    const box = await pane.boundingBox();
    await pane.hover({ position: { x: (box?.width ?? 0) / 2 + 6, y: (box?.height ?? 0) / 2 + 6 } });
    const values = page.getByLabel('Values', { exact: true });
    await expect(values).toContainText('segments');
    await expect(values).toHaveAttribute(
      'title',
      new RegExp(
        channelNames
          .map((name) => `${name}: \\d+`)
          .toReversed()
          .join('[^]*'),
      ),
    );
  });
});

test('a group that is freed zooms by itself, and shares the cross-hair', async () => {
  await withChannels(async ({ page }) => {
    const section = page.getByRole('region', { name: 'Panes' });
    await section.getByRole('button', { name: 'Presets' }).click();
    await page.getByRole('menu').getByText('Two XY panes with zooms of their own').click();
    const [left, right] = [page.locator('[data-pane="xy"]'), page.locator('[data-pane="xy.2"]')];
    await expect(right).toBeVisible();
    const bar = (pane: Locator): Promise<string | null> => pane.locator('.bar-line').getAttribute('data-nm');
    await expect.poll(() => bar(right)).toBe(await bar(left));
    await right.hover();
    for (let i = 0; i < 4; i++) await page.mouse.wheel(0, -400);
    await expect.poll(async () => Number(await bar(right))).toBeLessThan(Number(await bar(left)) / 4);
    await expect(page.getByRole('img', { name: 'Its own zoom' })).toBeVisible();
    const x = page.getByLabel('x, nm', { exact: true });
    const before = Number(await x.inputValue());
    await right.click({ position: { x: 20, y: 100 } });
    await expect.poll(async () => Number(await x.inputValue())).toBeLessThan(before);
    await page.getByRole('button', { name: 'XY · group 2: pane menu' }).click();
    await page.getByRole('menuitem', { name: 'Link the zoom again' }).click();
    await expect.poll(() => bar(right)).toBe(await bar(left));
    await page.getByRole('button', { name: 'XY · group 2: pane menu' }).click();
    await page.getByRole('menuitem', { name: 'Close' }).click();
    await expect(right).toHaveCount(0);
    await page.keyboard.press('4');
    await expect(paneOf(page, 'yz')).toBeVisible();
  });
});

test('a named view brings back its place, layers and panes; it is renamed, removed and brought back', async () => {
  await withChannels(async ({ page }) => {
    const views = page.getByRole('list', { name: 'Named views' });
    await page.getByRole('button', { name: 'Hide GFP' }).click();
    await page.getByLabel('x, nm', { exact: true }).fill('2500');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Keep', exact: true }).click();
    await expect(views.getByRole('listitem')).toHaveCount(1);
    await page.getByRole('button', { name: 'Show GFP', exact: true }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('radio', { name: 'XZ' }).click();
    await page.getByLabel('x, nm', { exact: true }).fill('9000');
    await page.keyboard.press('Enter');
    await views.getByRole('button', { name: 'Show View 1' }).click();
    await expect(page.getByLabel('x, nm', { exact: true })).toHaveValue('2500');
    await expect(page.getByRole('button', { name: 'Show GFP', exact: true })).toBeVisible();
    await expect(paneOf(page, 'yz')).toBeVisible();

    await views.getByRole('button', { name: 'View 1: more' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await page.getByLabel('New name of View 1').fill('Nuclei');
    await page.keyboard.press('Enter');
    await expect(views).toContainText('Nuclei');
    await views.getByRole('button', { name: 'Nuclei: more' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await expect(views.getByRole('listitem')).toHaveCount(0);
    await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
    await expect(views).toContainText('Nuclei');
  });
});

test('goes to places that are typed, says what is no place, and goes back and forward', async () => {
  await withChannels(async ({ page }) => {
    const x = page.getByLabel('x, nm', { exact: true });
    const start = await x.inputValue();
    const goTo = async (text: string): Promise<void> => {
      await paneOf(page, 'xy').focus();
      await page.keyboard.press('g');
      await page.getByRole('dialog').getByLabel('Position').fill(text);
      await page.keyboard.press('Enter');
    };
    await goTo('2 3 furlongs');
    await expect(page.getByRole('dialog')).toContainText('That has 2 numbers');
    await page.keyboard.press('Escape');
    await goTo('2 3 0.5 µm');
    await expect(x).toHaveValue('2000');
    await goTo('10 20 1 voxels');
    await expect(x).toHaveValue('1000');
    await page.keyboard.press('Alt+ArrowLeft');
    await expect(x).toHaveValue('2000');
    await page.keyboard.press('Alt+ArrowLeft');
    await expect(x).toHaveValue(start);
    await page.keyboard.press('Alt+ArrowRight');
    await expect(x).toHaveValue('2000');
  });
});

test('a window that is started again shows what it showed: place, layers, panes', async () => {
  await withChannels(async ({ page, app, profile }) => {
    await page.getByRole('button', { name: 'Hide GFP' }).click();
    await layerOf(page, 'Cy5').click();
    await page.getByLabel('Opacity').focus();
    for (let i = 0; i < 10; i++) await page.keyboard.press('ArrowLeft');
    await page.getByRole('button', { name: 'XZ: pane menu' }).click();
    await page.getByRole('menuitem', { name: 'Close' }).click();
    await page.getByLabel('x, nm', { exact: true }).fill('2500');
    await page.keyboard.press('Enter');
    await page.getByLabel('Scale, nm per pixel').fill('33');
    await page.keyboard.press('Enter');
    await page.waitForTimeout(300);
    await app.close();
    const again = await startLamella({ profile });
    try {
      await waitUntilAllIsHere(again.page);
      await expect(again.page.getByLabel('x, nm', { exact: true })).toHaveValue('2500');
      await expect(again.page.getByLabel('Scale, nm per pixel')).toHaveValue('33');
      await expect(paneOf(again.page, 'xz')).toHaveCount(0);
      await expect(paneOf(again.page, 'yz')).toBeVisible();
      await expect(again.page.getByRole('button', { name: 'Show GFP', exact: true })).toBeVisible();
      await expect(layerOf(again.page, 'Cy5')).toContainText('90 %');
      await expect(layerOf(again.page, 'Cy5')).toHaveAttribute('aria-current', 'true');
    } finally {
      await again.app.close();
    }
  });
});

test('time plays, and stops where it is paused or a named view has a time of its own', async () => {
  await withChannels(async ({ page }) => {
    const time = page.getByRole('slider', { name: 'Time' });
    await expect(time).toHaveAttribute('aria-valuetext', '1 of 2');
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    const seen = new Set<string | null>();
    await expect.poll(async () => seen.add(await time.getAttribute('aria-valuetext')).size).toBe(2);
    await page.getByRole('button', { name: 'Pause' }).click();
    const play = page.getByRole('button', { name: 'Play', exact: true });
    await expect(play).toBeVisible();
    const then = await time.getAttribute('aria-valuetext');
    await page.getByRole('button', { name: 'Keep', exact: true }).click();
    const kept = page.getByRole('list', { name: 'Named views' }).getByRole('button', { name: 'Show View 1' });
    await expect(kept).toBeVisible();
    await play.click();
    await kept.click();
    await expect(play).toBeVisible();
    await expect(time).toHaveAttribute('aria-valuetext', then ?? '');
  });
});
