// Bricks on their way: never a blank place, there before they are needed, within their memory, and without the server.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import { writeDeepVolume } from './known-volumes.ts';
import { drop } from './drop.ts';
import { figuresOf, waitUntilAllIsHere, waitUntilDrawn } from './figures.ts';
import type { FusedLibrary } from './fused-library.ts';
import { copyFusedLibrary } from './fused-library.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { shoot, startLamella, test } from './lamella-window.ts';
import { paneOf, shadesIn } from './panes.ts';
import { convertTo } from './volume-files.ts';

interface Viewed extends LamellaWindow {
  readonly folder: string;
  readonly library: FusedLibrary;
}

async function withVolume(
  use: (window: Viewed) => Promise<void>,
  before: (library: FusedLibrary, folder: string) => void = () => undefined,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-streaming-'));
  const library = copyFusedLibrary(folder);
  before(library, folder);
  const window = await startLamella({ args: ['--library', library.folder] });
  try {
    await waitUntilDrawn(window.page);
    await use({ ...window, folder, library });
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
}

/** Goes about in a pane: zooms in and out at many places, drags, and steps through sections. */
async function goAbout(
  page: Page,
  forMs: number,
  afterEach: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const pane = paneOf(page, 'xy');
  const box = await pane.boundingBox();
  if (!box) throw new Error('the pane has no place');
  let seed = 7;
  const random = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) / 2 ** 32;
  const place = (): readonly [number, number] => [
    box.x + box.width * (0.1 + 0.8 * random()),
    box.y + box.height * (0.1 + 0.8 * random()),
  ];
  const until = Date.now() + forMs;
  await pane.focus();
  while (Date.now() < until) {
    await page.mouse.move(...place());
    const choice = random();
    if (choice < 0.5) await page.mouse.wheel(0, (random() - 0.55) * 900);
    else if (choice < 0.8) {
      await page.mouse.down();
      await page.mouse.move(...place(), { steps: 4 });
      await page.mouse.up();
    } else await page.keyboard.press(random() < 0.5 ? 'PageDown' : 'PageUp');
    await page.waitForTimeout(25);
    await afterEach();
  }
}

async function addByDrop(page: Page, path: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: 'Volumes' }).click();
  await drop(page, path);
  await page.getByRole('button', { name: 'Add and view' }).click();
  await waitUntilAllIsHere(page);
}

test('no place in view is ever blank while the view goes about', async () => {
  await withVolume(async ({ page, problems }) => {
    await waitUntilAllIsHere(page);
    await goAbout(page, 8000);
    await page.waitForTimeout(400);
    const { frames, blank } = await figuresOf(page);
    console.log(`${blank} blank of ${frames} slices drawn`);
    expect(frames).toBeGreaterThan(50);
    expect(blank).toBe(0);
    expect(problems).toEqual([]);
  });
});

test('with little memory the caps hold, and the picture comes back sharp', async () => {
  const write = (_library: FusedLibrary, folder: string): void =>
    void writeDeepVolume(join(folder, 'deep.precomputed'));
  await withVolume(async ({ page, folder }) => {
    await addByDrop(page, join(folder, 'deep.precomputed'));
    await page.getByRole('button', { name: 'Memory' }).click();
    for (const label of ['Main memory, MB', 'Graphics, MB']) {
      await page.getByLabel(label).fill('16');
      await page.getByLabel(label).press('Enter');
    }
    await waitUntilAllIsHere(page);
    let [memory, graphics] = [0, 0];
    await goAbout(page, 8000, async () => {
      const now = await figuresOf(page);
      memory = Math.max(memory, now.memory);
      graphics = Math.max(graphics, now.graphics);
    });
    console.log(`at most ${(memory / 1e6).toFixed(1)} MB of bricks, ${(graphics / 1e6).toFixed(1)} MB of textures`);
    expect(memory).toBeGreaterThan(8e6);
    expect(memory).toBeLessThanOrEqual(16e6);
    expect(graphics).toBeLessThanOrEqual(16e6 * 1.1);
    await page.keyboard.press('Home');
    await waitUntilAllIsHere(page);
    expect((await figuresOf(page)).blank).toBe(0);
  }, write);
});

test('scrolling 20 sections a second, the next section is there before it is reached', async () => {
  const write = (_library: FusedLibrary, folder: string): void =>
    void writeDeepVolume(join(folder, 'deep.precomputed'));
  await withVolume(async ({ page, folder }) => {
    await addByDrop(page, join(folder, 'deep.precomputed'));
    await page.getByRole('radio', { name: 'XY', exact: true }).click();
    for (const [label, value] of [
      ['Scale, nm per pixel', 8],
      ['z, nm', 15],
    ] as const) {
      await page.getByLabel(label, { exact: true }).fill(String(value));
      await page.getByLabel(label, { exact: true }).press('Enter');
    }
    await waitUntilAllIsHere(page);
    await paneOf(page, 'xy').focus();
    // The view rests a moment where it sets out, as the eye does.
    await page.waitForTimeout(1000);
    const before = await figuresOf(page);
    for (let section = 1; section < 160; section++) {
      await page.keyboard.press('PageDown');
      await page.waitForTimeout(50);
    }
    await page.waitForTimeout(400);
    const after = await figuresOf(page);
    const [entered, ready] = [after.entered - before.entered, after.ready - before.ready];
    console.log(`${ready} of ${entered} bricks were there on arrival (${((100 * ready) / entered).toFixed(1)} %)`);
    expect(entered).toBeGreaterThan(500);
    expect(ready / entered).toBeGreaterThanOrEqual(0.95);
    expect(after.blank).toBe(before.blank);
  }, write);
});

/** Serves a folder; `down` cuts every connection and answers nobody. */
class FolderServer {
  readonly #folder: string;
  #server: Server | null = null;
  #port = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async up(): Promise<string> {
    const server = createServer((request, response) => {
      const file = normalize(join(this.#folder, decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname)));
      if (!file.startsWith(this.#folder) || !existsSync(file) || !statSync(file).isFile())
        return void response.writeHead(404).end();
      const { size } = statSync(file);
      const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
      const [start, end] = range
        ? [Number(range[1]), range[2] ? Math.min(Number(range[2]), size - 1) : size - 1]
        : [0, size - 1];
      response.writeHead(range ? 206 : 200, {
        'Content-Length': Math.max(0, end - start + 1),
        'Accept-Ranges': 'bytes',
        ETag: `"${size}"`,
        ...(range ? { 'Content-Range': `bytes ${start}-${end}/${size}` } : {}),
      });
      if (request.method === 'HEAD' || size === 0) return void response.end();
      createReadStream(file, { start, end }).pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    return `http://127.0.0.1:${this.#port}`;
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
  }
}

test('a server of this computer is asked for, and what was seen of it stays when it goes away', async () => {
  const serve = (library: FusedLibrary, folder: string): void => {
    mkdirSync(join(folder, 'served'));
    convertTo(library, join(folder, 'served', 'block.precomputed'), 'precomputed');
  };
  await withVolume(async (window) => {
    const { app, page, folder } = window;
    const server = new FolderServer(join(folder, 'served'));
    const origin = await server.up();
    try {
      await page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: 'Volumes' }).click();
      await page.getByLabel('Address').first().fill(`precomputed://${origin}/block.precomputed`);
      await page.getByRole('button', { name: 'Look' }).click();
      await expect(page.getByRole('alert')).toContainText('private network');
      await app.evaluate(({ dialog }) => {
        dialog.showMessageBox = () => Promise.resolve({ response: 1, checkboxChecked: false });
      });
      await page.getByRole('button', { name: /^Allow http/ }).click();
      await expect(page.getByRole('alert')).toBeVisible();
      await app.evaluate(({ dialog }) => {
        dialog.showMessageBox = () => Promise.resolve({ response: 0, checkboxChecked: false });
      });
      await page.getByRole('button', { name: /^Allow http/ }).click();
      await page.getByRole('button', { name: 'Add and view' }).click();
      await waitUntilAllIsHere(page);
      await server.down();
      for (let i = 0; i < 6; i++) await page.keyboard.press('+');
      const banner = page.getByRole('status').filter({ hasText: 'Offline: showing what is cached' });
      await expect(banner).toBeVisible({ timeout: 60_000 });
      await shoot(window, '21-offline');
      await page.keyboard.press('Home');
      await expect.poll(() => shadesIn(page, 'xy')).toBeGreaterThan(10);
      expect((await figuresOf(page)).blank).toBe(0);
      await server.up();
      for (let i = 0; i < 6; i++) await page.keyboard.press('+');
      await banner.getByRole('button').click();
      await expect(banner).toBeHidden({ timeout: 60_000 });
      await waitUntilAllIsHere(page);
    } finally {
      await server.down();
    }
  }, serve);
});
