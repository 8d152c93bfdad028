// Watching a folder in the window while a simulated microscope writes real files into it.
import { expect } from '@playwright/test';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Microscope } from '../engine/microscope.ts';
import { answerDialogs } from './dialogs.ts';
import { shoot, test } from './lamella-window.ts';
import { seriousIn, smallTargets } from './screen-checks.ts';

let folder = '';
test.beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'lamella-watching-'))));
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('watches an empty folder: tiles pop in, alarms say why, and the shift is reported', async ({
  lamella: window,
}) => {
  test.setTimeout(90_000);
  const { app, page } = window;
  const scope = new Microscope({ folder: join(folder, 'scope'), rows: 6, cols: 6, tilePx: 192, overlapPx: 56 });
  mkdirSync(join(folder, 'library'));
  await answerDialogs(app, join(folder, 'library'));
  await page.getByRole('button', { name: /Open or create a library/ }).click();
  await expect(page.getByRole('heading', { name: 'Import a folder of tiles' })).toBeVisible();
  await answerDialogs(app, join(folder, 'scope'));
  await page.getByRole('button', { name: 'Watch a folder…' }).click();
  await expect(page.getByText('holds no images yet.')).toBeVisible();
  await page.getByLabel('Overlap of neighbours, %').fill('29.1667');
  await page.getByRole('button', { name: 'Next: voxel size' }).click();
  await page.getByRole('button', { name: 'Next: check and import' }).click();
  await page.getByRole('button', { name: 'Watch the folder' }).click();
  const bar = page.getByRole('toolbar', { name: 'Watch' });
  await expect(bar).toContainText('none has come yet');
  const faults = { '3/2': { kind: 'defocus' }, '4/1': { kind: 'blank' }, '4/4': { kind: 'charging' } } as const;
  const shots = scope.shots();
  for (const shot of shots.slice(0, 30)) scope.write(shot, faults[`${shot.row}/${shot.col}` as keyof typeof faults]);
  await expect(bar).toContainText('30 tiles in 1 section', { timeout: 20_000 });
  await expect(page.getByRole('button', { name: '3 alarms' })).toBeVisible({ timeout: 20_000 });
  const alarms = page.getByRole('grid', { name: 'Alarms, newest first' }).or(page.getByLabel('Alarms, newest first'));
  await expect(alarms.first()).toContainText('Out of focus');
  await page.getByText('s0_r3_c2.png', { exact: true }).first().click();
  await expect(page.getByRole('toolbar', { name: 'Alarms' })).toContainText(
    /Out of focus: sharpness .* of the last \d+ tiles\. Focus, and take s0_r3_c2\.png again\./,
  );
  await expect(page.getByText('30 tiles · 1 section · 3 flagged')).toBeVisible();
  await shoot(window, 'acquire-watch');
  await shoot(window, 'check-acquire-watch-desktop', 'desktop');
  await shoot(window, 'check-acquire-watch');
  await page.getByRole('button', { name: 'Seen', exact: true }).click();
  await expect(page.getByRole('button', { name: '2 alarms' })).toBeVisible();
  expect(await seriousIn(page)).toEqual([]);
  expect(await smallTargets(page)).toEqual([]);
  await page.getByRole('button', { name: /^Limits of Brightness/ }).click();
  await page.getByLabel('Alarm above').fill('240');
  await page.getByRole('button', { name: 'Set these limits' }).click();
  await expect(page.getByRole('button', { name: /^Limits of Brightness/ })).toContainText('to 240');
  // Taken again while there is time.
  scope.write(shots.find(({ row, col }) => row === 4 && col === 1)!);
  for (const shot of shots.slice(30)) scope.write(shot);
  await expect(bar).toContainText('36 tiles', { timeout: 20_000 });
  await expect(page.getByText('Blank, over')).toBeVisible();
  await answerDialogs(app, join(folder, 'shift.html'));
  await page.getByRole('button', { name: 'Report…' }).click();
  await expect(page.getByText('Report written')).toBeVisible();
  expect(readFileSync(join(folder, 'shift.html'), 'utf8')).toContain('Shift report: scope');
  await answerDialogs(app, join(folder, 'shift.pdf'));
  await page.getByRole('button', { name: 'Report…' }).click();
  await expect.poll(() => existsSync(join(folder, 'shift.pdf')), { timeout: 20_000 }).toBe(true);
  expect(readFileSync(join(folder, 'shift.pdf')).subarray(0, 5).toString()).toBe('%PDF-');
  await page.getByRole('button', { name: 'End the watch' }).click();
  await expect(bar).toContainText('Ended');
  expect(existsSync(join(folder, 'scope', 's0_r0_c0.png'))).toBe(true);
  expect(window.problems).toEqual([]);
});
