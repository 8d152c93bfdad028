// Sessions of the same sections brought to one frame in Assemble: who fits how well, section by section.
import { expect } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CutSection } from '../engine/cut-sections.ts';
import { writeSession } from '../engine/imaged-sessions.ts';
import { lamella } from './fused-library.ts';
import { shoot, startLamella, test } from './lamella-window.ts';

/** Three days and EM; day 2 lacks a section and has a blank one. */
function makeLibrary(folder: string): string {
  const library = join(folder, 'library');
  const cut = (z: number, seed: number, more: Partial<CutSection> = {}): CutSection => {
    const shift = [9 * Math.sin(seed), 9 * Math.cos(3 * seed)] as const;
    return { z, seed, sidePx: 208, degrees: 3 * Math.sin(5 * seed), shift, bendPx: 2, ...more };
  };
  const stains = [
    ['DAPI', (grey: number) => grey],
    ['PSD95', (grey: number) => 255 - grey],
  ] as const;
  const days = [0, 1, 2].map((day) => ({
    name: `Day ${day + 1}`,
    pixelNm: 100,
    stains,
    sections: (day === 1 ? [0, 1, 3] : [0, 1, 2, 3]).map((z) => cut(z, 10 * day + z, { blank: day === 1 && z === 3 })),
  }));
  const em = {
    name: 'EM',
    pixelNm: 25,
    stains: [['EM', (grey: number) => 250 - 0.8 * grey]] as const,
    sections: [0, 1, 2, 3].map((z) => cut(z, 70 + z, { sidePx: 760, scale: 0.25 })),
  };
  for (const session of [em, ...days.toReversed()]) {
    const source = join(folder, session.name);
    writeSession(source, session);
    const voxel = `${session.pixelNm},${session.pixelNm},70`;
    const from = ['--source', source, '--layout', 'render:layout.json', '--voxel-size-nm', voxel];
    lamella('ingest', 'start', '--library', library, ...from, '--name', session.name);
  }
  return library;
}

test('sessions come to one frame, and each section of each is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-channels-'));
  const window = await startLamella({ args: ['--library', makeLibrary(folder)] });
  try {
    const { page } = window;
    await page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: 'Assemble' }).click();
    await page.getByRole('radiogroup', { name: 'Step' }).getByRole('radio', { name: 'Align' }).click();
    await page.getByRole('radiogroup', { name: 'What is aligned' }).getByRole('radio', { name: 'Sessions' }).click();
    await expect(page.getByRole('checkbox', { name: /EM/ })).toBeChecked();
    await shoot(window, 'check-sessions-form');
    await page.getByRole('button', { name: 'Bring 4 sessions together' }).click();
    const table = page.getByRole('grid', { name: 'How well each section of each session fits' });
    await expect(table).toBeVisible({ timeout: 60_000 });
    await expect(table.getByRole('row')).toHaveCount(5);
    await expect(table.getByRole('row', { name: /^Day 1/ })).toContainText('Frame');
    await expect(table.getByRole('row', { name: /^EM/ })).toContainText('Good');
    await expect(table.getByRole('row', { name: /^Day 2/ })).toContainText('Look at it');
    await expect(
      table.getByRole('button', { name: 'Day 2, section 2: missing, this session does not have it' }),
    ).toBeVisible();
    await table.getByRole('button', { name: /^Day 3, section 1:/ }).click();
    await expect(page.locator('.align-words')).toContainText(/blocks agree to .* px\); correlation/);
    await expect(table.getByRole('button', { pressed: true })).toHaveAttribute('aria-label', /^Day 3, section 1:/);
    await page.keyboard.press('ArrowRight');
    await expect(table.getByRole('button', { name: /^Day 3, section 2:/ })).toBeFocused();
    await expect(page.getByText('Sections in the frame')).toBeVisible();
    const toast = page.getByRole('button', { name: /^(Close|Dismiss)/ }).first();
    if (await toast.isVisible()) await toast.click();
    await page.mouse.move(5, 5);
    await shoot(window, 'sessions');
    expect(window.problems).toEqual([]);
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
});
