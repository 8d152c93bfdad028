// Without the server: what was seen of it stays and is annotated, and once it answers again the rest comes by itself.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { figuresOf, waitUntilAllIsHere, waitUntilDrawn } from './figures.ts';
import { FolderServer } from './folder-server.ts';
import type { FusedLibrary } from './fused-library.ts';
import { shoot, startLamella, test } from './lamella-window.ts';
import { shadesIn } from './panes.ts';
import { convertTo } from './volume-files.ts';
import type { Viewed } from './volume-window.ts';
import { withVolume } from './volume-window.ts';

const serve = (library: FusedLibrary, folder: string): void => {
  mkdirSync(join(folder, 'served'));
  convertTo(library, join(folder, 'served', 'block.precomputed'), 'precomputed');
};

/** What the user answers when asked whether a server of a private network may be read. */
const answerPrivate = (app: Viewed['app'], allow: boolean): Promise<void> =>
  app.evaluate(
    ({ dialog }, response) => {
      dialog.showMessageBox = () => Promise.resolve({ response, checkboxChecked: false });
    },
    allow ? 0 : 1,
  );

async function lookAt(page: Page, origin: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: 'Volumes' }).click();
  await page.getByLabel('Address').first().fill(`precomputed://${origin}/block.precomputed`);
  await page.getByRole('button', { name: 'Look' }).click();
  await expect(page.getByRole('alert')).toContainText('private network');
}

const bannerOf = (page: Page): ReturnType<Page['getByRole']> =>
  page.getByRole('status').filter({ hasText: 'Offline: showing what is cached' });

/** To level 1: level 0 of so small a volume was read when its grey values were counted, and is cached. */
async function zoomIn(page: Page): Promise<void> {
  for (let i = 0; i < 3; i++) await page.keyboard.press('+');
}

test('a server of this computer is asked for, and what was seen of it stays when it goes away', async () => {
  await withVolume(async (window) => {
    const { app, page, folder } = window;
    const server = new FolderServer(join(folder, 'served'));
    try {
      await lookAt(page, await server.up());
      await answerPrivate(app, false);
      await page.getByRole('button', { name: /^Allow http/ }).click();
      await expect(page.getByRole('alert')).toBeVisible();
      await answerPrivate(app, true);
      await page.getByRole('button', { name: /^Allow http/ }).click();
      await page.getByRole('button', { name: 'Add and view' }).click();
      await waitUntilAllIsHere(page);
      await server.down();
      await zoomIn(page);
      await expect(bannerOf(page)).toBeVisible({ timeout: 60_000 });
      await shoot(window, '21-offline');
      await shoot(window, 'check-offline-desktop', 'desktop');
      await page.keyboard.press('Home');
      await expect.poll(() => shadesIn(page, 'xy')).toBeGreaterThan(10);
      expect((await figuresOf(page)).blank).toBe(0);
      await zoomIn(page);
      await bannerOf(page).getByRole('button', { name: 'Try again' }).click();
      await expect(bannerOf(page)).toBeVisible();
      await server.up();
      await expect(bannerOf(page)).toBeHidden({ timeout: 60_000 });
      await waitUntilAllIsHere(page);
    } finally {
      await server.down();
    }
  }, serve);
});

test('without the server, what is cached pans and is annotated; once it answers, the banner goes by itself', async () => {
  await withVolume(async (window) => {
    const { app, page, folder, library, profile, problems } = window;
    const server = new FolderServer(join(folder, 'served'));
    const marks = page.getByRole('list', { name: 'Annotations' }).getByRole('button');
    try {
      await answerPrivate(app, true);
      await lookAt(page, await server.up());
      await page.getByRole('button', { name: /^Allow http/ }).click();
      await page.getByRole('button', { name: 'Add and view' }).click();
      await waitUntilAllIsHere(page);
      await server.down();
      await zoomIn(page);
      await expect(bannerOf(page)).toBeVisible({ timeout: 60_000 });
      await page.keyboard.press('Home');
      await page.keyboard.press('Control+6');
      for (const key of ['d', 'd', 's', 'PageDown', 'a', 'w', 'PageUp']) await page.keyboard.press(key);
      await expect.poll(() => shadesIn(page, 'xy')).toBeGreaterThan(10);
      await page.keyboard.press('p');
      await page.keyboard.press('Enter');
      await expect(marks).toHaveCount(1);
      await page.keyboard.press('Control+z');
      await expect(marks).toHaveCount(0);
      await page.keyboard.press('Control+Shift+z');
      await expect(marks).toHaveCount(1);
      await expect(bannerOf(page)).toBeVisible();
      expect((await figuresOf(page)).blank).toBe(0);
      await server.up();
      await expect(bannerOf(page)).toBeHidden({ timeout: 60_000 });
      expect(problems).toEqual([]);
    } finally {
      await server.down();
    }
    await app.close();
    const again = await startLamella({ args: ['--library', library.folder], profile });
    try {
      await again.page.keyboard.press('Control+6');
      await expect(again.page.getByRole('list', { name: 'Annotations' }).getByRole('button')).toHaveCount(1);
      await waitUntilDrawn(again.page);
      await expect.poll(() => shadesIn(again.page, 'xy')).toBeGreaterThan(10);
      expect((await figuresOf(again.page)).blank).toBe(0);
      await shoot(again, 'check-offline-again');
    } finally {
      await again.app.close();
    }
  }, serve);
});
