// What the drawing panes show, as the user sees it: pixels of the page, not of any buffer inside.
import type { Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { waitUntilAllIsHere } from './figures.ts';

export type Pane = 'xy' | 'xz' | 'yz' | '3d';

export const paneOf = (page: Page, pane: Pane): Locator => page.locator(`[data-pane="${pane}"]`);

export interface PanePixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha of a pixel, row by row. */
  readonly rgba: Uint8Array;
}

/** The image in a pane, read off the canvas that the worker draws. */
export async function pixelsIn(page: Page, pane: Pane): Promise<PanePixels> {
  const { base64, ...size } = await paneOf(page, pane)
    .locator('canvas.pane-image')
    .evaluate((element) => {
      const { width, height } = element as HTMLCanvasElement;
      const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
      context?.drawImage(element as HTMLCanvasElement, 0, 0);
      const data = context?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
      // A text comes over much faster than a list of numbers.
      let text = '';
      for (let i = 0; i < data.length; i += 0x8000) text += String.fromCharCode(...data.subarray(i, i + 0x8000));
      return { width, height, base64: btoa(text) };
    });
  return { ...size, rgba: Buffer.from(base64, 'base64') };
}

/** Grey levels of the image in a pane. */
export async function greyLevels(page: Page, pane: Pane): Promise<{ width: number; height: number; grey: number[] }> {
  const { width, height, rgba } = await pixelsIn(page, pane);
  return { width, height, grey: Array.from({ length: width * height }, (_, i) => rgba[i * 4] ?? 0) };
}

/** How many different grey levels a pane shows: a blank one has one or two. */
export const shadesIn = async (page: Page, pane: Pane): Promise<number> =>
  new Set((await greyLevels(page, pane)).grey).size;

/** Waits until every brick in view has come and is drawn. */
export async function waitUntilSharp(page: Page): Promise<void> {
  await waitUntilAllIsHere(page);
  await expect.poll(() => shadesIn(page, 'xy'), { intervals: [50] }).toBeGreaterThan(30);
}
