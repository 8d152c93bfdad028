// 3-D blocks in the window: from a folder of stacks to a volume that is looked at.
import { expect } from '@playwright/test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireBlocks } from '../engine/block-acquisition.ts';
import { answerDialogs } from './dialogs.ts';
import { seriousIn } from './screen-checks.ts';
import { shoot, test } from './lamella-window.ts';

let folder = '';

test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lamella-blocks-'));
  const grid = { rows: 3, columns: 3, sizeXyz: [96, 96, 48], overlap: 30, errorVox: 4 } as const;
  acquireBlocks(join(folder, 'brain'), { ...grid, seed: 8, channels: ['ch0', 'ch1'], blank: ['2/2'] });
});

test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('imports, stitches, fuses and shows a grid of blocks', async ({ lamella: window }) => {
  const { app, page } = window;
  await answerDialogs(app, join(folder, 'library'));
  await page.getByRole('button', { name: /Open or create a library/ }).click();
  await expect(page.getByRole('heading', { name: 'Import a folder of tiles' })).toBeVisible();
  await page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: 'Assemble' }).click();
  await page.getByRole('button', { name: 'Stitch 3-D blocks' }).click();
  await expect(page.getByRole('button', { name: 'Import 3-D blocks…' })).toBeVisible();
  // A folder that is brought to Acquire is offered as blocks, too.
  await answerDialogs(app, join(folder, 'brain'));
  await page.keyboard.press('Control+i');
  await shoot(window, 'check-blocks-offered');
  await page.getByRole('button', { name: 'Import as 3-D blocks' }).click();
  await expect(page.getByText('9 blocks, 2 channels')).toBeVisible();
  for (const [axis, nm] of [
    ['x', '500'],
    ['y', '500'],
    ['z', '1000'],
  ] as const) {
    await page.getByLabel(`Voxel along ${axis}, nm`).fill(nm);
    await page.getByLabel(`Voxel along ${axis}, nm`).blur();
  }
  await page.getByRole('button', { name: 'How the stage lies in the pictures' }).click();
  await page.getByLabel('Along x of the pictures lies').selectOption('stage y');
  await expect(page.getByText('Each axis of the stage must be used once.')).toBeVisible();
  await page.getByLabel('Along x of the pictures lies').selectOption('stage x');
  await shoot(window, 'check-blocks-import');
  await page.getByRole('button', { name: 'Import 9 blocks' }).click();
  await expect(page.getByRole('img', { name: 'Map of 9 blocks and 0 overlaps' })).toBeVisible();
  await page.getByRole('button', { name: 'Stitch 9 blocks' }).click();
  await expect(page.getByRole('img', { name: 'Map of 9 blocks and 12 overlaps' })).toBeVisible();
  await expect(page.getByText('Look at it')).toBeVisible();
  await expect(page.getByText(/1 block without a link, placed by the stage/).first()).toBeVisible();
  await shoot(window, 'blocks');
  await page.getByLabel('Write the places for').selectOption('BigStitcher, SpimData (XML)');
  await page.getByLabel('Write the places for').selectOption('TeraStitcher (XML)');
  await answerDialogs(app, join(folder, 'xml_merging.xml'));
  await page.getByRole('button', { name: 'Export…' }).click();
  await expect(page.getByText('Wrote xml_merging.xml: 9 blocks')).toBeVisible();
  expect(readFileSync(join(folder, 'xml_merging.xml'), 'utf8').match(/<Stack /g)).toHaveLength(9);
  expect(await seriousIn(page)).toEqual([]);
  await page.getByRole('button', { name: 'Fuse 9 blocks' }).click();
  await page.getByRole('button', { name: 'View the volume' }).click();
  await expect(page.getByRole('region', { name: /XY/ }).first()).toBeVisible();
  await page.waitForTimeout(1500);
  await shoot(window, 'check-blocks-view');
  expect(window.problems).toEqual([]);
});
