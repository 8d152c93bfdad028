// Screens with more than one pixel to a CSS pixel: what is drawn, marked, measured and clicked lies on the right pixel of the
// screen, and nothing is cut off.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import type { ViewDocument } from '../../preload/contract/view-state.ts';
import { seededRandom } from '../formats/mutate.ts';
import type { Picture } from '../renderer/reference/slice.ts';
import { drawSlice } from '../renderer/reference/slice.ts';
import { test } from './lamella-window.ts';
import { boxOf, bright, middleOf, orbitOf, showOrbit, voxelNm, withOrbit } from './orbit-stage.ts';
import type { Pane, PanePixels } from './panes.ts';
import { paneOf, pixelsIn } from './panes.ts';
import { cutText } from './screen-checks.ts';
import type { Stage } from './slice-stage.ts';
import {
  documentOf,
  expectPixels,
  knownLayers,
  labelsIn,
  layersIn,
  planes,
  randomTurn,
  show,
  withVolumes,
} from './slice-stage.ts';

const scaled = (scale: number): readonly string[] => [`--force-device-scale-factor=${scale}`];

/** What a pane shows on the screen, in pixels of the screen, from its corner on. */
async function onScreen(page: Page, pane: Pane, size: Omit<PanePixels, 'rgba'>): Promise<PanePixels> {
  const shot = (await page.screenshot({ scale: 'device', animations: 'disabled' })).toString('base64');
  const box = await paneOf(page, pane).boundingBox();
  if (!box) throw new Error(`the pane ${pane} is there`);
  const base64 = await page.evaluate(
    async ([text, { x, y }, { width, height }]) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]));
      const context = new OffscreenCanvas(width, height).getContext('2d');
      context?.drawImage(bitmap, -Math.round(x * devicePixelRatio), -Math.round(y * devicePixelRatio));
      const data = context?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
      let bytes = '';
      for (let i = 0; i < data.length; i += 0x8000) bytes += String.fromCharCode(...data.subarray(i, i + 0x8000));
      return btoa(bytes);
    },
    [shot, box, size] as const,
  );
  return { ...size, rgba: Buffer.from(base64, 'base64') };
}

/** The middle of a picture, where nothing is written over it. */
function middle<T extends Uint8Array>(data: T, width: number, height: number, channels: number): number[] {
  const out: number[] = [];
  for (let y = height >> 2; y < height - (height >> 2); y++)
    for (let i = (width >> 2) * channels; i < (width - (width >> 2)) * channels; i++)
      out.push(data[y * width * channels + i] ?? 0);
  return out;
}

async function expectSlices(stage: Stage, view: ViewDocument, scale: number): Promise<void> {
  await show(stage, view);
  // The edges of volumes are marked over the image.
  await stage.page.evaluate(() => {
    for (const one of document.querySelectorAll<HTMLElement>('.pane-overlay')) one.style.visibility = 'hidden';
  });
  const layers = knownLayers(stage, view);
  const finer = { ...view, nmPerPx: view.nmPerPx / scale };
  for (const plane of planes) {
    const { width, height } = await pixelsIn(stage.page, plane);
    // A picture that was made smaller or larger by a pixel for the screen would be wrong in most of them.
    const seen = await onScreen(stage.page, plane, { width, height });
    const cropped = ({ width, height, rgb, cover }: Picture): Picture => ({
      width,
      height,
      rgb: Uint8Array.from(middle(rgb, width, height, 3)),
      cover: Uint8Array.from(middle(cover, width, height, 1)),
    });
    const rgba = Uint8Array.from(middle(seen.rgba, width, height, 4));
    expectPixels({ width, height, rgba }, `${plane} at ${scale}`, (w, h, off) =>
      cropped(drawSlice(layers, finer, plane, w, h, off)),
    );
  }
}

/** A click at a place of the XY pane goes to what is drawn there, half a pixel of the screen either way. */
async function expectClick({ page }: Stage, { positionNm, nmPerPx }: ViewDocument, scale: number): Promise<void> {
  const { width, height } = await pixelsIn(page, 'xy');
  const [dx, dy] = [Math.round(width / 7), Math.round(height / 9)];
  const box = await paneOf(page, 'xy').boundingBox();
  await page.mouse.click((box?.x ?? 0) + (width / 2 + dx) / scale, (box?.y ?? 0) + (height / 2 - dy) / scale);
  const goal = [positionNm[0] + (dx / scale) * nmPerPx, positionNm[1] - (dy / scale) * nmPerPx];
  for (const [a, name] of ['x, nm', 'y, nm'].entries()) {
    const field = page.getByLabel(name, { exact: true });
    const off = async (): Promise<number> => Math.abs(Number(await field.inputValue()) - (goal[a] ?? 0));
    await expect.poll(off, { message: `${name} at ${scale}` }).toBeLessThanOrEqual(nmPerPx / 2);
  }
}

/** What is dragged stays under the pointer. */
async function expectDrag({ page }: Stage, nmPerPx: number, scale: number): Promise<void> {
  const x = page.getByLabel('x, nm', { exact: true });
  const box = await paneOf(page, 'xy').boundingBox();
  const [from, y] = [(box?.x ?? 0) + 150, (box?.y ?? 0) + 90];
  const before = Number(await x.inputValue());
  await page.mouse.move(from, y);
  await page.mouse.down();
  await page.mouse.move(from + 60, y, { steps: 6 });
  await page.mouse.up();
  const off = async (): Promise<number> => Math.abs(before - Number(await x.inputValue()) - 60 * nmPerPx);
  await expect.poll(off, { message: `drag at ${scale}` }).toBeLessThanOrEqual(1.5 * nmPerPx);
}

/** The cross-hair crosses in the middle of the pane, and the scale bar is as long as it says. */
async function expectMarks({ page }: Stage, scale: number, nmPerPx: number): Promise<void> {
  const { width, height, rows, columns } = await paneOf(page, 'xy')
    .locator('canvas.pane-overlay')
    .evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const context = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
      context?.drawImage(canvas, 0, 0);
      const alpha = (x: number, y: number): number => context?.getImageData(x, y, 1, 1).data[3] ?? 0;
      const lit = (length: number, at: (i: number) => number): number[] =>
        Array.from({ length }, (_, i) => i).filter((i) => at(i) > 64);
      return {
        width: canvas.width,
        height: canvas.height,
        columns: lit(canvas.width, (x) => alpha(x, canvas.height >> 3)),
        rows: lit(canvas.height, (y) => alpha(canvas.width >> 3, y)),
      };
    });
  const mean = (list: readonly number[]): number => list.reduce((sum, i) => sum + i + 0.5, 0) / list.length;
  expect(Math.abs(mean(columns) - width / 2), `cross-hair, across, at ${scale}`).toBeLessThanOrEqual(1);
  expect(Math.abs(mean(rows) - height / 2), `cross-hair, down, at ${scale}`).toBeLessThanOrEqual(1);
  const bar = paneOf(page, 'xy').locator('.bar-line');
  const barPx = await bar.evaluate((element) => element.getBoundingClientRect().width);
  const barNm = Number(await bar.getAttribute('data-nm'));
  expect(Math.abs(barPx * nmPerPx - barNm), `scale bar at ${scale}`).toBeLessThanOrEqual(nmPerPx);
}

for (const scale of [1.5, 2])
  test(`at ${scale} pixels to a CSS pixel slices, labels, marks and clicks are on the right pixel`, async () => {
    await withVolumes(async (stage) => {
      const { page } = stage;
      expect(await page.evaluate(() => devicePixelRatio)).toBe(scale);
      const [a] = layersIn(stage);
      const layers = [a, { ...labelsIn(stage), opacity: 0.5 }];
      const turned = { rotation: randomTurn(seededRandom(3)) };
      await expectSlices(stage, scale === 2 ? documentOf([a]) : documentOf(layers, turned), scale);
      const marked = documentOf(layers, { crossHair: true });
      await show(stage, marked);
      await expectMarks(stage, scale, marked.nmPerPx);
      expect(await cutText(page)).toEqual([]);
      await expectClick(stage, marked, scale);
      await expectDrag(stage, marked.nmPerPx, scale);
      expect(stage.problems).toEqual([]);
    }, scaled(scale));
  });

test('at 1.5 pixels to a CSS pixel a click in 3-D goes to the voxel that it hits', async () => {
  await withOrbit(async (stage) => {
    const { page } = stage;
    const document = await showOrbit(stage, [stage.layers.image]);
    const { pxOf } = await orbitOf(stage, document);
    const goal = middleOf(bright);
    const [pane, [px, py]] = [await boxOf(page), pxOf(goal)];
    await page.mouse.click(pane.x + px, pane.y + py);
    for (const [a, name] of (['x', 'y', 'z'] as const).entries()) {
      const field = page.getByLabel(`${name}, nm`, { exact: true });
      const off = async (): Promise<number> => Math.abs(Number(await field.inputValue()) - (goal[a] ?? 0));
      await expect.poll(off, { message: name }).toBeLessThanOrEqual((voxelNm[a] ?? 0) / 2 + 0.5);
    }
  }, scaled(1.5));
});
