// The port between the page and the engine: it works, it comes back when the engine is killed, and what the
// shell grants is what the engine knows.
import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Bridge } from '../../preload/contract/bridge.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { startLamella, test } from './lamella-window.ts';

declare global {
  interface Window {
    lamella: Bridge;
    callEngine: (path: string, input: unknown) => Promise<{ t: string; value?: unknown; error?: { tag: string } }>;
    portsSeen: number;
  }
}

/** Puts a bare caller of the engine into the page, on a port of its own; it follows the port of each new engine. */
async function installCaller(page: Page): Promise<void> {
  await page.evaluate(async () => {
    let port: MessagePort | undefined;
    let nextId = 1_000_000;
    window.portsSeen = 0;
    const first = new Promise<void>((resolve) => {
      window.addEventListener('message', (event) => {
        if ((event.data as { type?: string }).type !== 'lamella:engine-port') return;
        port = event.ports[0];
        window.portsSeen += 1;
        resolve();
      });
    });
    window.callEngine = (path, input) =>
      new Promise((resolve) => {
        const id = nextId++;
        const listen = (event: MessageEvent): void => {
          const answer = event.data as { id: number; t: string };
          if (answer.id !== id) return;
          port?.removeEventListener('message', listen);
          resolve(answer);
        };
        port?.addEventListener('message', listen);
        port?.start();
        port?.postMessage({ t: 'call', id, path, input });
      });
    window.lamella.connectEngine();
    await first;
  });
}

const enginePid = ({ app }: LamellaWindow): Promise<number | undefined> =>
  app.evaluate(
    ({ app: shell }) =>
      shell.getAppMetrics().find(({ serviceName, name }) => /engine/i.test(`${serviceName} ${name}`))?.pid,
  );

test('carries calls straight to the engine', async ({ lamella: { page } }) => {
  await installCaller(page);
  const answer = await page.evaluate(() => window.callEngine('home.recent', {}));
  expect(answer).toMatchObject({ t: 'ok', value: { libraries: [] } });
});

test('refuses a path that was not granted', async ({ lamella: { page } }) => {
  await installCaller(page);
  const answer = await page.evaluate(() => window.callEngine('library.open', { library: '/etc', create: false }));
  expect(answer).toMatchObject({ t: 'fail', error: { tag: 'forbidden' } });
});

test('answers again after the engine was killed', async ({ lamella }) => {
  const { page } = lamella;
  await installCaller(page);
  const before = await enginePid(lamella);
  expect(before).toBeGreaterThan(0);
  process.kill(before ?? 0, 'SIGKILL');
  await page.waitForFunction(() => window.portsSeen > 1);
  const answer = await page.evaluate(() => window.callEngine('home.recent', {}));
  expect(answer).toMatchObject({ t: 'ok' });
  expect(await enginePid(lamella)).not.toBe(before);
});

test('opens the library of --library, made where none is, and keeps its grant over a restart of the engine', async () => {
  const folder = join(realpathSync(mkdtempSync(join(tmpdir(), 'lamella-library-'))), 'new library');
  const lamella = await startLamella({ args: ['--library', folder] });
  try {
    await installCaller(lamella.page);
    const opened = async (): Promise<unknown> =>
      lamella.page.evaluate(async () => {
        const { library } = await window.lamella.launch();
        return (
          library && { name: library.name, answer: await window.callEngine('library.open', { library: library.id }) }
        );
      });
    const expected = { name: basename(folder), answer: { t: 'ok', value: { readOnly: false, datasets: [] } } };
    expect(await opened()).toMatchObject(expected);
    process.kill((await enginePid(lamella)) ?? 0, 'SIGKILL');
    await lamella.page.waitForFunction(() => window.portsSeen > 1);
    expect(await opened()).toMatchObject(expected);
  } finally {
    await lamella.app.close();
    rmSync(folder, { recursive: true, force: true });
    rmSync(lamella.profile, { recursive: true, force: true });
  }
});
