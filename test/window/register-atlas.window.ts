// From a brain and an atlas to regions in that brain, by what the window offers next at each step.
import { expect } from '@playwright/test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bent, photograph, regions } from '../engine/bent-brain.ts';
import { answerDialogs } from './dialogs.ts';
import { waitUntilAllIsHere } from './figures.ts';
import { type LamellaWindow, shoot, startLamella, test } from './lamella-window.ts';
import { checkScreen, goToRegister, step } from './register-room.ts';
import { libraryOf } from './view-library.ts';

/** Labels count from 1, in the order of the regions. */
function tableIn(folder: string): string {
  const path = join(folder, 'regions.csv');
  writeFileSync(path, ['id,name', ...regions.map((_, i) => `${i + 1},Region ${i + 1}`)].join('\n'));
  return path;
}

/** By the room's own button. A table that is none is told, and what else was chosen is there still. */
async function importAtlas({ app, page }: LamellaWindow, parts: readonly string[]): Promise<void> {
  await page.getByRole('button', { name: 'Import an atlas…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import an atlas' });
  await dialog.getByRole('radio', { name: 'An annotation and its table' }).click();
  await expect(dialog).toContainText('Choose the annotation first');
  const choose = async (path: string, at: number): Promise<void> => {
    await answerDialogs(app, path);
    await dialog.getByRole('button', { name: 'File…' }).nth(at).click();
  };
  for (const [at, path] of [parts[0], parts[2], parts[2]].entries()) await choose(path ?? '', at);
  await dialog.getByLabel('Where x, y and z begin').fill('asl');
  await expect(dialog).toContainText('begin at the front, top, left');
  await dialog.getByLabel('Name', { exact: true }).fill('Made up');
  await checkScreen(page);
  await dialog.getByRole('button', { name: 'Import' }).click();
  await expect(page.getByText("can't be taken as a tree of regions")).toBeVisible();
  const jobs = page.getByRole('contentinfo').getByRole('button', { name: /^Jobs Failed: / });
  await jobs.click();
  await expect(page.getByRole('region', { name: 'Jobs' }).getByText('Failed', { exact: true })).toBeInViewport();
  await jobs.click();
  await page.getByRole('button', { name: 'Import an atlas…' }).click();
  await expect(dialog.getByLabel('Where x, y and z begin')).toHaveValue('asl');
  await choose(parts[1] ?? '', 1);
  await dialog.getByRole('button', { name: 'Import' }).click();
}

test('a brain that was there first is laid over the atlas, and its own tissue has regions', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-register-atlas-'));
  const atlas = photograph(folder, 'template', (place) => place);
  const brain = photograph(folder, 'brain', bent);
  const { library } = await libraryOf(folder, [brain.image]);
  const window = await startLamella({ args: ['--library', library] });
  const { page } = window;
  try {
    await goToRegister(page);
    await expect(page.getByText('One more volume is needed')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Import an atlas…' })).toBeVisible();
    await checkScreen(page);
    await importAtlas(window, [atlas.labelFile, tableIn(folder), atlas.image]);
    // The brain was taken first, as there was nothing else; the atlas stays all the same.
    const fixed = page.getByRole('region', { name: 'Fixed volume' });
    await expect(fixed.getByText('Made up, template')).toBeVisible({ timeout: 20_000 });
    await expect(page.getByRole('region', { name: 'Moving volume' }).getByText('brain')).toBeVisible();

    await page.getByRole('button', { name: 'Next: orient' }).click();
    await page.getByRole('button', { name: 'Find how it lies' }).click();
    const next = page.getByRole('button', { name: 'Next: bend it to fit' });
    await expect(next).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText('front, top, left')).toBeVisible();
    await checkScreen(page);
    await next.click();
    await expect(page.getByRole('button', { name: 'Bend it to fit', exact: true })).toBeVisible();

    await step(page, 'Use').click();
    await page.getByRole('button', { name: 'See the regions over brain' }).click();
    await waitUntilAllIsHere(page);
    const tree = page.getByRole('tree', { name: 'Regions of Made up' });
    await expect(page.getByLabel('Region at the cross-hair')).toContainText('Region');
    await expect(tree).toBeVisible();
    await shoot(window, 'check-register-regions');
    const warped = page.getByRole('button', { name: 'Hide Made up, warped', exact: true });
    await expect(warped).toHaveCount(1);

    // Once more: what was made is there still.
    await goToRegister(page);
    await page.getByRole('button', { name: 'See the regions over brain' }).click();
    await expect(tree).toBeVisible();
    await expect(warped).toHaveCount(1);

    await goToRegister(page);
    await page.getByRole('button', { name: 'Measure brain by region…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Measure by region' });
    await expect(dialog.getByLabel('What')).toContainText('Grey levels of brain');
    await checkScreen(page);
    await dialog.getByRole('button', { name: 'Measure' }).click();
    await expect(page.getByRole('region', { name: 'Results by region' }).getByRole('table')).toBeVisible();
    expect(window.problems).toEqual([]);
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
});
