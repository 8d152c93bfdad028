// Seams of a stitching, and a layout that was read wrongly, mended in the window.
import { expect } from '@playwright/test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatTileConfiguration } from '../../main/engine/formats/tile-configuration.ts';
import { acquireTiles } from '../engine/acquisition.ts';
import { answerDialogs } from './dialogs.ts';
import { lamella } from './fused-library.ts';
import { seriousIn } from './screen-checks.ts';
import { shoot, startLamella, test } from './lamella-window.ts';

test('a snake is told before stitching and mended; then a seam is looked at in each way', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-seams-'));
  const source = join(folder, 'tiles');
  const library = join(folder, 'library');
  const tiles = acquireTiles(source, { rows: 4, cols: 4, tilePx: 256, overlapPx: 64, seed: 5 });
  const snake = tiles.map(({ name, row, stagePx: [x, yPx] }) => ({
    name,
    xPx: row % 2 === 1 ? 576 - x : x,
    yPx,
    section: 0,
  }));
  writeFileSync(join(source, 'TileConfiguration.txt'), formatTileConfiguration(3, snake));
  lamella('ingest', 'start', '--library', library, '--source', source, '--layout', 'tiles:TileConfiguration.txt');
  const window = await startLamella({ args: ['--library', library] });
  const { page } = window;
  try {
    await page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: 'Assemble' }).click();
    await page.getByRole('main').getByRole('button', { name: 'Stitch 16 tiles' }).click();
    const banner = page.getByRole('region', { name: /^Stitch the tiles/ }).getByRole('alert');
    await expect(banner).toContainText('every second row reversed', { timeout: 60_000 });
    await shoot(window, 'check-layout-refused');
    await banner.getByRole('button', { name: 'Show both readings' }).click();
    const report = page.getByRole('region', { name: 'What the check of the layout found' });
    await expect(report).toContainText('every second row reversed', { timeout: 60_000 });
    await expect(banner).toBeHidden();
    // As it fits, tile after tile goes on with the picture: neighbours' edges are alike, which as written they are not.
    await expect(report.getByRole('img', { name: /^16 tiles as the layout is written/ })).toBeVisible();
    await expect(report.getByRole('img', { name: /^16 tiles as their pictures fit/ })).toBeVisible();
    const rows = report.getByRole('table', { name: 'Readings that were tried' }).getByRole('row');
    await expect(rows.nth(1)).toContainText('every second row reversed');
    await expect(rows.filter({ hasText: 'as written' })).toHaveCount(1);
    expect(await seriousIn(page)).toEqual([]);
    await shoot(window, 'layout-check');
    await report.getByRole('button', { name: 'Import again in that order' }).click();
    await expect(report).toBeHidden({ timeout: 60_000 });
    await expect(page.getByText('Imported again in the order that fits')).toBeVisible();
    await page.getByRole('main').getByRole('button', { name: 'Stitch 16 tiles' }).click();
    await expect(page.getByRole('region', { name: 'Result of the stitching' })).toBeVisible({ timeout: 60_000 });
    // The worst is looked at first.
    const worst = page.getByRole('listbox', { name: 'Links, worst first' }).getByRole('option').first();
    await expect(worst).toHaveAttribute('aria-selected', 'true');
    const difference = page.getByRole('img', { name: 'Difference' });
    await expect(difference).toBeVisible();
    const greys = await difference.evaluate((canvas: HTMLCanvasElement) => {
      const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      const seen = [...data].filter((v, i) => i % 4 === 0 && v > 0);
      return seen.reduce((sum, v) => sum + Math.abs(v - 128), 0) / seen.length;
    });
    expect(greys).toBeGreaterThan(0.5);
    expect(greys).toBeLessThan(30);
    await shoot(window, '61-seam');
    await page.getByRole('radio', { name: 'Blend' }).click();
    await page.getByRole('slider', { name: 'Second tile' }).press('End');
    await shoot(window, '62-seam-blend', 'desktop');
    await page.getByRole('radio', { name: 'Checkerboard' }).click();
    await expect(page.getByRole('img', { name: / and / })).toBeVisible();
    await answerDialogs(window.app, join(folder, 'report.html'));
    await page.getByRole('button', { name: 'Write a report…' }).click();
    await expect(page.getByRole('status').filter({ hasText: 'Wrote report.html' })).toBeVisible();
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('Content-Security-Policy');
    // The console tells of nothing but what the engine refused, which is shown.
    expect(window.problems).toEqual([]);
  } finally {
    await window.app.close();
    for (const made of [folder, window.profile]) rmSync(made, { recursive: true, force: true });
  }
});
