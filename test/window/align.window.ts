// Sections aligned in Assemble: a blank one, one upside down and a gap are named, and each pair is shown before and after.
import { expect } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CutSection, writeSections } from '../engine/cut-sections.ts';
import { lamella } from './fused-library.ts';
import { seriousIn } from './screen-checks.ts';
import { shoot, startLamella, test } from './lamella-window.ts';

const spread = (z: number, k: number): number => ((z * 37 + k * 61) % 41) / 20 - 1;

/** Turned, moved and bent sections: 5 and 6 are lost, 3 lies upside down, 9 is blank. */
function makeLibrary(folder: string): string {
  const source = join(folder, 'sections');
  const library = join(folder, 'library');
  const sections = [0, 1, 2, 3, 4, 7, 8, 9, 10].map((z): CutSection => ({
    z,
    sidePx: 224,
    degrees: 20 * spread(z, 0),
    shift: [8 * spread(z, 1), 8 * spread(z, 2)],
    bendPx: 4,
    upsideDown: z === 3,
    blank: z === 9,
  }));
  writeSections(source, sections);
  const from = ['--source', source, '--layout', `tiles:${join(source, 'TileConfiguration.txt')}`];
  const { dataset } = lamella('ingest', 'start', '--library', library, ...from, '--name', 'Cut sections');
  const inDataset = ['--library', library, '--dataset', String(dataset)];
  const { tiles } = lamella('tile', 'list', ...inDataset) as { tiles: { id: number; section: number }[] };
  const blank = tiles.find(({ section }) => section === 9);
  lamella('tile', 'review', ...inDataset, '--tiles', String(blank?.id), '--review', 'accepted');
  return library;
}

test('sections are aligned, and what to know of them is said along z', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-align-'));
  const window = await startLamella({ args: ['--library', makeLibrary(folder)] });
  try {
    const { page } = window;
    await page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: 'Assemble' }).click();
    await page.getByRole('radiogroup', { name: 'Step' }).getByRole('radio', { name: 'Align' }).click();
    await expect(page.getByRole('radio', { name: 'Elastic' })).toBeChecked();
    await expect(page.getByText('Starts where the stage put the tiles')).toBeVisible();
    await page.getByRole('button', { name: 'Advanced' }).click();
    await expect(page.getByRole('checkbox', { name: /Keep tilted tissue tilted/ })).toBeChecked();
    await page.getByRole('checkbox', { name: /Set the search radius/ }).check();
    await page.getByLabel('Search radius, px').fill('24');
    await page.keyboard.press('Tab');
    await shoot(window, 'check-align-form');
    await page.getByRole('button', { name: 'Align 9 sections' }).click();
    const strip = page.getByRole('listbox', { name: 'How well each section fits the next, along z' });
    await expect(strip).toBeVisible({ timeout: 60_000 });
    await expect(strip.getByRole('option')).toHaveCount(8);

    const notes = page.getByRole('list', { name: 'What to know of these sections' });
    await expect(notes).toContainText('2 sections missing between 4 and 7, bridged');
    await expect(notes).toContainText('Section 3 lay upside down and was turned over');
    await expect(notes).toContainText('Section 9 matches no other');
    await expect(page.getByRole('list', { name: 'Why' })).toContainText('section 9 matches no other');

    const first = strip.getByRole('option').first();
    const words =
      /Sections 0 and 1: correlation (−?[\d.]+) before, ([\d.]+) now; blocks lay ([\d.]+) px apart, now ([\d.]+) px/;
    const [, before, after, moved, apart] = words.exec((await first.getAttribute('aria-label')) ?? '') ?? [];
    expect(Number(after)).toBeGreaterThan(Number(before?.replace('−', '-')) + 0.2);
    expect(Number(apart)).toBeLessThan(Math.min(2, Number(moved) / 4));
    await first.click();
    await page.keyboard.press('ArrowRight');
    await expect(strip.getByRole('option', { name: /^Sections 1 and 2:/ })).toBeFocused();
    await expect(page.locator('.align-words')).toContainText('Sections 1 and 2:');
    await strip.getByRole('option', { name: /^Sections 4 and 7:/ }).hover();
    await expect(page.locator('.align-words')).toContainText('2 sections missing between 4 and 7, bridged');
    await notes.getByRole('button', { name: /Section 3/ }).click();
    await expect(strip.getByRole('option', { selected: true })).toHaveAttribute('aria-label', /and 3:/);
    await shoot(window, 'align');

    // One version: sections lie over each other, and [ and ] go through them.
    const pair = page.getByRole('slider', { name: 'Slider between section 2 and section 3' });
    await expect(pair).toBeVisible();
    await page.keyboard.press(']');
    await expect(page.getByRole('slider', { name: 'Slider between section 3 and section 4' })).toBeVisible();
    await page.keyboard.press('[');
    await expect(pair).toBeVisible();
    await expect(strip.getByRole('option', { selected: true })).toHaveAttribute('aria-label', /and 3:/);
    await page.getByRole('radio', { name: 'Difference' }).click();
    const difference = page.getByText(/^In view, grey levels differ by/);
    await expect(difference).toBeVisible();
    const mean = Number(/by ([\d.]+) on average/.exec((await difference.textContent()) ?? '')?.[1]);
    expect(mean).toBeGreaterThan(0);
    expect(await seriousIn(page)).toEqual([]);
    await page.getByRole('radio', { name: 'Slide' }).click();

    await page.getByRole('radio', { name: 'Rigid' }).check();
    await page.getByRole('button', { name: 'Align 9 sections' }).click();
    await expect(page.getByText('Version 2, rigid')).toBeVisible({ timeout: 60_000 });
    await page.getByRole('radio', { name: 'Versions' }).click();
    await expect(page.getByRole('slider', { name: 'Slider between v1 and v2' })).toBeVisible();
    await expect(strip.getByRole('option')).toHaveCount(8);
    await shoot(window, 'check-align-versions');
    expect(window.problems).toEqual([]);
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
});
