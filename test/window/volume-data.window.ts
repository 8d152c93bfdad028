// The data of volumes as the window shows it: channels, times, coarse levels in their place, damage and changes.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drop } from './drop.ts';
import { waitUntilAllIsHere, waitUntilDrawn } from './figures.ts';
import type { FusedLibrary } from './fused-library.ts';
import { copyFusedLibrary, lamella } from './fused-library.ts';
import {
  channelGrey,
  channelNames,
  coarseGrey,
  shiftedSize,
  writeChannels,
  writeShiftedLevels,
} from './known-volumes.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { shoot, startLamella, test } from './lamella-window.ts';
import { greyLevels, paneOf } from './panes.ts';
import { convertTo } from './volume-files.ts';

/** Starts with a volume that was dropped and is looked at. */
async function withDropped(
  make: (library: FusedLibrary, folder: string) => string,
  use: (window: LamellaWindow & { readonly path: string }) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-data-'));
  const library = copyFusedLibrary(folder);
  const path = make(library, folder);
  const window = await startLamella({ args: ['--library', library.folder] });
  const { page } = window;
  try {
    await waitUntilDrawn(page);
    await goToVolumes(page);
    await drop(page, path);
    await page.getByRole('button', { name: 'Add and view' }).click();
    await waitUntilAllIsHere(page);
    await use({ ...window, path });
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
}

const goToVolumes = (page: Page): Promise<void> =>
  page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: 'Volumes' }).click();

async function type(page: Page, label: string, value: number): Promise<void> {
  const field = page.getByLabel(label, { exact: true });
  await field.fill(String(value));
  await field.press('Enter');
}

/** A row of pixels above the middle of the XY pane, clear of the cross-hair; and how wide the pane is. */
async function rowAbove(page: Page): Promise<{ readonly row: readonly number[]; readonly width: number }> {
  const { grey, width, height } = await greyLevels(page, 'xy');
  const at = Math.floor(height / 2) - 12;
  return { row: grey.slice(at * width, (at + 1) * width), width };
}

const message = (page: Page, text: string | RegExp): ReturnType<Page['getByText']> =>
  page.getByRole('region', { name: 'Messages' }).getByText(text);

const converted = (library: FusedLibrary, folder: string): string => {
  const [from, to] = [writeChannels(join(folder, 'as-04.ome.zarr')), join(folder, 'channels.ome.zarr')];
  lamella('volume', 'convert', '--library', library.folder, '--source', from, '--out', to, '--format', 'ome-zarr');
  return to;
};

test('each channel at each time shows its own voxels, and keeps its name through a conversion', async () => {
  await withDropped(converted, async (window) => {
    const { page, problems } = window;
    await expect(page.getByText('1 of 2', { exact: true })).toBeVisible();
    await type(page, 'Scale, nm per pixel', 50);
    const shows = async (channel: number, time: number): Promise<void> => {
      const x = 64 + 10;
      await expect
        .poll(async () => {
          const { row, width } = await rowAbove(page);
          return row[Math.floor(width / 2) + 20];
        })
        .toBe(channelGrey(channel, time, x));
    };
    const channels = page.getByRole('list', { name: 'Layers' });
    const nameOf = (name: string): ReturnType<Page['locator']> => channels.locator('.layer-name', { hasText: name });
    for (const name of channelNames) {
      await nameOf(name).click();
      await page.getByRole('button', { name: 'Colour #ffffff' }).click();
      await channels.getByRole('button', { name: `Hide ${name}`, exact: true }).click();
    }
    for (const [index, name] of channelNames.entries()) {
      await nameOf(name).click();
      await channels.getByRole('button', { name: `${name} alone` }).click();
      await type(page, 'Black', 0);
      await type(page, 'White', 255);
      await shows(index, 0);
    }
    await paneOf(page, 'xy').focus();
    await page.keyboard.press(']');
    await expect(page.getByText('2 of 2', { exact: true })).toBeVisible();
    await shows(2, 1);
    await page.keyboard.press('k');
    await expect(nameOf('DAPI')).toHaveAttribute('aria-current', 'true');
    await shows(0, 1);
    await page.keyboard.press('[');
    await shows(0, 0);
    await page.getByRole('slider', { name: 'Time' }).focus();
    await page.keyboard.press('ArrowRight');
    await shows(0, 1);
    await shoot(window, 'check-channels');
    expect(problems).toEqual([]);
  });
});

test('a coarse level is drawn where it says that it lies, half a voxel from the fine one', async () => {
  await withDropped(
    (_library, folder) => writeShiftedLevels(join(folder, 'shifted.ome.zarr')),
    async ({ page }) => {
      const [nmPerPx, x] = [19, 2503];
      for (const [label, value] of [
        ['Scale, nm per pixel', nmPerPx],
        ['x, nm', x],
        ['y, nm', 1200],
        ['Black', 0],
        ['White', 255],
      ] as const)
        await type(page, label, value);
      await waitUntilAllIsHere(page);
      await expect(page.getByLabel('Drawing', { exact: true })).toContainText('level 1');
      await expect.poll(() => columnsAmiss(page, { x, nmPerPx, originNm: -10 })).toEqual([]);
      // Were it drawn from the corner of the fine level, a quarter of the columns would differ.
      expect((await columnsAmiss(page, { x, nmPerPx, originNm: -5 })).length).toBeGreaterThan(30);
    },
  );
});

interface Placed {
  /** The middle of the pane, nm. */
  readonly x: number;
  readonly nmPerPx: number;
  /** Where the coarse level would begin. */
  readonly originNm: number;
}

/** The columns of the pane that are not as they would be from an origin; that nothing is compared counts as one. */
async function columnsAmiss(page: Page, { x, nmPerPx, originNm }: Placed): Promise<string[]> {
  const { row, width } = await rowAbove(page);
  const amiss: string[] = [];
  let compared = 0;
  for (let px = 0; px < width; px++) {
    const expected = greyAt(x + (px + 0.5 - width / 2) * nmPerPx, originNm);
    if (expected === null) continue;
    compared += 1;
    if (row[px] !== expected) amiss.push(`${px}: ${row[px]} for ${expected}`);
  }
  return compared > 100 ? amiss : [...amiss, 'nothing to compare'];
}

/** The grey that a coarse level from `originNm` on has at a place; null outside and at faces of voxels. */
function greyAt(nm: number, originNm: number): number | null {
  const column = (nm - originNm) / 20;
  const toFace = Math.abs(column - Math.round(column)) * 20;
  return column < 0 || column >= shiftedSize.x / 2 || toFace < 0.1 ? null : coarseGrey(Math.floor(column));
}

const asPrecomputed = (library: FusedLibrary, folder: string): string =>
  convertTo(library, join(folder, 'block.precomputed'), 'precomputed');

/** The finest chunk of a precomputed volume whose name comes first. */
function firstChunk(folder: string): { readonly key: string; readonly path: string } {
  const info = JSON.parse(readFileSync(join(folder, 'info'), 'utf8')) as { scales: Array<{ key: string }> };
  const scale = info.scales[0]?.key ?? '';
  const chunk = readdirSync(join(folder, scale)).toSorted()[0] ?? '';
  return { key: `${scale}/${chunk}`, path: join(folder, scale, chunk) };
}

test('an audit names the chunk that is damaged', async () => {
  await withDropped(asPrecomputed, async (window) => {
    const { page, path } = window;
    await goToVolumes(page);
    const chunk = firstChunk(path);
    truncateSync(chunk.path, 100);
    await page.getByLabel(/^Decode each chunk too/).check();
    await page.getByRole('button', { name: 'Audit chunks' }).click();
    await expect(page.getByText('1 damaged', { exact: true })).toBeVisible();
    await expect(page.getByRole('list', { name: 'Problems' })).toContainText(chunk.key);
    await shoot(window, '23-audit');
  });
});

test('a volume that changed is noticed when asked for, and the cache is emptied', async () => {
  await withDropped(asPrecomputed, async ({ page, path }) => {
    await goToVolumes(page);
    await page.getByRole('button', { name: 'Check for changes' }).click();
    await expect(message(page, /is as it was/)).toBeVisible();
    const chunk = firstChunk(path);
    writeFileSync(chunk.path, new Uint8Array(readFileSync(chunk.path).length).fill(7));
    await page.getByRole('button', { name: 'Check for changes' }).click();
    await expect(message(page, /has changed/)).toBeVisible();
    await page.getByText('Change', { exact: true }).click();
    const empty = page.getByRole('button', { name: 'Empty the cache' });
    await page.getByRole('button', { name: 'Open in View' }).click();
    await waitUntilAllIsHere(page);
    await goToVolumes(page);
    await page.getByText('Change', { exact: true }).click();
    await expect(empty).toBeEnabled();
    await empty.click();
    await expect(page.getByText(/^0 parts of volumes/)).toBeVisible();
    await page.getByRole('button', { name: 'Open in View' }).click();
    await waitUntilAllIsHere(page);
  });
});
