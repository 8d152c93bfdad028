// Tasks of the window's own thread that keep it from answering, as the browser counts them (50 ms and more).
import type { Page } from '@playwright/test';

declare global {
  interface Window {
    longTasks: number[];
  }
}

export async function watchTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) =>
      window.longTasks.push(...list.getEntries().map(({ duration }) => duration)),
    ).observe({
      entryTypes: ['longtask'],
    });
  });
}

export const longestTaskMs = (page: Page): Promise<number> => page.evaluate(() => Math.max(0, ...window.longTasks));
