import type { Page } from '@playwright/test';

declare global {
  interface Window {
    /** Milliseconds at which the picture of the pane that is watched was another. */
    pictureTimes: number[];
    stopWatching: () => void;
  }
}

/** Notes when the picture in a pane changes, frame by frame: of its middle, `patchPx` wide. */
export async function watchPictures(page: Page, pane: string, patchPx = 96): Promise<void> {
  await page.evaluate(
    ([id, side]) => {
      const canvas = document.querySelector<HTMLCanvasElement>(`[data-pane="${id}"] canvas.pane-image`);
      const copy = new OffscreenCanvas(side, side);
      const context = copy.getContext('2d', { willReadFrequently: true });
      let [before, watching] = [0, true];
      window.pictureTimes = [performance.now()];
      window.stopWatching = () => void (watching = false);
      const look = (): void => {
        if (!watching || !canvas || !context) return;
        const [x, y] = [(canvas.width - side) / 2, (canvas.height - side) / 2];
        context.drawImage(canvas, x, y, side, side, 0, 0, side, side);
        const pixels = new Uint32Array(context.getImageData(0, 0, side, side).data.buffer);
        let hash = 0;
        for (const pixel of pixels) hash = (Math.imul(hash, 31) + pixel) | 0;
        if (hash !== before) window.pictureTimes.push(performance.now());
        before = hash;
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    },
    [pane, patchPx] as const,
  );
}

/** Milliseconds between two pictures that differ, since they are watched. */
export async function intervalsSeen(page: Page): Promise<readonly number[]> {
  const times = await page.evaluate(() => {
    window.stopWatching();
    return window.pictureTimes;
  });
  return times.slice(1).map((at, i) => at - (times[i] ?? at));
}

/**
 * Waits for the first picture in a pane whose middle has more greys than the empty one, and is not the one that was
 * there; gives when, on the page's clock.
 */
export const firstPictureAt = (page: Page, pane: string): Promise<number> =>
  page.evaluate(
    (id) =>
      new Promise<number>((resolve) => {
        const copy = new OffscreenCanvas(64, 64);
        const context = copy.getContext('2d', { willReadFrequently: true });
        let before: string | null = null;
        const look = (): void => {
          const canvas = document.querySelector<HTMLCanvasElement>(`[data-pane="${id}"] canvas.pane-image`);
          let data = new Uint8ClampedArray();
          if (canvas && context && canvas.width > 64) {
            context.drawImage(canvas, 0, 0, 64, 64);
            data = context.getImageData(0, 0, 64, 64).data;
          }
          const now = data.join();
          before ??= now;
          const greys = new Set(data.filter((_, at) => at % 4 === 0));
          if (greys.size > 16 && now !== before) return resolve(performance.now());
          requestAnimationFrame(look);
        };
        look();
      }),
    pane,
  );

/** Waits until all that is in view has come; a busy machine takes its time. */
export const waitUntilSharp = (page: Page): Promise<void> =>
  page.getByLabel('Drawing', { exact: true }).filter({ hasText: 'sharp' }).waitFor({ timeout: 30_000 });

/** Drags from the middle of a pane in a circle for some seconds. */
export async function dragAround(page: Page, pane: string, seconds: number, radiusPx = 120): Promise<void> {
  const box = await page.locator(`[data-pane="${pane}"]`).boundingBox();
  if (!box) throw new Error(`there is no pane ${pane}`);
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  const started = performance.now();
  for (let share = 0; share < 1;) {
    share = Math.min(1, (performance.now() - started) / (1000 * seconds));
    const angle = 4 * Math.PI * share;
    await page.mouse.move(x + radiusPx * Math.sin(angle), y + radiusPx * (1 - Math.cos(angle)));
  }
  await page.mouse.up();
}

export function percentile95(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(0.95 * sorted.length))] ?? Number.NaN;
}
