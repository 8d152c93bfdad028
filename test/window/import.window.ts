// Importing what a user brings: good folders, folders with trouble in them, and folders let go over the window.
import { expect } from '@playwright/test';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerDialogs } from './dialogs.ts';
import { drop } from './drop.ts';
import { lamella } from './fused-library.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { shoot, startLamella, test } from './lamella-window.ts';

let folder = '';
let tiles = '';

test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lamella-import-'));
  tiles = join(folder, 'tiles');
  const sizes = ['--sections', '2', '--rows', '3', '--cols', '3', '--tile-px', '256'];
  lamella('sample', 'make', '--library', join(folder, 'maker'), '--out', tiles, ...sizes);
});

test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function openLibrary({ app, page }: LamellaWindow, name: string): Promise<void> {
  await answerDialogs(app, join(folder, name));
  await page.getByRole('button', { name: /Open or create a library/ }).click();
  await expect(page.getByRole('heading', { name: 'Import a folder of tiles' })).toBeVisible();
}

async function chooseFolder({ app, page }: LamellaWindow, path: string): Promise<void> {
  await answerDialogs(app, path);
  await page.keyboard.press('Control+i');
  await expect(page.getByRole('main', { name: 'Import a folder of tiles' })).toBeVisible();
}

test('imports by a typed pattern, counted while it is typed', async ({ lamella: window }) => {
  const { page } = window;
  await openLibrary(window, 'library 1');
  await chooseFolder(window, tiles);
  await expect(page.getByText(/18 tiles in 2 sections, none missing/).first()).toBeVisible();
  await shoot(window, 'import-layout');
  await page.getByLabel('A file-name pattern').check();
  await page.getByLabel('Pattern', { exact: true }).fill('s{z}_r{row}.png');
  await page.getByLabel('Pattern', { exact: true }).blur();
  await expect(page.getByText('The pattern has no {col}')).toBeVisible();
  await page.getByLabel('Pattern', { exact: true }).fill('x{z}_r{row}_c{col}.png');
  await expect(page.getByText('No file fits this pattern yet.')).toBeVisible();
  await page.getByLabel('Pattern', { exact: true }).fill('s{z}_r{row}_c{col}.png');
  await expect(page.getByText('Fits 18 tiles in 2 sections, none missing.')).toBeVisible();
  await page.getByRole('button', { name: 'Next: voxel size' }).click();
  await page.getByLabel('Section thickness (z), nm').fill('50');
  await page.getByRole('button', { name: 'Next: check and import' }).click();
  await page.getByRole('button', { name: 'Import 18 tiles' }).click();
  await expect(page.getByRole('region', { name: 'Tiles' })).toBeVisible();
  await expect(page.getByText('4 × 4 × 50 nm')).toBeVisible();
  expect(window.problems).toEqual([]);
});

test('says what is wrong with an empty folder, and what to do', async ({ lamella: window }) => {
  await openLibrary(window, 'library 2');
  await chooseFolder(window, join(folder, 'empty'));
  await expect(window.page.getByText('There are no PNG, TIFF or JPEG images in empty.')).toBeVisible();
  await expect(window.page.getByRole('button', { name: 'Choose another folder…' })).toBeVisible();
  await shoot(window, 'check-import-empty-folder');
});

test('a tile that is cut short is flagged by name and the rest goes on', async ({ lamella: window }) => {
  const { page } = window;
  const broken = join(folder, 'broken');
  mkdirSync(broken);
  const sizes = ['--sections', '1', '--rows', '2', '--cols', '2', '--tile-px', '256'];
  lamella('sample', 'make', '--library', join(folder, 'maker 2'), '--out', broken, ...sizes);
  const cut = join(broken, 's000_r01_c01.png');
  truncateSync(cut, Math.floor(readFileSync(cut).length / 2));
  await openLibrary(window, 'library 3');
  await chooseFolder(window, broken);
  await page.getByRole('button', { name: 'Next: voxel size' }).click();
  await page.getByRole('button', { name: 'Next: check and import' }).click();
  await page.getByRole('button', { name: 'Import 4 tiles' }).click();
  await page.getByText('List', { exact: true }).click();
  await page.getByRole('option', { name: /s000_r01_c01/ }).click();
  await expect(page.getByLabel('Why it is flagged')).toBeVisible();
  await shoot(window, 'check-import-with-a-broken-tile');
});

test('a folder let go over the window shows what would be imported', async ({ lamella: window }) => {
  const { page } = window;
  await expect(page.getByRole('heading', { name: 'Recent libraries' })).toBeVisible();
  await drop(page, tiles);
  await expect(page.getByText('holds 18 images')).toBeVisible();
  await page.getByRole('button', { name: 'Next: voxel size' }).click();
  await page.getByRole('button', { name: 'Next: check and import' }).click();
  await answerDialogs(window.app, join(folder, 'library 4'));
  await page.getByRole('button', { name: 'Choose a library and import 18 tiles…' }).click();
  await expect(page.getByRole('region', { name: 'Tiles' })).toBeVisible();
});

test('a folder of tiles chosen as a library is left alone and offered for import', async ({ lamella: window }) => {
  const { page } = window;
  await answerDialogs(window.app, tiles);
  await page.getByRole('button', { name: /Open or create a library/ }).click();
  await expect(page.getByText('tiles holds images, not a library')).toBeVisible();
  await expect(page.getByText('holds 18 images')).toBeVisible();
  expect(readdirSync(tiles).filter((name) => name.endsWith('.db'))).toEqual([]);
});

test('a library that is open elsewhere is refused in words, with a way out', async ({ lamella: window }) => {
  const { page } = window;
  const other = await startLamella({ args: ['--library', join(folder, 'library 5')] });
  try {
    await expect(other.page.getByRole('heading', { name: 'Import a folder of tiles' })).toBeVisible();
    await answerDialogs(window.app, join(folder, 'library 5'));
    await page.getByRole('button', { name: /Open or create a library/ }).click();
    const alert = page.getByRole('region', { name: 'Messages' }).getByRole('alert');
    await expect(alert).toBeVisible();
    await expect(alert.getByRole('button', { name: 'Copy details' })).toBeVisible();
    expect(await alert.textContent()).not.toMatch(/\bat \S+:\d+|Error:/);
    await shoot(window, 'check-error-library-in-use');
  } finally {
    await other.app.close();
    rmSync(other.profile, { recursive: true, force: true });
  }
});
