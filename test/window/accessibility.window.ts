// Every screen, empty and full, through axe; and the main paths by keyboard alone.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyFusedLibrary } from './fused-library.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { shoot, startLamella, test } from './lamella-window.ts';
import { waitUntilSharp } from './panes.ts';
import { seriousIn, smallTargets } from './screen-checks.ts';

const rooms = ['Home', 'Acquire', 'Assemble', 'Volumes', 'View', 'Annotate', 'Register', 'Publish'] as const;

const goTo = (page: Page, room: string): Promise<void> =>
  page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: room }).click();

async function withLibrary(use: (window: LamellaWindow) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-axe-'));
  const window = await startLamella({ args: ['--library', copyFusedLibrary(folder).folder] });
  try {
    await use(window);
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
}

test('empty screens have no serious problem of accessibility', async ({ lamella: { page, problems } }) => {
  await expect(page.getByRole('heading', { name: 'Recent libraries' })).toBeVisible();
  for (const room of rooms) {
    await goTo(page, room);
    expect(await seriousIn(page), room).toEqual([]);
    expect(await smallTargets(page), room).toEqual([]);
  }
  expect(problems).toEqual([]);
});

test('screens full of data have no serious problem of accessibility, dark and light', async () => {
  await withLibrary(async (window) => {
    const { page } = window;
    await waitUntilSharp(page);
    for (const theme of ['dark', 'light']) {
      for (const room of rooms) {
        await goTo(page, room);
        if (room === 'Acquire') await page.keyboard.press('n');
        if (room === 'View') await waitUntilSharp(page);
        expect(await seriousIn(page), `${room}, ${theme}`).toEqual([]);
        expect(await smallTargets(page), `${room}, ${theme}`).toEqual([]);
        if (theme === 'light')
          await shoot(window, room === 'View' ? 'light-view' : `check-light-${room.toLowerCase()}`);
      }
      await page.keyboard.press('Control+j');
      expect(await seriousIn(page), `jobs, ${theme}`).toEqual([]);
      await page.keyboard.press('Control+j');
      await page.keyboard.press('F1');
      expect(await seriousIn(page), `palette, ${theme}`).toEqual([]);
      await page.getByRole('combobox', { name: 'Command' }).fill('dark and light');
      await page.keyboard.press('Enter');
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme === 'dark' ? 'light' : 'dark');
    }
    expect(window.problems).toEqual([]);
  });
});

test('text at 200 % is not cut off', async () => {
  await withLibrary(async (window) => {
    const { page } = window;
    await waitUntilSharp(page);
    await page.evaluate(() => document.documentElement.style.setProperty('font-size', '162.5%'));
    for (const room of rooms) {
      await goTo(page, room);
      if (room === 'Acquire') await page.keyboard.press('n');
      await shoot(window, `check-text-200-${room.toLowerCase()}`, 'desktop');
      // Words in buttons wrap or the button grows; they never run out of it.
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('button, label, h1, h2, h3, .badge')]
          .filter((element) => element.offsetParent !== null && getComputedStyle(element).textOverflow !== 'ellipsis')
          .filter(
            (element) =>
              element.scrollWidth > element.clientWidth + 2 && getComputedStyle(element).display !== 'inline',
          )
          .map((element) => `${element.tagName} ${element.textContent?.slice(0, 40)}`),
      );
      expect(cut, room).toEqual([]);
    }
  });
});

test('checks tiles, annotates and starts publishing by keyboard alone', async () => {
  await withLibrary(async ({ page }) => {
    await waitUntilSharp(page);
    await page.keyboard.press('Control+2');
    await expect(page.getByText(/flagged to look at/)).toBeVisible();
    await page.keyboard.press('n');
    await page.keyboard.press('a');
    await expect(page.getByRole('complementary', { name: 'Acquire: inspector' }).getByText('Accepted')).toBeVisible();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Control+6');
    await page.keyboard.press('p');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('list', { name: 'Annotations' }).getByRole('button')).toHaveCount(1);
    await page.keyboard.press('l');
    await page.keyboard.press('Enter');
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('list', { name: 'Annotations' }).getByRole('button')).toHaveCount(2);
    await page.keyboard.press('Delete');
    await expect(page.getByRole('list', { name: 'Annotations' }).getByRole('button')).toHaveCount(1);
    await page.keyboard.press('Control+8');
    for (const next of ['Next: format', 'Next: metadata']) {
      await page.getByRole('button', { name: next }).focus();
      await page.keyboard.press('Enter');
    }
    await expect(page.getByRole('form', { name: 'Metadata' })).toBeVisible();
  });
});
