// One registry: what the palette, the keys, the cheat sheet and the native menu offer is the same set of actions.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { test } from './lamella-window.ts';

const option = (page: Page, name: string | RegExp) =>
  page.getByRole('listbox', { name: 'Commands' }).getByRole('option', { name });

async function openPalette(page: Page, keys: string): Promise<void> {
  await page.keyboard.press(keys);
  await expect(page.getByRole('combobox', { name: 'Command' })).toBeFocused();
}

test('the palette opens on each of its keys, finds by a few letters and runs', async ({
  lamella: { page, problems },
}) => {
  for (const keys of ['F1', 'Control+Shift+P', 'Control+k']) {
    await openPalette(page, keys);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('combobox', { name: 'Command' })).toBeHidden();
  }
  await openPalette(page, 'F1');
  await page.keyboard.type('gopub');
  await expect(option(page, /Go to Publish/).first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main', { name: 'Publish' })).toBeVisible();
  expect(problems).toEqual([]);
});

test('the palette says why a command cannot be run', async ({ lamella: { page } }) => {
  await openPalette(page, 'F1');
  await page.keyboard.type('stitch the tiles');
  await expect(option(page, /Stitch the tiles/).first()).toContainText('Open a library first');
  await expect(option(page, /Stitch the tiles/).first()).toHaveAttribute('aria-disabled', 'true');
});

test('the native menu, the palette and the cheat sheet have the same actions', async ({ lamella: { app, page } }) => {
  const menuTitles = await expect
    .poll(async () => {
      const titles = await app.evaluate(({ Menu }) =>
        (Menu.getApplicationMenu()?.items ?? []).flatMap(({ submenu }) =>
          (submenu?.items ?? []).filter(({ role, type }) => !role && type !== 'separator').map(({ label }) => label),
        ),
      );
      return titles.length;
    })
    .toBeGreaterThan(20)
    .then(() =>
      app.evaluate(({ Menu }) =>
        (Menu.getApplicationMenu()?.items ?? []).flatMap(({ submenu }) =>
          (submenu?.items ?? []).filter(({ role, type }) => !role && type !== 'separator').map(({ label }) => label),
        ),
      ),
    );
  await openPalette(page, 'F1');
  const inPalette = await page
    .getByRole('listbox', { name: 'Commands' })
    .getByRole('option')
    .locator('span:first-child')
    .allTextContents();
  expect(menuTitles.filter((title) => !inPalette.includes(title))).toEqual([]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(sheet).toBeVisible();
  for (const title of ['Undo', 'Go to Acquire', 'Accept the tile', 'Take the point tool'])
    await expect(sheet.getByText(title, { exact: true }).first()).toBeVisible();
});

test('the native menu runs an action', async ({ lamella: { app, page } }) => {
  await expect
    .poll(() =>
      app.evaluate(
        ({ Menu }) => Menu.getApplicationMenu()?.items.find(({ label }) => label === 'Go')?.submenu?.items.length ?? 0,
      ),
    )
    .toBeGreaterThan(5);
  await app.evaluate(({ Menu }) => {
    const go = Menu.getApplicationMenu()?.items.find(({ label }) => label === 'Go');
    go?.submenu?.items.find(({ label }) => label === 'Go to View')?.click();
  });
  await expect(page.getByRole('main', { name: 'View' })).toBeVisible();
});

test('bare keys do not act while something is typed', async ({ lamella: { page } }) => {
  await openPalette(page, 'F1');
  await page.keyboard.type('?n');
  await expect(page.getByRole('combobox', { name: 'Command' })).toHaveValue('?n');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeHidden();
});
