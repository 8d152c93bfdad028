// Tiles as a layer: looked at where the stage or a stitching put them, before anything is fused.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FusedLibrary } from './fused-library.ts';
import { copyFusedLibrary, lamella } from './fused-library.ts';
import { waitUntilAllIsHere } from './figures.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { shoot, startLamella, test } from './lamella-window.ts';
import { greyLevels, paneOf, pixelsIn, shadesIn } from './panes.ts';

interface Stage extends LamellaWindow {
  readonly made: FusedLibrary;
}

const makeTiles = (): FusedLibrary => copyFusedLibrary(mkdtempSync(join(tmpdir(), 'lamella-mosaic-')));

async function withTiles(use: (stage: Stage) => Promise<void>, made = makeTiles()): Promise<void> {
  const folder = dirname(made.folder);
  const window = await startLamella({ args: ['--library', made.folder] });
  try {
    await use({ ...window, made });
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
}

const goTo = (page: Page, room: string): Promise<void> =>
  page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: room }).click();

async function lookFromAcquire(page: Page): Promise<void> {
  await goTo(page, 'Acquire');
  await page.getByRole('button', { name: 'Look at the tiles in View' }).click();
  await waitUntilAllIsHere(page);
  await expect.poll(() => shadesIn(page, 'xy')).toBeGreaterThan(30);
}

test('tiles are looked at from Acquire, come back after a restart, and a rejected one is gone', async () => {
  await withTiles(async (stage) => {
    const { page } = stage;
    await lookFromAcquire(page);
    await expect(page.getByRole('list', { name: 'Layers' })).toContainText('as the stage placed it');
    await shoot(stage, 'check-mosaic');
    await page.reload();
    await waitUntilAllIsHere(page);
    await expect.poll(() => shadesIn(page, 'xy')).toBeGreaterThan(30);
    // The board begins with the first section.
    await page.getByLabel('z, nm').fill('0');
    await page.keyboard.press('Enter');
    const litBefore = litOf(await stillPicture(page));
    await goTo(page, 'Acquire');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('x');
    await goTo(page, 'View');
    await expect.poll(async () => litOf(await greyLevels(page, 'xy'))).toBeLessThan(0.97 * litBefore);
    expect(stage.problems).toEqual([]);
  });
});

interface Picture {
  readonly grey: readonly number[];
}

const litOf = ({ grey }: Picture): number => grey.filter((level) => level > 8).length;

test('the tiles of a stack lie on the volume that was fused from them, pixel for pixel', async () => {
  await withTiles(async ({ page }) => {
    await goTo(page, 'View');
    await waitUntilAllIsHere(page);
    await page.getByRole('radio', { name: 'XY', exact: true }).click();
    // Of no whole number of pixels to a voxel: no pixel's centre lies between two.
    await page.getByLabel('Scale, nm per pixel').fill('3.37');
    await page.keyboard.press('Enter');
    const fused = await stillPicture(page);
    await page.getByRole('button', { name: 'Add', exact: true }).first().click();
    await page.getByRole('menuitem', { name: /stitching 1/ }).click();
    await expect(page.getByRole('list', { name: 'Layers' })).toContainText('stack 1');
    const windows = await windowOfFused(page);
    await page.getByLabel('Black').fill(windows[0]);
    await page.keyboard.press('Enter');
    await page.getByLabel('White').fill(windows[1]);
    await page.keyboard.press('Enter');
    await waitUntilAllIsHere(page);
    const off = async (): Promise<number> => {
      const { grey } = await greyLevels(page, 'xy');
      const others = grey.filter((one, i) => Math.abs(one - (fused.grey[i] ?? 0)) > 1);
      return grey.length === fused.grey.length ? others.length / grey.length : 1;
    };
    await expect.poll(off).toBeLessThan(0.001);
  });
});

/** The picture once it stays as it is: on a busy machine, one of the scale before may say that all is here. */
async function stillPicture(page: Page): Promise<Picture> {
  let now = await greyLevels(page, 'xy');
  for (let same = 0; same < 3;) {
    await page.waitForTimeout(300);
    await waitUntilAllIsHere(page);
    const next = await greyLevels(page, 'xy');
    same = next.grey.join() === now.grey.join() ? same + 1 : 0;
    now = next;
  }
  return now;
}

/** The window that the fused layer is drawn with, as its fields say. */
async function windowOfFused(page: Page): Promise<readonly [string, string]> {
  const documents = await page.evaluate(() =>
    Object.entries(localStorage).flatMap(([key, text]) =>
      key.startsWith('lamella.view.4.') ? [JSON.parse(String(text)) as { document: { layers: unknown[] } }] : [],
    ),
  );
  const images = documents.flatMap(({ document }) => document.layers) as { type: string; window: [number, number] }[];
  const image = images.find(({ type }) => type === 'image');
  return [String(image?.window[0]), String(image?.window[1])];
}

test('borders outline the tiles in view, and the one under the pointer says its name', async () => {
  await withTiles(async (stage) => {
    const { page } = stage;
    await lookFromAcquire(page);
    await page.getByLabel('Borders of the tiles').check();
    const pane = paneOf(page, 'xy');
    const overlay = pane.locator('canvas.pane-overlay');
    const golden = (): Promise<number> =>
      overlay.evaluate((element) => {
        const canvas = element as HTMLCanvasElement;
        const copy = new OffscreenCanvas(canvas.width, canvas.height);
        const context = copy.getContext('2d');
        context?.drawImage(canvas, 0, 0);
        const data = context?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray();
        let count = 0;
        for (let at = 0; at < data.length; at += 4)
          if ((data[at + 3] ?? 0) > 60 && (data[at] ?? 0) > 180 && (data[at + 2] ?? 0) < 140) count += 1;
        return count;
      });
    await expect.poll(golden).toBeGreaterThan(200);
    const box = await pane.boundingBox();
    await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) / 2 + 5, (box?.y ?? 0) + (box?.height ?? 0) / 2 + 5);
    await expect(page.getByLabel('Tile', { exact: true })).toHaveText(/\S+/);
    await shoot(stage, 'check-mosaic-borders');
    expect(stage.problems).toEqual([]);
  });
});

test('a tile whose file is gone leaves its place dark and says so once; the rest is drawn', async () => {
  const made = makeTiles();
  const lost = fileOfTile(made, 's000_r01_c01.png');
  renameSync(lost, `${lost}.gone`);
  try {
    await withTiles(async (stage) => {
      const { page } = stage;
      await lookFromAcquire(page);
      await page.getByRole('radio', { name: 'XY', exact: true }).click();
      await page.getByLabel('z, nm').fill('0');
      await page.keyboard.press('Enter');
      await page.getByLabel('Scale, nm per pixel').fill('4');
      await page.keyboard.press('Enter');
      const said = page.getByText(/s000_r01_c01\.png is not there/);
      await expect(said).toBeVisible();
      await expect(page.getByText('A part can’t be read')).toBeVisible();
      expect(await shadesIn(page, 'xy')).toBeGreaterThan(30);
      await shoot(stage, 'check-mosaic-lost');
      await expect(said).toHaveCount(1);
    }, made);
  } finally {
    renameSync(`${lost}.gone`, lost);
  }
});

test('each channel of tiles is a layer of its own colour, under one heading, from the first section on', async () => {
  const made = makeTiles();
  addTwoChannels(made);
  await withTiles(async (stage) => {
    const { page } = stage;
    await goTo(page, 'View');
    await page.getByRole('button', { name: 'Add', exact: true }).first().click();
    await page.getByRole('menuitem', { name: 'Two stains, as the stage put them' }).click();
    await waitUntilAllIsHere(page);
    const layers = page.getByRole('list', { name: 'Layers' });
    for (const name of ['DAPI', 'PSD95', 'Two stains, as the stage placed it'])
      await expect(layers).toContainText(name);
    await expect(page.getByLabel('2 of 2 channels are shown')).toBeVisible();
    await page.getByRole('button', { name: 'Hide Small sample v1' }).click();
    await page.getByLabel('z, nm').fill('0');
    await page.keyboard.press('Enter');
    await waitUntilAllIsHere(page);
    // Where the two stains differ, one of their colours is seen.
    await expect.poll(() => colouredIn(page)).toBeGreaterThan(0.2);
    await shoot(stage, 'check-mosaic-channels');
    await page.getByRole('button', { name: /^Hide all channels of Two stains/ }).click();
    await expect(page.getByLabel('0 of 2 channels are shown')).toBeVisible();
    expect(stage.problems).toEqual([]);
  }, made);
});

/** How much of the pane has a colour of its own. */
async function colouredIn(page: Page): Promise<number> {
  const { rgba } = await pixelsIn(page, 'xy');
  let coloured = 0;
  for (let i = 0; i < rgba.length; i += 4) {
    const levels = [rgba[i]!, rgba[i + 1]!, rgba[i + 2]!];
    if (Math.max(...levels) - Math.min(...levels) > 60) coloured++;
  }
  return (4 * coloured) / rgba.length;
}

/** The first section of the sample once more, with the second section as another stain of it. */
function addTwoChannels(made: FusedLibrary): void {
  const level = (section: number, at: string) => ({ '0': { imageUrl: fileOfTile(made, `s00${section}_${at}.png`) } });
  const specs = Array.from({ length: 9 }, (_, i) => {
    const [row, col] = [Math.floor(i / 3), i % 3];
    const at = `r0${row}_c0${col}`;
    const leaf = { className: 'mpicbg.trakem2.transform.TranslationModel2D', dataString: `${326 * col} ${326 * row}` };
    const channels = ['DAPI', 'PSD95'].map((name, section) => ({ name, mipmapLevels: level(section, at) }));
    return { tileId: at, z: 0, channels, transforms: { type: 'list', specList: [leaf] } };
  });
  const layout = join(dirname(made.folder), 'stains.json');
  writeFileSync(layout, JSON.stringify(specs));
  const source = dirname(fileOfTile(made, 'any.png'));
  const input = ['--source', source, '--layout', `render:${layout}`, '--name', 'Two stains'];
  lamella('ingest', 'start', '--library', made.folder, ...input);
}

/** Where the library has a tile from: the sample that it was made with. */
function fileOfTile({ folder }: FusedLibrary, name: string): string {
  const { datasets } = lamella('library', 'info', '--library', folder) as {
    readonly datasets: readonly { readonly layout: string }[];
  };
  return join(dirname((datasets[0]?.layout ?? '').replace(/^tiles:/, '')), name);
}
