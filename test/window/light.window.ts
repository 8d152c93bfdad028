// Light in Assemble: a stitched stack is evened out, and says what became of it.
import { expect } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { copyFusedLibrary } from './fused-library.ts';
import { shoot, startLamella, test } from './lamella-window.ts';

test('the light of a stack is evened out, and seams, camera and sections are shown before and after', async () => {
  const { folder } = copyFusedLibrary(mkdtempSync(join(tmpdir(), 'lamella-light-')));
  const window = await startLamella({ args: ['--library', folder] });
  try {
    const { page } = window;
    await page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: 'Assemble' }).click();
    await page.getByRole('radiogroup', { name: 'Step' }).getByRole('radio', { name: 'Light' }).click();
    const begin = page.getByRole('button', { name: 'Even out the light' });
    for (const step of ['Flat field', 'Overlaps', 'Seams', 'Sections'])
      await page.getByRole('checkbox', { name: step }).uncheck();
    await expect(begin).toHaveAttribute('aria-disabled', 'true');
    for (const step of ['Flat field', 'Overlaps', 'Seams', 'Sections'])
      await page.getByRole('checkbox', { name: step }).check();
    await begin.click();
    const table = page.getByRole('table', { name: 'Light before and after' });
    await expect(table).toBeVisible({ timeout: 60_000 });
    for (const row of ['Step at a seam', 'Uneven camera', 'Section to section']) {
      const cells = await table.getByRole('row', { name: row }).getByRole('cell').allTextContents();
      const [before, after] = cells.map(Number.parseFloat);
      expect(after, row).toBeLessThan(before ?? 0);
    }
    await expect(page.getByRole('img', { name: /^Mean levels of sections 0 to 3/ })).toBeVisible();
    await shoot(window, 'light-step');
    // The report is of the version that is looked at: the first has none.
    const versions = page.getByRole('list').filter({ hasText: 'made of v1' });
    await versions.getByRole('button', { name: /^v1, translation/ }).click();
    await expect(table).toBeHidden();
    await versions.getByRole('button', { name: /^v2, light/ }).click();
    await expect(table).toBeVisible();
    expect(window.problems).toEqual([]);
  } finally {
    await window.app.close();
    for (const left of [dirname(folder), window.profile]) rmSync(left, { recursive: true, force: true });
  }
});
