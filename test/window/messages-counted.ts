// What a page asks, counted where it leaves: of the engine, and of the thread that draws.
import type { Page } from '@playwright/test';

/** Counts what the page asks of the engine; the thread that draws has a port of its own. */
export const countCalls = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const counted = window as unknown as { asked: string[] };
    counted.asked = [];
    const post = MessagePort.prototype.postMessage as (this: MessagePort, ...given: unknown[]) => void;
    MessagePort.prototype.postMessage = function counting(this: MessagePort, ...given: unknown[]): void {
      const [message] = given as [{ t?: string; path?: string } | undefined];
      if (message?.t === 'call') counted.asked.push(message.path ?? '');
      post.apply(this, given);
    };
  });

export const callsMade = (page: Page): Promise<string[]> =>
  page.evaluate(() => (window as unknown as { asked: string[] }).asked);

interface Rays {
  /** Asked for so far, not answered yet, and the most of these at a time. */
  readonly asked: number;
  readonly open: number;
  readonly most: number;
}

/** Counts the rays that the thread that draws is asked for. */
export const countRays = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const rays = { asked: 0, open: 0, most: 0 };
    Object.assign(window, { rays });
    const followed = new WeakSet<Worker>();
    const post = Worker.prototype.postMessage as (this: Worker, ...given: unknown[]) => void;
    Worker.prototype.postMessage = function counting(this: Worker, ...given: unknown[]): void {
      const [message] = given as [{ t?: string } | undefined];
      if (message?.t === 'pick') {
        if (!followed.has(this))
          this.addEventListener('message', ({ data }: MessageEvent<{ t?: string }>) => {
            if (data.t === 'picked') rays.open -= 1;
          });
        followed.add(this);
        rays.asked += 1;
        rays.open += 1;
        rays.most = Math.max(rays.most, rays.open);
      }
      post.apply(this, given);
    };
  });

export const raysAsked = (page: Page): Promise<Rays> => page.evaluate(() => (window as unknown as { rays: Rays }).rays);
