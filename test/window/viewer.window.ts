// The panes against the data: what is on the screen is the voxels, at the right place and scale.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FusedLibrary } from './fused-library.ts';
import { copyFusedLibrary, lamella } from './fused-library.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { startLamella, test } from './lamella-window.ts';
import { greyLevels, paneOf, shadesIn, waitUntilSharp } from './panes.ts';

interface Viewed extends LamellaWindow {
  readonly library: FusedLibrary;
  readonly folder: string;
}

async function withVolume(
  use: (window: Viewed) => Promise<void>,
  before?: (library: FusedLibrary) => void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-viewer-'));
  const library = copyFusedLibrary(folder);
  before?.(library);
  const window = await startLamella({ args: ['--library', library.folder] });
  try {
    await waitUntilSharp(window.page);
    await use({ ...window, library, folder });
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
}

async function type(page: Page, label: string, value: number): Promise<void> {
  const field = page.getByLabel(label, { exact: true });
  await field.fill(String(value));
  await field.press('Enter');
}

/** Voxels of an uint8 .npy file, and its shape (z, y, x). */
function readNpy(file: string): { voxels: Uint8Array; shape: number[] } {
  const bytes = readFileSync(file);
  const headerLength = bytes.readUInt16LE(8);
  const shape = /'shape': \(([^)]*)\)/.exec(bytes.toString('latin1', 10, 10 + headerLength))?.[1] ?? '';
  return { voxels: bytes.subarray(10 + headerLength), shape: shape.split(',').filter(Boolean).map(Number) };
}

test('at full resolution every pixel is its voxel', async () => {
  const cut = join(mkdtempSync(join(tmpdir(), 'lamella-cut-')), 'section.npy');
  let origin: number[] = [];
  await withVolume(
    async ({ page }) => {
      const { voxels, shape } = readNpy(cut);
      const [, height = 0, width = 0] = shape;
      for (const [label, value] of [
        ['x, nm', (origin[0] ?? 0) * 4 + 2000],
        ['y, nm', (origin[1] ?? 0) * 4 + 2200],
        ['z, nm', 60],
        ['Scale, nm per pixel', 4],
        ['Black', 0],
        ['White', 255],
      ] as const)
        await type(page, label, value);
      await waitUntilSharp(page);
      await expect(page.getByLabel('Drawing', { exact: true })).toContainText('level 0');
      const drawn = await greyLevels(page, 'xy');
      const wrong: string[] = [];
      let compared = 0;
      for (let py = 0; py < drawn.height; py += 3) {
        for (let px = 0; px < drawn.width; px++) {
          const x = Math.floor((2000 + (px + 0.5 - drawn.width / 2) * 4) / 4);
          const y = Math.floor((2200 + (py + 0.5 - drawn.height / 2) * 4) / 4);
          if (x < 0 || y < 0 || x >= width || y >= height) continue;
          compared += 1;
          const [is, shouldBe] = [drawn.grey[py * drawn.width + px], voxels[y * width + x]];
          if (is !== shouldBe) wrong.push(`${x},${y}: ${is} for ${shouldBe}`);
        }
      }
      expect(compared).toBeGreaterThan(20_000);
      expect(wrong.slice(0, 5)).toEqual([]);
    },
    (library) => {
      const inVolume = ['--library', library.folder, '--volume', library.volume];
      const volume = lamella('view', 'volume', ...inVolume) as {
        originVoxel: number[];
        levels: Array<{ size: number[] }>;
      };
      origin = volume.originVoxel;
      const [w, h] = volume.levels[0]?.size ?? [];
      const cutout = ['--library', library.folder, '--source', library.volume];
      lamella('volume', 'cutout', ...cutout, '--box', `0:${w},0:${h},1:2`, '--level', '0', '--out', cut);
    },
  );
});

test('the wheel zooms at the pointer, and what is under it stays', async () => {
  await withVolume(async ({ page }) => {
    const pane = paneOf(page, 'xy');
    const at = { x: 240, y: 90 };
    const place = async (): Promise<number[]> => {
      const text = (await page.getByLabel('Position under the pointer').textContent()) ?? '';
      return [...text.replaceAll(/[\u2009\s](?=\d{3})/g, '').matchAll(/-?\d+/g)].map(Number).slice(0, 2);
    };
    await pane.hover({ position: at });
    const before = await place();
    await page.mouse.wheel(0, -400);
    await page.mouse.wheel(0, -400);
    await page.mouse.move(0, 0);
    await pane.hover({ position: at });
    const after = await place();
    for (const axis of [0, 1]) expect(Math.abs((after[axis] ?? 0) - (before[axis] ?? 0))).toBeLessThanOrEqual(14);
    await expect(page.getByLabel('Grey value')).toHaveText(/value \d+/);
  });
});

test('the scale bar is as long as it says, at twenty zooms', async () => {
  await withVolume(async ({ page }) => {
    for (let i = 0; i < 20; i++) {
      const nmPerPx = Number((0.5 * 1.45 ** i).toFixed(3));
      await type(page, 'Scale, nm per pixel', nmPerPx);
      const bar = paneOf(page, 'xz').locator('.bar-line');
      const lengthNm = Number(await bar.getAttribute('data-nm'));
      const width = (await bar.boundingBox())?.width ?? 0;
      expect(Math.abs(width - lengthNm / nmPerPx)).toBeLessThan(0.5);
      await expect(paneOf(page, 'xz').getByRole('img', { name: /Scale bar: [\d.]+ (nm|µm|mm)/ })).toBeVisible();
    }
  });
});

test('moves by keys and pointer, through sections, and centres the cross-hair', async () => {
  await withVolume(async ({ page }) => {
    const x = page.getByLabel('x, nm', { exact: true });
    const z = page.getByLabel('z, nm', { exact: true });
    const before = Number(await x.inputValue());
    await paneOf(page, 'xy').focus();
    await page.keyboard.press('d');
    await expect.poll(async () => Number(await x.inputValue())).toBeGreaterThan(before);
    await page.keyboard.press('a');
    await expect.poll(async () => Math.abs(Number(await x.inputValue()) - before)).toBeLessThanOrEqual(1);
    const section = Number(await z.inputValue());
    await page.keyboard.press('PageUp');
    await expect.poll(async () => Number(await z.inputValue())).toBe(section - 40);
    await paneOf(page, 'xy').hover();
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, 120);
    await page.keyboard.up('Control');
    await expect.poll(async () => Number(await z.inputValue())).toBe(section);
    await paneOf(page, 'xy').click({ position: { x: 100, y: 200 } });
    await expect.poll(async () => Number(await x.inputValue())).toBeLessThan(before);
    const box = await paneOf(page, 'xy').boundingBox();
    if (!box) throw new Error('the pane has no box');
    const dragged = Number(await x.inputValue());
    await page.mouse.move(box.x + 150, box.y + 150);
    await page.mouse.down();
    await page.mouse.move(box.x + 100, box.y + 150, { steps: 5 });
    await page.mouse.up();
    await expect.poll(async () => Number(await x.inputValue())).toBeGreaterThan(dragged);
  });
});

test('contrast, inversion and maximising change the picture', async () => {
  await withVolume(async ({ page }) => {
    const mean = async (): Promise<number> => {
      const { grey } = await greyLevels(page, 'xy');
      return grey.reduce((sum, value) => sum + value, 0) / grey.length;
    };
    const before = await mean();
    await page.getByLabel('Invert grey levels').check();
    await expect.poll(async () => Math.abs((await mean()) - before)).toBeGreaterThan(5);
    await page.getByLabel('Invert grey levels').uncheck();
    await page.getByRole('slider', { name: 'White level' }).focus();
    for (let i = 0; i < 5; i++) await page.keyboard.press('PageDown');
    await expect.poll(mean).toBeGreaterThan(before + 5);
    await page.getByRole('button', { name: 'Auto' }).click();
    await expect.poll(async () => Math.abs((await mean()) - before)).toBeLessThan(1);
    await paneOf(page, 'xz').dblclick();
    await expect(paneOf(page, 'xy')).toBeHidden();
    await expect(page.getByRole('radio', { name: 'XZ', exact: true })).toBeChecked();
    await paneOf(page, 'xz').dblclick();
    await expect(paneOf(page, 'xy')).toBeVisible();
  });
});

test('a lost graphics context comes back with the same picture', async () => {
  await withVolume(async ({ page, problems }) => {
    const before = (await greyLevels(page, 'xy')).grey;
    await page.keyboard.press('F1');
    await page.keyboard.type('restart the graphics');
    await page.keyboard.press('Enter');
    await expect(page.getByText('The graphics driver was restarted')).toBeVisible();
    await waitUntilSharp(page);
    await expect
      .poll(async () => (await greyLevels(page, 'xy')).grey.filter((value, i) => value !== before[i]).length)
      .toBe(0);
    for (const pane of ['xz', 'yz', '3d'] as const) await expect.poll(() => shadesIn(page, pane)).toBeGreaterThan(10);
    expect(problems).toEqual([]);
  });
});

test('an engine that dies is started again and the window goes on', async () => {
  await withVolume(async ({ app, page, problems }) => {
    const pid = await app.evaluate(
      ({ app: shell }) =>
        shell.getAppMetrics().find(({ serviceName, name }) => /engine/i.test(`${serviceName} ${name}`))?.pid,
    );
    if (pid === undefined) throw new Error('no engine process');
    process.kill(pid, 'SIGKILL');
    await expect(page.getByText('The engine was restarted')).toBeVisible();
    await page.keyboard.press('Control+6');
    await page.keyboard.press('p');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('list', { name: 'Annotations' }).getByRole('button')).toHaveCount(1);
    await waitUntilSharp(page);
    expect(problems).toEqual([]);
  });
});
