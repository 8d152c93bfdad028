// The whole job in the real window, as a scientist does it: from nothing to a receipt, and back after a restart.
// Every step leaves a picture.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LamellaWindow } from './lamella-window.ts';
import { shoot, startLamella, test } from './lamella-window.ts';
import { answerDialogs } from './dialogs.ts';
import { longestTaskMs, watchTasks } from './long-tasks.ts';
import { paneOf, shadesIn, waitUntilSharp } from './panes.ts';

test.setTimeout(240_000);

test('from the sample acquisition to a verified publication, with one restart', async () => {
  const out = mkdtempSync(join(tmpdir(), 'lamella-published-'));
  let window = await startLamella();
  try {
    await test.step('home, and the sample in one click', () => importSample(window));
    await test.step('review the flagged tiles by keys', () => reviewTiles(window));
    await test.step('stitch, with a window that answers', () => stitch(window));
    await test.step('fuse', () => fuse(window));
    await test.step('look', () => look(window));
    await test.step('annotate', () => annotate(window));
    await window.app.close();
    window = await startLamella({ profile: window.profile });
    await test.step('undo and redo after a restart', () => undoAfterRestart(window));
    await test.step('export the annotations', () => exportCsv(window, out));
    await test.step('publish', () => publish(window, join(out, 'dataset')));
    expect(window.problems).toEqual([]);
  } finally {
    await window.app.close();
    rmSync(window.profile, { recursive: true, force: true });
    rmSync(out, { recursive: true, force: true });
  }
});

async function importSample(window: LamellaWindow): Promise<void> {
  const { page } = window;
  await expect(page.getByText('None yet. Libraries that you open are listed here.')).toBeVisible();
  await shoot(window, '01-home');
  await page.getByRole('button', { name: /Try the sample acquisition/ }).click();
  await expect(page.getByRole('heading', { name: /sample/i })).toBeVisible();
  await shoot(window, '02-making-the-sample');
  await expect(page.getByRole('region', { name: 'Tiles' })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('2 flagged to look at')).toBeVisible();
}

async function reviewTiles(window: LamellaWindow): Promise<void> {
  const { page } = window;
  await page.keyboard.press('n');
  await expect(page.getByLabel('Why it is flagged')).toContainText('blank');
  await expect(page.getByRole('img', { name: /Thumbnail of/ })).toBeVisible();
  await shoot(window, '03-tile-board');
  await page.keyboard.press('x');
  await expect(page.getByText('1 flagged to look at')).toBeVisible();
  await page.keyboard.press('n');
  await expect(page.getByLabel('Why it is flagged')).toContainText('repeats the pixels');
  await page.keyboard.press('r');
  await expect(page.getByText('All flagged reviewed')).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('status').filter({ hasText: 'Undid' })).toBeVisible();
  await expect(page.getByText('1 flagged to look at')).toBeVisible();
  await page.keyboard.press('Control+Shift+z');
  await expect(page.getByText('All flagged reviewed')).toBeVisible();
  await page.getByLabel('Colour the tiles by').selectOption('Brightness');
  await shoot(window, '04-tile-board-by-brightness', 'desktop');
  await page.getByLabel('Colour the tiles by').selectOption('Verdict');
  await shoot(window, '05-tile-board-reviewed');
}

async function stitch(window: LamellaWindow): Promise<void> {
  const { page } = window;
  await page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: 'Assemble' }).click();
  await shoot(window, '06-before-stitching');
  await watchTasks(page);
  await page.getByRole('main').getByRole('button', { name: 'Stitch 94 tiles' }).click();
  // The window is used while the engine works: that is what the tasks are measured under.
  await useTheWindow(page);
  await expect(page.getByRole('region', { name: 'Result of the stitching' })).toBeVisible({ timeout: 60_000 });
  expect(await longestTaskMs(page)).toBeLessThan(200);
  await page.getByRole('listbox', { name: 'Links, worst first' }).getByRole('option').first().click();
  await shoot(window, '07-links');
  await shoot(window, '08-links-large', 'desktop');
}

async function useTheWindow(page: Page): Promise<void> {
  await page.keyboard.press('Control+j');
  await page.keyboard.press('Control+2');
  for (const key of ['n', 'ArrowRight', 'ArrowDown', 'PageDown', 'PageUp']) await page.keyboard.press(key);
  await page.keyboard.press('Control+3');
  await page.keyboard.press('Control+j');
}

async function fuse(window: LamellaWindow): Promise<void> {
  const { page } = window;
  await page.getByRole('button', { name: 'Fuse into a volume' }).click();
  await page.keyboard.press('Control+j');
  await shoot(window, '09-fusing');
  await page.getByRole('button', { name: 'View the fused volume' }).click({ timeout: 60_000 });
  await page.keyboard.press('Control+j');
}

async function look(window: LamellaWindow): Promise<void> {
  const { page } = window;
  await waitUntilSharp(page);
  for (const pane of ['xy', 'xz', 'yz', '3d'] as const)
    await expect.poll(() => shadesIn(page, pane)).toBeGreaterThan(10);
  await shoot(window, '10-view');
  await lookAtFigures(window);
  await overlaySections(window);
  const inspector = page.getByRole('complementary', { name: /inspector/ });
  await inspector.getByLabel('3-D panes show').selectOption('min');
  await paneOf(page, '3d').dblclick();
  // A window that gets another size is drawn anew, coarse at first.
  await shoot(window, 'check-view-3d', 'desktop');
  await waitUntilStill(page);
  await shoot(window, '11-view-3d', 'desktop');
  await inspector.getByLabel('3-D panes show').selectOption('translucent');
  await page.keyboard.press('Shift+s');
  await waitUntilStill(page);
  await shoot(window, '25-volume-rendering', 'desktop');
  await page.keyboard.press('Shift+s');
  await paneOf(page, '3d').dblclick();
  await page.getByRole('radio', { name: 'XY', exact: true }).click();
  await waitUntilSharp(page);
  await shoot(window, '12-view-xy', 'desktop');
  await page.getByRole('radio', { name: 'Four' }).click();
}

async function lookAtFigures(window: LamellaWindow): Promise<void> {
  const { page } = window;
  await page.keyboard.press('Control+e');
  const figure = page.getByRole('dialog', { name: 'Export a figure' });
  await expect(figure).toBeVisible();
  await shoot(window, '27-figure');
  await figure.getByRole('button', { name: 'Close' }).click();
}

/** Lays a section over the next one, and takes that back. */
async function overlaySections(window: LamellaWindow): Promise<void> {
  const { page } = window;
  const layers = page.getByRole('list', { name: 'Layers' });
  await expect(layers.locator('.layer-name')).toHaveCount(2);
  await layers
    .getByRole('button', { name: /: more$/ })
    .last()
    .click();
  await page.getByRole('menuitem', { name: /Overlay the next section/ }).click();
  await expect(layers.locator('.layer-name')).toHaveCount(3);
  await page.getByRole('radio', { name: 'XY', exact: true }).click();
  await waitUntilSharp(page);
  await shoot(window, '24-layers');
  await page.getByRole('radio', { name: 'Four' }).click();
  await paneOf(page, 'xy').focus();
  await page.keyboard.press('Control+Alt+z');
  await page.getByRole('region', { name: 'Messages' }).getByRole('button', { name: 'Dismiss' }).last().click();
  await expect(layers.locator('.layer-name')).toHaveCount(2);
}

/** A projection sharpens strip by strip: it is done when it stays as it is. */
async function waitUntilStill(page: Page): Promise<void> {
  let before = '';
  await expect
    .poll(async () => {
      await page.waitForTimeout(1_000);
      const now = (await paneOf(page, '3d').screenshot()).toString('base64');
      const same = now === before;
      before = now;
      return same;
    })
    .toBe(true);
}

async function annotate(window: LamellaWindow): Promise<void> {
  const { page } = window;
  await page.keyboard.press('Control+6');
  await page.keyboard.press('p');
  await paneOf(page, 'xy').click({ position: { x: 200, y: 120 } });
  await page.getByLabel('Name', { exact: true }).fill('synapse 1');
  await page.getByLabel('Note').fill('clear vesicles on the left side');
  await paneOf(page, 'xy').focus();
  await page.keyboard.press('l');
  await paneOf(page, 'xy').click({ position: { x: 180, y: 90 } });
  await paneOf(page, 'xy').click({ position: { x: 380, y: 200 } });
  await expect(page.getByRole('list', { name: 'Annotations' }).getByRole('button')).toHaveCount(2);
  await page.keyboard.press('Escape');
  await expect(
    page.getByRole('list', { name: 'Annotations' }).getByRole('button', { name: /synapse 1/ }),
  ).toBeVisible();
  await waitUntilSharp(page);
  await shoot(window, '13-annotate');
}

async function undoAfterRestart({ page }: LamellaWindow): Promise<void> {
  const list = page.getByRole('list', { name: 'Annotations' }).getByRole('button');
  await expect(page.getByRole('main', { name: 'Annotate' })).toBeVisible();
  await expect(list).toHaveCount(2);
  await page.keyboard.press('Control+z');
  await expect(list).toHaveCount(1);
  await expect(page.getByRole('status').filter({ hasText: 'Undid' })).toBeVisible();
  await page.keyboard.press('Control+Shift+z');
  await expect(list).toHaveCount(2);
  await list.filter({ hasText: 'synapse 1' }).click();
  await expect(page.getByLabel('Note')).toHaveValue('clear vesicles on the left side');
}

async function exportCsv({ app, page }: LamellaWindow, out: string): Promise<void> {
  const file = join(out, 'annotations.csv');
  await answerDialogs(app, file);
  await page.getByRole('button', { name: 'Export CSV…' }).click();
  await expect(page.getByText('Wrote annotations.csv: 2 annotations')).toBeVisible();
  expect(readFileSync(file, 'utf8')).toContain('synapse 1');
}

async function publish(window: LamellaWindow, folder: string): Promise<void> {
  const { app, page } = window;
  await page.keyboard.press('Control+8');
  await page.getByRole('button', { name: 'Next: format' }).click();
  await page.getByRole('button', { name: 'Next: metadata' }).click();
  await page.getByRole('button', { name: 'Next: folder' }).click();
  await expect(page.getByText('a title is needed')).toBeVisible();
  await page.getByLabel('ORCID (optional)').fill('0000-0002-1825-0098');
  await expect(page.getByText('the last digit of the ORCID does not fit the others')).toBeVisible();
  await shoot(window, '14-metadata-with-problems');
  await page.getByLabel('ORCID (optional)').fill('0000-0002-1825-0097');
  await page.getByLabel('Title').fill('EM-like sample block');
  await page.getByLabel('Name of creator 1').fill('Doe, Jane');
  await page.getByLabel('Species').fill('Mus musculus');
  await page.getByRole('button', { name: 'Next: folder' }).click();
  await answerDialogs(app, folder);
  await page.getByRole('button', { name: 'Choose a folder…' }).click();
  await page.getByRole('button', { name: 'Next: dry run' }).click();
  await expect(page.getByRole('button', { name: /^Publish \d+ parts/ })).toBeVisible();
  expect(existsSync(join(folder, 'manifest.json'))).toBe(false);
  await shoot(window, '15-dry-run');
  await page.getByRole('button', { name: /^Publish \d+ parts/ }).click();
  const receipt = page.getByRole('article', { name: 'Receipt' });
  await expect(receipt).toBeVisible({ timeout: 60_000 });
  await expect(receipt).toContainText(/[0-9a-f]{64}/);
  await page.getByRole('button', { name: 'Verify again' }).click();
  await expect(page.getByText(/All \d+ parts are as they were published/)).toBeVisible();
  await shoot(window, '16-receipt');
  await page.keyboard.press('Control+1');
  await expect(page.getByText('1 publication, verified')).toBeVisible();
  await shoot(window, '17-home-with-a-library');
}
