// How drawing goes, as the status bar tells it.
import type { Page } from '@playwright/test';

export interface Figures {
  readonly frames: number;
  readonly blank: number;
  readonly entered: number;
  readonly ready: number;
  readonly memory: number;
  readonly graphics: number;
}

const drawing = (page: Page): ReturnType<Page['getByLabel']> => page.getByLabel('Drawing', { exact: true });

export async function figuresOf(page: Page): Promise<Figures> {
  return drawing(page).evaluate((element) => {
    const read = (name: string): number => Number(element.dataset[name] ?? Number.NaN);
    return {
      frames: read('frames'),
      blank: read('blank'),
      entered: read('entered'),
      ready: read('ready'),
      memory: read('memory'),
      graphics: read('graphics'),
    };
  });
}

/** Waits until drawing is in a state. Looks at each frame: assertions look ever less often, up to a second late. */
export async function waitUntilState(page: Page, state: 'sharp' | 'short'): Promise<void> {
  const isSo = (wanted: string): boolean =>
    document.querySelector<HTMLElement>('[aria-label="Drawing"]')?.dataset['state'] === wanted;
  try {
    await page.waitForFunction(isSo, state, { timeout: 30_000 });
  } catch (error) {
    throw new Error(`not ${state}: ${await drawingNow(page)}`, { cause: error });
  }
}

/** All that the status bar says of drawing. */
export const drawingNow = (page: Page): Promise<string> =>
  page
    .evaluate(() => JSON.stringify(document.querySelector<HTMLElement>('[aria-label="Drawing"]')?.dataset))
    .catch(String);

/** Waits until every pane is drawn whole, of the levels that their scales ask for. */
export const waitUntilSharp = (page: Page): Promise<void> => waitUntilState(page, 'sharp');

/** Waits for the first slice with something drawn everywhere in view. */
export async function waitUntilDrawn(page: Page): Promise<void> {
  const isDrawn = (): boolean =>
    Number(document.querySelector<HTMLElement>('[aria-label="Drawing"]')?.dataset['frames']) > 0;
  await page.waitForFunction(isDrawn, undefined, { timeout: 30_000 });
}

/** Waits until all that is in view has come. */
export async function waitUntilAllIsHere(page: Page): Promise<void> {
  await waitUntilDrawn(page);
  await waitUntilSharp(page);
}
