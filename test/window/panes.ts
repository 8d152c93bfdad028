// What the drawing panes show, as the user sees it: pixels of the page, not of any buffer inside.
import type { Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';

export type Pane = 'xy' | 'xz' | 'yz' | '3d';

export const paneOf = (page: Page, pane: Pane): Locator => page.locator(`[data-pane="${pane}"]`);

/** Grey levels of the image in a pane, read off the canvas that the worker draws. */
export async function greyLevels(page: Page, pane: Pane): Promise<{ width: number; height: number; grey: number[] }> {
  return paneOf(page, pane)
    .locator('canvas.pane-image')
    .evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const copy = new OffscreenCanvas(canvas.width, canvas.height);
      const context = copy.getContext('2d', { willReadFrequently: true });
      context?.drawImage(canvas, 0, 0);
      const pixels = context?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray();
      const grey = Array.from({ length: canvas.width * canvas.height }, (_, i) => pixels[i * 4] ?? 0);
      return { width: canvas.width, height: canvas.height, grey };
    });
}

/** How many different grey levels a pane shows: a blank one has one or two. */
export const shadesIn = async (page: Page, pane: Pane): Promise<number> =>
  new Set((await greyLevels(page, pane)).grey).size;

/** Waits until every brick in view has come and is drawn. */
export async function waitUntilSharp(page: Page): Promise<void> {
  await expect(page.getByLabel('Drawing', { exact: true })).toHaveAttribute('data-state', 'sharp');
  await expect.poll(() => shadesIn(page, 'xy')).toBeGreaterThan(30);
}
