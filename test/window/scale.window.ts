// Lengths and values as the panes tell them, against pixels and voxels that are known.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { PaneKind } from '../../preload/contract/view-state.ts';
import { imageLayer } from '../../renderer/state/layers.ts';
import { waitUntilAllIsHere } from './figures.ts';
import { channelGrey, channelNames, labelIds } from './known-volumes.ts';
import { startLamella, test } from './lamella-window.ts';
import { paneOf } from './panes.ts';
import { documentOf, middleOf } from './rich-library.ts';
import { screenNamed, showScreen, withRich } from './rich-window.ts';
import { libraryOf, openDocument } from './view-library.ts';

const size = [96, 80, 40] as const;

/** A block of one bright grey, as precomputed. */
function writeBlock(folder: string, voxelSizeNm: Vec3): string {
  mkdirSync(join(folder, 'full'), { recursive: true });
  writeFileSync(join(folder, 'full', '0-96_0-80_0-40'), new Uint8Array(96 * 80 * 40).fill(220));
  const scale = {
    key: 'full',
    size,
    resolution: voxelSizeNm,
    voxel_offset: [0, 0, 0],
    chunk_sizes: [size],
    encoding: 'raw',
  };
  const info = { type: 'image', data_type: 'uint8', num_channels: 1, scales: [scale] };
  writeFileSync(join(folder, 'info'), JSON.stringify(info));
  return folder;
}

/** How many pixels wide the block is in the middle row of a pane. */
const widthPx = (page: Page, pane: PaneKind): Promise<number> =>
  paneOf(page, pane)
    .locator('canvas.pane-image')
    .evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const copy = new OffscreenCanvas(canvas.width, 1);
      const context = copy.getContext('2d');
      context?.drawImage(canvas, 0, -Math.floor(canvas.height / 2));
      const { data } = context?.getImageData(0, 0, canvas.width, 1) ?? { data: new Uint8ClampedArray() };
      return data.filter((value, i) => i % 4 === 0 && value > 100).length;
    });

/** Shows the block by itself in one pane, at a scale. */
async function expectBar(page: Page, pane: PaneKind, extentNm: number, most: number): Promise<void> {
  const bar = paneOf(page, pane).locator('.bar-line');
  await expect
    .poll(async () => {
      const [box, nm, wide] = [
        await bar.boundingBox(),
        Number(await bar.getAttribute('data-nm')),
        await widthPx(page, pane),
      ];
      if (wide < 2 * (box?.width ?? 0) || wide > most) return Number.POSITIVE_INFINITY;
      return Math.abs((box?.width ?? 0) - (nm * wide) / extentNm);
    })
    .toBeLessThanOrEqual(0.5);
}

const voxelSizes: readonly Vec3[] = [
  [4, 4, 40],
  [300, 500, 2000],
  [200_000, 100_000, 500_000],
];

test('scale bars are right within half a pixel at 21 zooms and in 3-D, from nm to mm, for long voxels too', async () => {
  for (const [which, voxelSizeNm] of voxelSizes.entries()) {
    const folder = mkdtempSync(join(tmpdir(), 'lamella-scale-'));
    const { library, volumes } = await libraryOf(folder, [writeBlock(join(folder, 'block'), voxelSizeNm)]);
    const [volume] = volumes;
    if (!volume) throw new Error('there is no block');
    const window = await startLamella({ args: ['--library', library] });
    const { page } = window;
    try {
      const pane = (['xy', 'xz', 'yz'] as const)[which] ?? 'xy';
      const axis = pane === 'yz' ? 1 : 0;
      const extentNm = size[axis] * voxelSizeNm[axis];
      const layer = { ...imageLayer(volume, 0, 'block'), window: [0, 255] as const };
      const shown = { ...documentOf([layer], middleOf(volume)), crossHair: false, fitted: false };
      await openDocument(page, volume.id, { ...shown, nmPerPx: extentNm / 240, alone: pane, activePane: pane });
      await waitUntilAllIsHere(page);
      for (let i = 0; i < 7; i++) {
        const scale = page.getByLabel('Scale, nm per pixel');
        await scale.fill(String(Number((extentNm / (240 + i * 60)).toPrecision(5))));
        await scale.press('Enter');
        await expectBar(page, pane, extentNm, 640);
      }
      await expect(paneOf(page, pane).getByRole('img', { name: [/nm$/, /µm$/, /mm$/][which] ?? /nm/ })).toBeVisible();
      // The deeper the block, the smaller it is in a pane that fits it whichever way it is turned.
      const zoom = [2.2, 2, 1][which] ?? 1;
      const orbit = { yaw: 0, pitch: 0, roll: 0, zoom, centreNm: null };
      await openDocument(page, volume.id, { ...shown, orbit, nmPerPx: 1, alone: '3d', activePane: '3d' });
      await expectBar(page, '3d', size[0] * voxelSizeNm[0], 2000);
    } finally {
      await window.app.close();
      for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
    }
  }
});

test('the pointer reads the voxel of every layer, and a position that is copied is gone to when it is typed', async () => {
  await withRich(async (window) => {
    const { app, page, rich } = window;
    const { document } = screenNamed(rich, 'channels');
    const labels = screenNamed(rich, 'labels').document.layers;
    const layers = [...document.layers.slice(0, 3), ...labels];
    const at = { ...documentOf(layers, [310, 300, 40]), nmPerPx: 2, fitted: false };
    await showScreen(window, { name: 'both', volume: rich.channels.id, document: at });
    const pane = paneOf(page, 'xy');
    const box = await pane.boundingBox();
    if (!box) throw new Error('there is no pane');
    for (const dx of [-12, 24]) {
      await page.mouse.move(box.x + Math.round(box.width / 2) + dx, box.y + Math.round(box.height / 2) + 20);
      const xNm = 310 + dx * 2;
      const values = page.getByLabel('Values', { exact: true });
      const told = [
        `segments: ${labelIds[xNm < 320 ? 0 : 1]}`,
        ...channelNames.map((name, c) => `${name}: ${channelGrey(c, 0, Math.floor(xNm / 100))}`).toReversed(),
      ];
      await expect(values).toHaveAttribute('title', told.join('\n'));
    }
    await pane.focus();
    await page.keyboard.press('Shift+C');
    await expect(page.getByText('Copied 310 300 40 nm')).toBeVisible();
    const copied = await app.evaluate(({ clipboard }) => clipboard.readText());
    await page.keyboard.press('d');
    const x = page.getByLabel('x, nm', { exact: true });
    await expect(x).not.toHaveValue('310');
    await page.keyboard.press('g');
    await page.keyboard.type(copied);
    await page.keyboard.press('Enter');
    await expect(x).toHaveValue('310');
  });
});
