// View with keys alone: no pointer is moved. What a drag does, keys do.
import type { Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { answerDialogs } from './dialogs.ts';
import { waitUntilAllIsHere } from './figures.ts';
import { test } from './lamella-window.ts';
import { paneOf } from './panes.ts';
import { runCommand, screenNamed, showScreen, withRich } from './rich-window.ts';

/** Presses Tab, or Shift+Tab, until something has the focus: what can't be reached so fails. */
async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await expect(target).toBeVisible();
  for (let i = 0; i < 150; i++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`no way to ${String(target)} by ${key}`);
}

async function press(page: Page, keys: string, times = 1): Promise<void> {
  for (let i = 0; i < times; i++) await page.keyboard.press(keys);
}

const inspectorOf = (page: Page): Locator => page.getByRole('complementary', { name: /inspector/ });
const layersOf = (page: Page): Promise<readonly string[]> =>
  page
    .getByRole('list', { name: 'Layers' })
    .locator('.layer-name .truncate')
    .allTextContents()
    .then((names) => names.map((name) => name.trim()));
const layer = (page: Page, name: string): Locator =>
  page.getByRole('list', { name: 'Layers' }).locator('.layer-name', { hasText: name });
const field = (page: Page, label: string): Locator => page.getByLabel(label, { exact: true });

test('layers are added, chosen, put in order, hidden, removed and brought back by keys', async () => {
  await withRich(async (window) => {
    const { page, rich } = window;
    await showScreen(window, screenNamed(rich, 'image'));
    await press(page, 'Control+1');
    await press(page, 'Control+5');
    await expect(page.getByRole('main', { name: 'View' })).toBeVisible();
    const add = page.getByRole('region', { name: 'Layers' }).getByRole('button', { name: 'Add' });
    await tabTo(page, add);
    await press(page, 'Enter');
    await page.keyboard.type('segments');
    await press(page, 'Enter');
    await expect.poll(async () => (await layersOf(page)).length).toBe(2);
    expect((await layersOf(page))[0]).toBe('segments');

    await tabTo(page, layer(page, 'segments'));
    await press(page, 'ArrowDown');
    await expect(layer(page, rich.image.name)).toBeFocused();
    await press(page, 'Alt+ArrowUp');
    await expect.poll(async () => (await layersOf(page))[0]).toBe(rich.image.name);
    await press(page, 'v');
    await expect(page.getByRole('button', { name: `Show ${rich.image.name}` })).toBeVisible();
    await press(page, 'v');
    await press(page, 'Delete');
    await expect.poll(() => layersOf(page)).toEqual(['segments']);
    await press(page, 'Control+Alt+z');
    await expect.poll(async () => (await layersOf(page)).length).toBe(2);
  });
});

test('contrast, blend, colour map, 3-D mode and curve of opacity are set by keys', async () => {
  await withRich(async (window) => {
    const { page, rich } = window;
    await showScreen(window, screenNamed(rich, 'channels'));
    const inspector = inspectorOf(page);
    await tabTo(page, layer(page, 'Cy5').first());
    await tabTo(page, inspector.getByLabel('Blend'));
    await page.keyboard.type('Max');
    await expect(inspector.getByLabel('Blend')).toHaveValue('max');
    await tabTo(page, page.getByRole('slider', { name: 'Black level' }));
    const black = field(page, 'Black');
    const before = Number(await black.inputValue());
    await press(page, 'ArrowRight', 3);
    await expect.poll(async () => Number(await black.inputValue())).toBeGreaterThan(before);
    await tabTo(page, field(page, 'White'));
    await press(page, 'Control+a');
    await page.keyboard.type('180');
    await press(page, 'Enter');
    await expect(field(page, 'White')).toHaveValue('180');
    await tabTo(page, inspector.getByRole('button', { name: /^Colour map/ }));
    await press(page, 'Enter');
    await page.keyboard.type('viridis');
    await press(page, 'Enter');
    await expect(inspector.getByRole('button', { name: /Colour map: viridis/i })).toBeVisible();
    await tabTo(page, inspector.getByLabel('3-D panes show'));
    await page.keyboard.type('Trans');
    await expect(inspector.getByLabel('3-D panes show')).toHaveValue('translucent');
    await tabTo(page, inspector.getByRole('button', { name: /^Point 2 of 3/ }));
    await press(page, 'Shift+ArrowUp');
    await expect(inspector.getByRole('button', { name: /^Point 2 of 3: grey 25 %, opacity 10 %/ })).toBeFocused();
    await press(page, 'Insert');
    await expect(inspector.getByRole('button', { name: /^Point \d of 4/ })).toHaveCount(4);
    await press(page, 'Delete');
    await expect(inspector.getByRole('button', { name: /^Point \d of 3/ })).toHaveCount(3);
  });
});

test('planes are tilted and straightened, places gone to and back, views kept, times played by keys', async () => {
  await withRich(async (window) => {
    const { page, rich } = window;
    await showScreen(window, screenNamed(rich, 'channels'));
    const pane = paneOf(page, 'xy');
    await tabTo(page, pane);
    await press(page, 'Shift+ArrowUp', 2);
    await expect(pane.locator('.pane-info')).toContainText('turned 10.0°');
    await press(page, 'q');
    await press(page, 'z');
    await expect(pane.locator('.pane-info')).toContainText('z 3 of 4');
    const x = field(page, 'x, nm');
    const start = await x.inputValue();
    await press(page, 'g');
    await page.keyboard.type('2 3 0.5 µm');
    await press(page, 'Enter');
    await expect(x).toHaveValue('2000');
    await expect(pane).toBeFocused();
    await press(page, 'Control+Shift+s');
    const kept = page.getByRole('button', { name: 'Show View 1' });
    await expect(kept).toBeVisible();
    await press(page, 'Alt+ArrowLeft');
    await expect(x).toHaveValue(start);
    await press(page, 'Alt+ArrowRight');
    await expect(x).toHaveValue('2000');
    await press(page, 'Alt+ArrowLeft');
    await tabTo(page, kept, 'Shift+Tab');
    await press(page, 'Enter');
    await expect(x).toHaveValue('2000');

    await tabTo(page, pane);
    const time = page.getByRole('slider', { name: 'Time' });
    await press(page, ']');
    await expect(time).toHaveAttribute('aria-valuetext', '2 of 2');
    await press(page, '[');
    await expect(time).toHaveAttribute('aria-valuetext', '1 of 2');
    // What takes no text leaves letters to the view, and keeps the keys that move in it.
    const boxes = page.locator('input[type="checkbox"]');
    for (const control of [page.getByRole('radio', { name: 'Four' }), time, boxes.first()]) {
      await control.focus();
      await press(page, ']');
      await expect(time).toHaveAttribute('aria-valuetext', '2 of 2');
      await press(page, '[');
      await expect(time).toHaveAttribute('aria-valuetext', '1 of 2');
      await expect(control).toBeFocused();
    }
    await time.focus();
    await press(page, 'ArrowRight');
    await expect(time).toHaveAttribute('aria-valuetext', '2 of 2');
    await expect(x).toHaveValue('2000');
    await press(page, 'ArrowLeft');
    await press(page, 'Shift+T');
    await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
    await press(page, 'Shift+T');
    await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  });
});

test('labels are chosen by id, 3-D panes turned, panes closed and figures cancelled by keys', async () => {
  await withRich(async (window) => {
    const { app, page, rich } = window;
    await showScreen(window, screenNamed(rich, 'labels'));
    const inspector = inspectorOf(page);
    const find = inspector.getByLabel('Find by id or name');
    await tabTo(page, find);
    await page.keyboard.type('77');
    await press(page, 'Enter');
    await expect(inspector.getByRole('button', { name: 'Deselect 77' })).toBeVisible();
    await tabTo(page, paneOf(page, '3d'), 'Shift+Tab');
    const turned = (): Promise<string | null> =>
      page.evaluate((id) => localStorage.getItem(`lamella.view.4.${id}`), rich.labels.id);
    const before = await turned();
    await press(page, 'ArrowLeft', 3);
    await press(page, '+');
    await expect.poll(turned).not.toBe(before);
    await waitUntilAllIsHere(page);
    await answerDialogs(app, 'nowhere.png');
    await press(page, 'Control+e');
    const dialog = page.getByRole('dialog', { name: 'Export a figure' });
    await expect(dialog).toBeVisible();
    await press(page, 'Escape');
    await expect(dialog).toBeHidden();
    await expect(paneOf(page, '3d')).toBeFocused();
    await runCommand(page, 'close the active pane');
    await expect(paneOf(page, '3d')).toHaveCount(0);
    await press(page, '4');
    await expect(paneOf(page, '3d')).toBeVisible();
  });
});
