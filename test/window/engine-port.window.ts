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

/**
 * Puts a bare caller of the engine into the page. The page's client closes the ports that it doesn't need: those are
 * the caller's, so closing does nothing from now on. Answers to the other's calls are of no interest to either.
 */
async function installCaller(page: Page): Promise<void> {
  await page.evaluate(async () => {
    let port: MessagePort | undefined;
    let nextId = 1_000_000;
    window.portsSeen = 0;
    MessagePort.prototype.close = () => undefined;
    const takePort = (event: MessageEvent<{ type?: string }>, taken: () => void): void => {
      if (event.data.type !== 'lamella:engine-port') return;
      port = event.ports[0];
      port?.start();
      window.portsSeen += 1;
      taken();
    };
    window.callEngine = (path, input) =>
      new Promise((resolve) => {
        const id = nextId++;
        port?.addEventListener('message', ({ data }: MessageEvent<{ id: number; t: string }>) => {
          if (data.id === id) resolve(data);
        });
        port?.postMessage({ t: 'call', id, path, input });
      });
    await new Promise<void>((resolve) => {
      window.addEventListener('message', (event) => takePort(event, resolve));
      window.lamella.connectEngine();
    });
  });
}

const enginePid = ({ app }: LamellaWindow): Promise<number | undefined> =>
  app.evaluate(
    ({ app: shell }) =>
      shell.getAppMetrics().find(({ serviceName, name }) => /engine/i.test(`${serviceName} ${name}`))?.pid,
  );

/** Kills the engine's process, and waits until the page holds a port to the next one. */
async function killEngine(lamella: LamellaWindow): Promise<void> {
  const pid = await enginePid(lamella);
  expect(pid).toBeGreaterThan(0);
  const before = await lamella.page.evaluate(() => window.portsSeen);
  process.kill(pid ?? 0, 'SIGKILL');
  await lamella.page.waitForFunction((seen) => window.portsSeen > seen, before);
  expect(await enginePid(lamella)).not.toBe(pid);
}

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
  await installCaller(lamella.page);
  await killEngine(lamella);
  const answer = await lamella.page.evaluate(() => window.callEngine('home.recent', {}));
  expect(answer).toMatchObject({ t: 'ok' });
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
    await killEngine(lamella);
    expect(await opened()).toMatchObject(expected);
  } finally {
    await lamella.app.close();
    rmSync(folder, { recursive: true, force: true });
    rmSync(lamella.profile, { recursive: true, force: true });
  }
});
